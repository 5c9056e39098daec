"""The due moment of a dossier whose source sent none, computed from its procedure's time limit.

The rule, with its articles and an example, is section 3 of docs/definitions.md. No primary text was found for what
follows, so it is assumed:
- The closing instant is still within office hours.
- Pauses that overlap or touch are one pause. The part of a pause before the start of the count is left out. A pause
  that has not ended moves nothing yet.
- A limit is 1 to 9999 units. 0 is no limit, because it mostly means "not filled in".
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from service.domain.calendar.local_time import day_end, local_day
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.procedures import LimitUnit, TimeLimit


class PauseLike(Protocol):
    """A time during which the limit does not run; both ends aware, `end` None while it lasts."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime | None: ...


class Reached(NamedTuple):
    """Where a limit ends at one stage: its last day, and the due moment (UTC); after a day off, on a working day."""

    last_day: date
    due_at: datetime


class PauseEffect(NamedTuple):
    """What one pause did to the end of the limit.

    start, end: the part of the pause after the count began; end is None while it lasts. shift: by how much the pause
    moved the end; None when it moved nothing because it is open or began too late. on_moved_day: the shift was added
    to the working day to which the due day had moved. reached: the end of the limit after this pause.
    """

    start: datetime
    end: datetime | None
    shift: timedelta | None
    on_moved_day: bool
    reached: Reached


class DueCalculation(NamedTuple):
    """How a due moment was reached: the start of the count, the end without pauses, and the effect of each pause."""

    received_at: datetime
    limit: TimeLimit
    calendar: WorkCalendar
    start: datetime
    without_pauses: Reached
    effects: tuple[PauseEffect, ...]

    @property
    def reached(self) -> Reached:
        return self.effects[-1].reached if self.effects else self.without_pauses

    @property
    def due_at(self) -> datetime:
        """Return the last moment that is on time (inclusive, UTC)."""
        return self.reached.due_at

    @property
    def precision(self) -> Literal["day", "instant"]:
        """Return whether the limit runs to the end of a day or to an instant."""
        return "instant" if self.limit.unit is LimitUnit.WORKING_HOUR else "day"


def compute_due(
    received_at: datetime, limit: TimeLimit, calendar: WorkCalendar, pauses: Iterable[PauseLike] = ()
) -> DueCalculation:
    """Compute the due moment of a dossier received at an aware moment.

    Raises OutsideCalendar (a ValueError) when the limit leads out of the working calendar.
    """
    start = _start(received_at, limit, calendar)
    without_pauses = reached = _without_pauses(start, limit, calendar)
    effects: list[PauseEffect] = []
    for pause_start, pause_end in _merged(pauses, start):
        effect = _effect(limit.unit, calendar, reached, pause_start, pause_end)
        effects.append(effect)
        reached = effect.reached
    return DueCalculation(received_at, limit, calendar, start, without_pauses, tuple(effects))


def _start(received_at: datetime, limit: TimeLimit, calendar: WorkCalendar) -> datetime:
    opening = calendar.opening_from(received_at)
    same_day = calendar.office_hours.receipt_off_hours == "same" and limit.unit is not LimitUnit.WORKING_HOUR
    return received_at.astimezone(UTC) if same_day else opening


def _without_pauses(start: datetime, limit: TimeLimit, calendar: WorkCalendar) -> Reached:
    day, amount = local_day(start), limit.amount
    match limit.unit:
        case LimitUnit.WORKING_HOUR:
            return _at(calendar.add_working_time(start, timedelta(hours=amount)))
        case LimitUnit.WORKING_DAY:
            return _on(calendar.add_working_days(day, amount), calendar)
        case LimitUnit.MONTH:
            year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
            return _on(date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])), calendar)
        case LimitUnit.CALENDAR_DAY:
            return _on(day + timedelta(amount), calendar)


def _at(instant: datetime) -> Reached:
    return Reached(local_day(instant), instant)


def _on(last_day: date, calendar: WorkCalendar) -> Reached:
    return Reached(last_day, day_end(calendar.first_working_day(last_day)))


def _effect(
    unit: LimitUnit, calendar: WorkCalendar, before: Reached, start: datetime, end: datetime | None
) -> PauseEffect:
    if end is None or start > before.due_at:
        return PauseEffect(start, end, None, False, before)
    if unit is LimitUnit.WORKING_HOUR:
        shift = calendar.working_time(start, end)
        moved = _at(calendar.add_working_time(before.due_at, shift)) if shift else before
        return PauseEffect(start, end, shift, False, moved)
    first, last = local_day(start), local_day(end)
    on_moved_day = first > before.last_day
    base = local_day(before.due_at) if on_moved_day else before.last_day
    if unit is LimitUnit.WORKING_DAY:
        days = calendar.working_days_between(first, last)
        return PauseEffect(start, end, timedelta(days), False, _on(calendar.add_working_days(base, days), calendar))
    return PauseEffect(start, end, last - first, on_moved_day, _on(base + (last - first), calendar))


def _merged(pauses: Iterable[PauseLike], since: datetime) -> list[tuple[datetime, datetime | None]]:
    """Return the parts of pauses after `since`, in order; ended ones that overlap or touch are merged."""
    spans = [(max(pause.start, since), pause.end) for pause in pauses]
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted((start, end) for start, end in spans if end is not None and end > start):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return sorted([*merged, *((start, None) for start, end in spans if end is None)], key=lambda span: span[0])
