"""Signs that data are late, wrong or made to look better: counted and shown, never a reason to refuse.

Gia Lai reported in November 2025 that 61 % of its overdue dossiers were overdue only because the data came late or
wrong. A vendor can mend only what it is told, so each kind says the cause and what to do.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from service.domain.calendar.local_time import is_before
from service.domain.dossier.evaluation import Evaluation
from service.domain.dossier.progress import DONE, AppliedSteps
from service.domain.dossier.snapshot import ProgressStep, Snapshot
from service.domain.dossier.statuses import CLOSED, ENDED, NEEDS_RECEIPT, NEVER_COUNTED, PAUSED, UNDER_WAY
from service.domain.json_beside import json_beside

CLOCK_TOLERANCE = timedelta(minutes=5)
FUTURE_TOLERANCE = timedelta(days=1)
"""A `changed_at` further ahead than this is treated as absent."""


class DataWarning(NamedTuple):
    """A kind of warning: the field to look at, and the cause and remedy, in both languages."""

    kind: str
    field: str
    vi: str
    en: str

    def as_dict(self) -> dict[str, str]:
        return {"kind": self.kind, "field": self.field, "message": f"{self.vi} ({self.en})"}


WARNINGS, READING_WARNINGS = (
    {kind: DataWarning(kind, **rest) for kind, rest in json_beside(__file__, file).items()}
    for file in ("data_warnings.json", "reading_warnings.json")
)
"""Warnings about a dossier, stored with it; and about how a row of a file was read, told with the row alone."""


def reading_warning(kind: str, about: str = "") -> DataWarning:
    """Return a warning about how a row was read; about: the code or word that its text names."""
    warning = READING_WARNINGS[kind]
    return warning._replace(vi=warning.vi.format(about=about)) if about else warning


PAUSED_SENT_AS_DONE = "paused_sent_as_done"

FROM_JOBS = frozenset({"recoded"})
"""Kinds that a nightly job sets and takes away; an event leaves them as they are."""

FROM_READING = frozenset({"changed_at_in_future"})
"""Kinds that depend on when the record was read; they stay while that record is the current one."""


def state_warnings(snapshot: Snapshot, applied: AppliedSteps, evaluation: Evaluation, known_at: datetime) -> list[str]:
    """Return the kinds that follow from a dossier's current state alone: its snapshot with its steps applied."""
    state = applied.state
    received, finished = state.received_at, state.finished_at or state.returned_at
    kinds = []
    if received and any(end and is_before(end, received) for end in (state.finished_at, state.returned_at)):
        kinds.append("finished_before_received")
    if received and evaluation.due_at and evaluation.due_at < received:
        kinds.append("due_before_received")
    if state.status in CLOSED and not applied.ended_by_step and not (finished and evaluation.end_is_known):
        kinds.append("closed_without_end")
    if state.status in UNDER_WAY and finished:
        kinds.append("end_date_while_open")
    if state.status in NEEDS_RECEIPT and received is None:
        kinds.append("not_received")
    if _lies_ahead(snapshot, known_at + CLOCK_TOLERANCE):
        kinds.append("time_in_future")
    return kinds + pause_warnings(snapshot, applied) if snapshot.pauses else kinds


def pause_warnings(snapshot: Snapshot, applied: AppliedSteps) -> list[str]:
    """Return the kinds that tell what is wrong with the pauses that were sent: reversed, without length, left open."""
    kinds = []
    short = [(start, end) for start, end in snapshot.pauses if end is not None and end <= start]
    if any(is_before(end, start) for start, end in short):
        kinds.append("pause_reversed")
    if any(not is_before(end, start) for start, end in short):
        kinds.append("pause_empty")
    left_open = {pause.start for pause in snapshot.pauses if pause.end is None}
    if snapshot.status not in PAUSED:
        kinds += ["pause_left_open"] if left_open else []
    elif applied.state.status in ENDED and left_open & {request.start for request in applied.lasting}:
        kinds.append("pause_left_open")
    return kinds


def _lies_ahead(snapshot: Snapshot, now: datetime) -> bool:
    """Say whether a moment of a snapshot lies in the future; the planned end of a pause that lasts is none of them."""
    for moment in (snapshot.received_at, snapshot.finished_at, snapshot.returned_at):
        if moment is not None and moment > now:
            return True
    planned = snapshot.status in PAUSED
    return any(start > now or (end is not None and not planned and end > now) for start, end in snapshot.pauses)


def step_warnings(
    snapshot: Snapshot, applied: AppliedSteps, steps: Sequence[ProgressStep], due_at: datetime | None = None
) -> list[str]:
    """Return the kinds that progress steps give.

    paused_sent_as_done: a step 9 or 10 while a supplement is asked for. done_at_receipt: a step 9 or 10 at the very
    moment of receipt, for a dossier that was sent without a due date. reopened: a step took an outcome back.
    uncounted_after_due: after the due moment a step told a received dossier as refused or submitted.
    """
    kinds = ["paused_sent_as_done"] if applied.done_while_paused else []
    kinds += ["reopened"] if applied.reopened else []
    received = applied.state.received_at
    if snapshot.due_at is None and any(step.status in DONE and step.moment == received for step in steps):
        kinds.append("done_at_receipt")
    left_count = applied.state.status in NEVER_COUNTED and received is not None and not applied.reopened
    if left_count and due_at and any(step.status in NEVER_COUNTED and step.moment > due_at for step in steps):
        kinds.append("uncounted_after_due")
    return kinds


def done_in_a_pause(snapshot: Snapshot, applied: AppliedSteps) -> bool:
    """Say whether a snapshot of status 9 or 10 has a pause that lasts beyond its end."""
    if not snapshot.pauses or applied.state.status not in DONE:
        return False
    finished = applied.state.finished_at or applied.state.returned_at
    return any(lasts or (finished and end and end > finished) for _, end, lasts, _ in applied.requests)
