"""Where a dossier stands: everything about it that counting needs, worked out once when an event is filed.

The rules are those of docs/definitions.md, sections 3 and 4.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from service.domain.calendar.local_time import day_end, is_before, local_day
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.dossier.pauses import PausedInterval, paused_intervals
from service.domain.dossier.progress import AppliedSteps
from service.domain.dossier.snapshot import Pause, Snapshot
from service.domain.dossier.statuses import CLOSED, ENDED, NEVER_COUNTED, Status
from service.domain.dossier.versions import Run

RECEPTION_TIME = timedelta(hours=8)
"""Working time within which a submitted dossier must be received."""


class Outcome(StrEnum):
    """How a closed dossier ended."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    NO_DEADLINE = "no_deadline"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"


_UNJUDGED: dict[int, Outcome] = {Status.WITHDRAWN: Outcome.WITHDRAWN, Status.STOPPED: Outcome.STOPPED}


class Evaluation(NamedTuple):
    """What counting needs of a dossier.

    received_at: R, or None for a dossier that is never counted. ended_at: E for a closed dossier (never before R), the
    refusal for a refused one. end_is_known: the end was sent; else ended_at is when the end became known. due_at: the
    last moment that is still on time. paused: disjoint intervals. reception_limit: the last moment at which receiving
    it was in time; None when it was received by then.
    """

    status: int
    received_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    paused: list[PausedInterval]
    reception_limit: datetime | None
    end_is_known: bool


def due_moment(state: Snapshot) -> datetime | None:
    """Return the last moment that is on time: the end of the due day, or the instant itself.

    A due date has day precision unless the source says instant (Civil Code 2015, art. 148).
    """
    return state.due_at if state.due_at is None or state.due_is_instant else day_end(local_day(state.due_at))


def judge(ended_at: datetime, due_at: datetime | None) -> Outcome:
    """Return the outcome of a dossier that was resolved at a moment, by its due moment."""
    if due_at is None:
        return Outcome.NO_DEADLINE
    if ended_at > due_at:
        return Outcome.LATE
    return Outcome.EARLY if local_day(ended_at) < local_day(due_at) else Outcome.ON_TIME


def deadline_pauses(applied: AppliedSteps) -> list[Pause]:
    """Return the pauses that move a computed deadline: those whose end was sent.

    A pause that ends only because the dossier ended moves nothing: otherwise a forgotten pause makes it punctual.
    """
    return [Pause(start, end) for start, end, *_ in applied.requests if end is not None and end > start]


def evaluate(
    applied: AppliedSteps, run: Run, work: WorkCalendar, computed_due_at: datetime | None = None
) -> Evaluation:
    """Work out where a dossier stands.

    applied: its current snapshot with its steps applied. run: the unbroken run of versions with that snapshot's status.
    computed_due_at: the due moment from the procedure's time limit, used when the source sent none.
    """
    state = applied.state
    due_at = due_moment(state) or computed_due_at
    end, end_is_known = _end(applied, run) if state.status in ENDED else (None, False)
    received_at = state.received_at if state.status not in NEVER_COUNTED else None  # the status governs
    outcome, ended_at = None, end
    if received_at is not None and end is not None and state.status in CLOSED:
        outcome = _UNJUDGED.get(state.status) or judge(end, due_at if end_is_known else None)
        ended_at = max(end, received_at)
    limit = _reception_limit(state.submitted_at, received_at or end, work)
    paused = paused_intervals(applied.requests, ended_at, due_at) if applied.requests else []
    return Evaluation(state.status, received_at, due_at, ended_at, outcome, paused, limit, end_is_known)


def _end(applied: AppliedSteps, run: Run) -> tuple[datetime, bool]:
    """Return the end of a closed dossier, and whether it was sent; the order is that of section 3.

    When a 9 without any date was known before `returned_at`, the dossier was done by then, and nobody said when.
    """
    state = applied.state
    resolved_since = run.resolved_since if applied.goes_on else None
    if sent := state.finished_at or resolved_since:
        return sent, True
    if state.returned_at is not None:
        resolved_known_at = run.resolved_known_at if applied.goes_on else None
        if resolved_known_at is not None and is_before(resolved_known_at, state.returned_at):
            return resolved_known_at, False
        return state.returned_at, True
    return applied.closed_at or run.since, applied.closed_told


def _reception_limit(
    submitted_at: datetime | None, answered_at: datetime | None, work: WorkCalendar
) -> datetime | None:
    """Return the limit for receiving a submitted dossier; None when it was received, refused or withdrawn by then."""
    if submitted_at is None or (answered_at is not None and answered_at - submitted_at <= RECEPTION_TIME):
        return None
    limit = work.latest_within(submitted_at, RECEPTION_TIME)
    return limit if answered_at is None or answered_at > limit else None
