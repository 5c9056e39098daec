"""Signs that data were changed to look better (làm đẹp số liệu): each version is compared with all before it."""

from copy import copy
from datetime import datetime
from typing import Self

from service.domain.dossier.evaluation import Evaluation, Outcome
from service.domain.dossier.pauses import covers
from service.domain.dossier.progress import DONE
from service.domain.dossier.statuses import UNDER_WAY, Status

_IN_TIME = (Outcome.EARLY, Outcome.ON_TIME)
_COUNTED_AS_LATE = DONE | UNDER_WAY
_LEFT_OUT = "due_removed_after_passing"


class PolishingWatch:
    """Looks at the versions of a dossier from the oldest to the newest, and collects the signs of polishing.

    The table "Signs of polishing" in section 8 of docs/definitions.md says what each sign means. A due moment that a
    version leaves out stays in force.
    """

    def __init__(self) -> None:
        self.signs: set[str] = set()
        self._due_in_force: datetime | None = None
        self._ended_at: datetime | None = None
        self._first_missed_due: datetime | None = None
        self._last_late_end: datetime | None = None
        self.done_ends: set[datetime] = set()
        self._was_received = self._had_due = self._is_left_out = False

    def see(self, moment: datetime, evaluation: Evaluation) -> None:
        """Compare a version (its moment, and where the dossier stood by it) with all before it, then remember it."""
        due_at, ended_at, status = evaluation.due_at, evaluation.ended_at, evaluation.status
        self._note_missed_due(moment)
        missed = self._first_missed_due
        if missed is not None and due_at is not None and due_at != self._due_in_force and due_at > missed:
            self.signs.add("deadline_moved_after_passing")
        self._due_in_force, self._ended_at = due_at or self._due_in_force, ended_at
        by_due = ended_at is not None and self._due_in_force is not None and ended_at <= self._due_in_force
        self._is_left_out = due_at is None and (self._is_left_out or (self._had_due and missed is not None))
        self._had_due = due_at is not None
        self.signs.discard(_LEFT_OUT)
        if self._is_left_out and evaluation.received_at and status in _COUNTED_AS_LATE and not by_due:
            self.signs.add(_LEFT_OUT)
        in_time = evaluation.outcome in _IN_TIME or (evaluation.outcome is not None and by_due)
        if in_time and ended_at and self._last_late_end and ended_at < self._last_late_end:
            self.signs.add("end_moved_back")
        if status == Status.WITHDRAWN and ended_at and self._due_in_force and ended_at > self._due_in_force:
            self.signs.add("withdrawn_after_due")
        if missed is not None and self._was_received and evaluation.received_at is None:
            self.signs.add("uncounted_after_due")
        self._was_received |= evaluation.received_at is not None
        if self.done_ends and status not in DONE and status != Status.WITHDRAWN:
            self.signs.add("reopened")
            if any(covers(interval, end) for interval in evaluation.paused for end in self.done_ends):
                self.signs.add("paused_sent_as_done")
        if evaluation.outcome == Outcome.LATE and ended_at:
            self._last_late_end = max(ended_at, self._last_late_end or ended_at)
        if status in DONE and evaluation.outcome is not None and ended_at:
            self.done_ends.add(ended_at)

    def copy(self) -> Self:
        twin = copy(self)
        twin.signs, twin.done_ends = self.signs.copy(), self.done_ends.copy()
        return twin

    def delete(self, moment: datetime) -> None:
        """Note a deletion: a sign when the due moment in force had passed and the dossier had not ended by it."""
        self._note_missed_due(moment)
        if self._is_missed(moment):
            self.signs.add("deleted_after_due")

    def _note_missed_due(self, moment: datetime) -> None:
        """Remember the due moment in force if the dossier missed it: the earliest one that was missed counts."""
        if self._is_missed(moment) and self._due_in_force is not None:
            self._first_missed_due = min(self._due_in_force, self._first_missed_due or self._due_in_force)

    def _is_missed(self, moment: datetime) -> bool:
        """Say whether the due moment in force had passed at a moment, and the dossier had not ended by it."""
        due_at, ended_at = self._due_in_force, self._ended_at
        return due_at is not None and due_at < moment and (ended_at is None or ended_at > due_at)
