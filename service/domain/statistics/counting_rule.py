"""The counting rule (docs/definitions.md, section 4): what one dossier counts as at a moment.

service/store/counting.py says the same in SQL for many dossiers at once; a contract test compares the two.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple, Protocol

from service.domain.calendar.local_time import local_day
from service.domain.dossier.lateness import Lateness
from service.domain.dossier.pauses import PausedInterval, covers
from service.domain.dossier.statuses import Channel

RECEIVED_FLOW: dict[int, str] = {channel: f"received_{channel.api_name}" for channel in Channel}
LATE_PART = {"withdrawn": "withdrawn_late", "stopped": "stopped_late"}
"""The count of the withdrawn, or stopped, dossiers that ended after their due moment."""


class TalliedDossier(Protocol):
    """What a dossier's flows follow from: a stored row has these, and so has a row that was just worked out."""

    @property
    def channel(self) -> int: ...
    @property
    def received_at(self) -> datetime | None: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def reception_limit(self) -> datetime | None: ...


class CountedDossier(TalliedDossier, Protocol):
    """A dossier to count. merged_received_at: its receipt, if another dossier counts in its place; else None."""

    @property
    def merged_received_at(self) -> datetime | None: ...
    @property
    def lateness(self) -> int | None: ...


class CountWindow(NamedTuple):
    """The time to count over: [start, counted_until].

    soon: an open dossier that is due by then counts as due_soon. horizon: one that is due by then counts as
    due_by_horizon; None: not asked for. opened: the start of the window for merged dossiers; None: `start`.
    """

    start: datetime
    counted_until: datetime
    soon: datetime
    horizon: datetime | None = None
    opened: datetime | None = None


def counted_as(
    dossier: CountedDossier, paused: Iterable[PausedInterval], window: CountWindow, told_until: datetime | None = None
) -> list[str]:
    """Return the counts to which a dossier adds one.

    told_until: the moment of the source's last record or heartbeat of the dossier's unit.
    """
    names = ["reception_overdue"] if _awaits_reception(dossier, window.counted_until) else []
    if _is_merged(dossier, window):
        names.append("merged")
    received_at, ended_at = dossier.received_at, dossier.ended_at
    if received_at is None or received_at > window.counted_until:
        return names
    if ended_at is not None and ended_at < window.start:
        return names
    names += ["carried_over"] if received_at < window.start else _received_as(dossier)
    if ended_at is not None and ended_at <= window.counted_until:
        return [*names, *_closed_as(dossier)]
    pause = next((pause for pause in paused if covers(pause, window.counted_until)), None)
    if pause is not None:
        return [*names, "paused_in_time" if pause.in_time else "paused_overdue"]
    return [*names, *_open_as(dossier.due_at, window, told_until)]


def in_cohort_as(
    dossier: TalliedDossier, paused: Iterable[PausedInterval], window: CountWindow, as_of: datetime
) -> str | None:
    """Return the cohort count of a dossier that was due in the window, as it is at `as_of`; None for other dossiers.

    cohort_excluded are dossiers that were withdrawn or stopped, that are paused, or whose end nobody sent.
    """
    due_at, received_at = dossier.due_at, dossier.received_at
    if due_at is None or not window.start <= due_at <= window.counted_until:
        return None
    if received_at is None or received_at > as_of:
        return None
    if dossier.ended_at is not None and dossier.ended_at <= as_of:
        judged = {"early": "cohort_on_time", "on_time": "cohort_on_time", "late": "cohort_late"}
        return judged.get(dossier.outcome or "", "cohort_excluded")
    return "cohort_excluded" if any(covers(pause, as_of) for pause in paused) else "cohort_late"


def lateness_as(dossier: CountedDossier, window: CountWindow) -> list[str]:
    """Return the counts beside the outcome to which a dossier that ended in the window adds one."""
    ended_at = dossier.ended_at
    if ended_at is None or not window.start <= ended_at <= window.counted_until:
        return []
    return [bit.name for bit in Lateness(dossier.lateness or 0) if bit.name]


def flows(dossier: TalliedDossier) -> list[tuple[date, str]]:
    """Return what a dossier adds to the tallies: each flow with its local day.

    This is the only definition of a dossier's contribution; ingest and `tallies verify` both use it.
    """
    if dossier.received_at is None:
        return []
    day = local_day(dossier.received_at)
    contribution = [(day, name) for name in _received_as(dossier)]
    if dossier.ended_at is not None:
        day = local_day(dossier.ended_at)
        contribution += [(day, name) for name in _closed_as(dossier)]
    return contribution


def _received_as(dossier: TalliedDossier) -> Iterator[str]:
    """Yield the channel through which a dossier was received, and "reception_late" where it was."""
    yield RECEIVED_FLOW[dossier.channel]
    if dossier.reception_limit is not None:
        yield "reception_late"


def _closed_as(dossier: TalliedDossier) -> Iterator[str]:
    """Yield a closed dossier's outcome, and "withdrawn_late" or "stopped_late" where it ended after its due moment."""
    outcome = dossier.outcome
    if outcome is None:
        return
    yield outcome
    ended_at, due_at = dossier.ended_at, dossier.due_at
    if outcome in LATE_PART and due_at is not None and ended_at is not None and ended_at > due_at:
        yield LATE_PART[outcome]


def _open_as(due_at: datetime | None, window: CountWindow, told_until: datetime | None) -> Iterator[str]:
    if due_at is not None and due_at < window.counted_until:
        yield "open_overdue"
        if told_until is not None and told_until > due_at:
            yield "overdue_confirmed"
        return
    yield "open_in_time"
    if due_at is None:
        yield "open_no_deadline"
        return
    if due_at <= window.soon:
        yield "due_soon"
    if window.horizon is not None and due_at <= window.horizon:
        yield "due_by_horizon"


def _awaits_reception(dossier: TalliedDossier, moment: datetime) -> bool:
    """Say whether a submitted dossier has waited too long: neither received nor refused by a moment."""
    limit, answered_at = dossier.reception_limit, dossier.received_at or dossier.ended_at
    return limit is not None and limit < moment and (answered_at is None or answered_at > moment)


def _is_merged(dossier: CountedDossier, window: CountWindow) -> bool:
    """Say whether a dossier would count in the window if no other one were counted in its place."""
    received_at, ended_at = dossier.merged_received_at, dossier.ended_at
    if received_at is None or received_at > window.counted_until:
        return False
    return ended_at is None or ended_at >= (window.opened or window.start)
