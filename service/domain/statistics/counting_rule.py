"""The counting rule of one dossier (docs/definitions.md, section 4), plain: what it counts as at a moment.

service/store/counting.py says the same in SQL for many dossiers at once; a contract test holds the two together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from service.domain.calendar.local_time import local_day
from service.domain.dossier.lateness import Lateness
from service.domain.dossier.pauses import PausedInterval, covers
from service.domain.dossier.statuses import Channel

RECEIVED_FLOW: dict[int, str] = {channel: f"received_{channel.api_name}" for channel in Channel}
LATE_PART = {"withdrawn": "withdrawn_late", "stopped": "stopped_late"}
"""The count of those that ended without an outcome, and after their due moment."""


class TalliedDossier(Protocol):
    """What a dossier's flows follow from, on a stored row as on one that was just worked out."""

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
    """A dossier as it is counted. Where another one is counted in its place, only its receipt is kept."""

    @property
    def merged_received_at(self) -> datetime | None: ...
    @property
    def lateness(self) -> int | None: ...


@dataclass(frozen=True)
class CountWindow:
    """The time to count over: [start, counted_until]; a dossier that is due by `soon` is due soon.

    horizon: `due_by_horizon` counts what is due by then, where it is asked for. opened: since when merged dossiers are
    counted; None: since the window's start.
    """

    start: datetime
    counted_until: datetime
    soon: datetime
    horizon: datetime | None = None
    opened: datetime | None = None


def counted_as(
    dossier: CountedDossier, paused: Iterable[PausedInterval], window: CountWindow, told_until: datetime | None = None
) -> list[str]:
    """Return the counts to which a dossier adds one; none when it does not count in the window.

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
    names += _received_as(dossier, received_at, window.start)
    if ended_at is not None and ended_at <= window.counted_until:
        return [*names, *_closed_as(dossier)]
    pause = next((pause for pause in paused if covers(pause, window.counted_until)), None)
    if pause is not None:
        return [*names, "paused_in_time" if pause.in_time else "paused_overdue"]
    return [*names, *_open_as(dossier.due_at, window, told_until)]


def in_cohort_as(
    dossier: TalliedDossier, paused: Iterable[PausedInterval], window: CountWindow, as_of: datetime
) -> str | None:
    """Return the count of a dossier among those that were due in the window, as it is at `as_of`; None for others.

    Left out (cohort_excluded) are dossiers that were withdrawn or stopped, that are paused, or whose end nobody sent.
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
    return [said.name for said in Lateness(dossier.lateness or 0) if said.name]


def flows(dossier: TalliedDossier) -> list[tuple[date, str]]:
    """Return what a dossier adds to the tallies: each flow with its local day.

    The one definition of a dossier's contribution: ingest and the verification both use it.
    """
    if dossier.received_at is None:
        return []
    day = local_day(dossier.received_at)
    moved = [(day, RECEIVED_FLOW[dossier.channel])]
    if dossier.reception_limit is not None:
        moved.append((day, "reception_late"))
    if dossier.outcome is not None and dossier.ended_at is not None:
        day = local_day(dossier.ended_at)
        moved += [(day, name) for name in _closed_as(dossier)]
    return moved


def _received_as(dossier: TalliedDossier, received_at: datetime, start: datetime) -> Iterator[str]:
    """Yield how a dossier came into the period: carried over, or received, perhaps later than it should have been."""
    if received_at < start:
        yield "carried_over"
        return
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
    """Say whether another dossier is counted in the place of this one, which would otherwise count in the period."""
    received_at, ended_at = dossier.merged_received_at, dossier.ended_at
    if received_at is None or received_at > window.counted_until:
        return False
    return ended_at is None or ended_at >= (window.opened or window.start)
