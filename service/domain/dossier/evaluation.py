"""Where a dossier stands: everything about it that counting needs, worked out once at the door.

The rules are DOMAIN sections 3 and 4 as docs/definitions.md gives them: a dossier is judged by
`finished_at`, so a citizen who collects late never makes it late.
"""

from bisect import bisect_left
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from service.domain.calendar.local_time import day_end, local_day
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.dossier.snapshot import PausedInterval, Snapshot, known_pauses, paused_intervals
from service.domain.dossier.statuses import CLOSED, ENDED, Status

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


class Evaluation(NamedTuple):
    """What counting needs of a dossier.

    received_at: R, or None for a dossier that is never counted. ended_at: E for a closed dossier
    (never before R), the refusal for a refused one. due_at: the last moment that is still on time.
    span: how long it took, in classes of 4^n days; None while unfinished. paused: disjoint spans.
    reception_limit: the last moment at which receiving it was in time, only if that was or may
    still be missed.
    """

    status: int
    received_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    span: int | None
    paused: list[PausedInterval]
    reception_limit: datetime | None
    end_is_known: bool


def due_moment(state: Snapshot) -> datetime | None:
    """Return the last moment that is on time: the end of the due day, or the instant itself.

    A due date has day precision unless the source says instant (Civil Code 2015, art. 148).
    """
    if state.due_at is None or state.due_is_instant:
        return state.due_at
    return day_end(local_day(state.due_at))


def judge(ended_at: datetime, due_at: datetime | None) -> Outcome:
    """Return the outcome of a dossier that was resolved at a moment, against its due moment."""
    if due_at is None:
        return Outcome.NO_DEADLINE
    if ended_at > due_at:
        return Outcome.LATE
    return Outcome.EARLY if local_day(ended_at) < local_day(due_at) else Outcome.ON_TIME


MAX_SPAN = 7
DURATION_CLASS_LIMITS = (*(timedelta(days=4**n) for n in range(MAX_SPAN)), timedelta(days=150 * 366))
"""The longest duration of each span class; the last holds whatever years 1990 to 2100 allow."""


def duration_class_of(duration: timedelta) -> int:
    """Return the smallest class whose limit a duration does not exceed."""
    return bisect_left(DURATION_CLASS_LIMITS, duration)


def _outcome(state: Snapshot, end: datetime, end_is_known: bool, due_at: datetime | None) -> Outcome:
    if state.status == Status.WITHDRAWN:
        return Outcome.WITHDRAWN
    if state.status == Status.STOPPED:
        return Outcome.STOPPED
    return judge(end, due_at) if end_is_known else Outcome.NO_DEADLINE


def _reception_limit(
    state: Snapshot, received_at: datetime | None, end: datetime | None, work: WorkCalendar
) -> datetime | None:
    """Return the limit for receiving a submitted dossier, unless it was kept."""
    if state.submitted_at is None:
        return None
    refused = state.status == Status.REFUSED  # and so never received, whatever date it carries
    answered = None if state.status == Status.SUBMITTED else end if refused else received_at or end
    if answered is not None and answered - state.submitted_at <= RECEPTION_TIME:
        return None
    limit = work.latest_within(state.submitted_at, RECEPTION_TIME)
    return limit if answered is None or answered > limit else None


def evaluate(
    state: Snapshot,
    known_at: datetime,
    work: WorkCalendar,
    ended_by_step: datetime | None = None,
    computed_due_at: datetime | None = None,
) -> Evaluation:
    """Work out where a dossier stands.

    state: a snapshot, carried further by its steps. known_at: when it became known, in UTC, the
    end of a closed dossier of which nothing else says when it ended; such a one is `no_deadline`.
    computed_due_at: the due moment from the procedure's time limit, used when the source sent none.
    """
    due_at = due_moment(state) or computed_due_at
    end, end_is_known = None, False
    if state.status in ENDED:
        known_end = state.finished_at or state.returned_at or ended_by_step or state.changed_at
        end, end_is_known = known_end or known_at, known_end is not None
    counted = state.status not in (Status.SUBMITTED, Status.REFUSED)
    received_at = state.received_at if counted else None
    outcome, span, ended_at = None, None, end
    if received_at is not None and end is not None and state.status in CLOSED:
        outcome = _outcome(state, end, end_is_known, due_at)
        ended_at = max(end, received_at)
        span = duration_class_of(ended_at - received_at)
    limit = _reception_limit(state, state.received_at, end, work) if state.submitted_at else None
    spans = paused_intervals(known_pauses(state), due_at)
    return Evaluation(state.status, received_at, due_at, ended_at, outcome, span, spans, limit, end_is_known)
