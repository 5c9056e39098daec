"""How a due moment was reached, in words: each step of the calculation in Vietnamese and English.

The steps stand in the order in which they happened: receipt, time limit, the days off that it skipped, each
pause with the days off after it, the due moment, and a year whose calendar is not confirmed yet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from service.domain.both_languages import Words
from service.domain.calendar.deadlines import DueCalculation, PauseEffect, Reached
from service.domain.calendar.holidays import COMPARED_YEARS
from service.domain.calendar.local_time import DAY, local_day, local_iso, to_local
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.json_beside import json_beside
from service.domain.procedures import LimitUnit


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step to the due moment: the local day or moment it speaks of (ISO 8601), in two languages."""

    at: str
    vi: str
    en: str


_ALL = json_beside(__file__)
_UNITS, _STEPS = ({name: Words(*words) for name, words in _ALL[kind].items()} for kind in ("units", "steps"))
_WEEKDAYS = [Words(*words) for words in _ALL["weekdays"]]
_WEEKEND = Words("cuối tuần", "weekend")
_NAMED_RANGES = 6
"""How many ranges of days off a step names one by one; of more, holidays are named and weekend days counted."""


def trace(calculation: DueCalculation) -> tuple[TraceStep, ...]:
    """Put a calculation into words."""
    return tuple(_steps(calculation))


def _steps(calculation: DueCalculation) -> Iterator[TraceStep]:
    yield _receipt(calculation)
    yield _limit(calculation)
    reached = calculation.without_pauses
    yield from _skipped(calculation, local_day(calculation.start), local_day(reached.due_at))
    for effect in calculation.effects:
        if effect.on_moved_day:
            yield _moved(reached, calculation.calendar)
        yield _pause(calculation, effect)
        yield from _skipped(calculation, local_day(reached.due_at), local_day(effect.reached.due_at))
        reached = effect.reached
    if local_day(reached.due_at) != reached.last_day:
        yield _moved(reached, calculation.calendar)
    yield _due(calculation)
    yield from _unconfirmed(calculation)


def _say(at: date | datetime, step: str, *words: Words) -> TraceStep:
    vi, en = _STEPS[step]
    iso = local_iso(at) if isinstance(at, datetime) else at.isoformat()
    return TraceStep(iso, vi.format(*(word.vi for word in words)), en.format(*(word.en for word in words)))


# The words of days, moments and amounts


def _clock(moment: datetime) -> str:
    local = to_local(moment)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


@lru_cache(maxsize=1024)  # records of one push share their days, and formatting is most of the cost
def _day(day: date) -> Words:
    weekday = _WEEKDAYS[day.weekday()]
    return Words(f"{weekday.vi} {day:%d/%m/%Y}", f"{weekday.en} {day}")


def _moment(moment: datetime) -> Words:
    day = _day(local_day(moment))
    return Words(f"{_clock(moment)} {day.vi}", f"{day.en} {_clock(moment)}")


def _amount(amount: int, unit: LimitUnit) -> Words:
    vi, en = _UNITS[unit]
    return Words(f"{amount} {vi}", f"{amount} {en}" + ("" if amount == 1 else "s"))


# Receipt, limit, pauses, due moment


def _receipt(calculation: DueCalculation) -> TraceStep:
    received_at, start = calculation.received_at, calculation.start
    receipt, why = _moment(received_at), _why_closed(received_at, calculation.calendar)
    if why is None:
        return _say(received_at, "received_open", receipt)
    if start == received_at:
        return _say(received_at, "received_closed_counted", receipt, why)
    return _say(received_at, "received_closed", receipt, why, _moment(start))


def _why_closed(moment: datetime, calendar: WorkCalendar) -> Words | None:
    """Return why the office is closed from a moment to its next opening; None when it is open."""
    opening = calendar.opening_from(moment)
    if opening == moment:
        return None
    off = _days_off(calendar, local_day(moment), local_day(opening) - DAY)
    reasons = _closed_hours(moment, calendar)
    if off:
        vi, en = _titles(off)
        reasons.append(Words(f"ngày nghỉ ({vi})", f"day off ({en})"))
    return _joined(", ", reasons)


def _closed_hours(moment: datetime, calendar: WorkCalendar) -> list[Words]:
    """Say why the office is closed at this time of a working day; nothing on a day off."""
    if not calendar.is_working_day(local_day(moment)):
        return []
    clock, sessions = to_local(moment).time(), calendar.office_hours.sessions
    if clock < sessions[0][0]:
        return [Words("trước giờ mở cửa", "before opening")]
    if clock > sessions[-1][1]:
        return [Words("buổi tối sau giờ làm việc", "in the evening after closing")]
    return [Words("trong giờ nghỉ trưa", "during the lunch break")]


def _limit(calculation: DueCalculation) -> TraceStep:
    amount, reached = _amount(calculation.limit.amount, calculation.limit.unit), calculation.without_pauses
    if calculation.precision == "instant":
        return _say(reached.due_at, "limit_in_hours", amount, _moment(reached.due_at))
    return _say(reached.last_day, "limit_in_days", amount, _day(reached.last_day))


def _pause(calculation: DueCalculation, effect: PauseEffect) -> TraceStep:
    start = _moment(effect.start)
    if effect.end is None:
        return _say(effect.start, "pause_open", start)
    interval = start, _moment(effect.end)
    if effect.shift is None:
        return _say(effect.start, "pause_too_late", *interval)
    in_hours = calculation.precision == "instant"
    until = _moment(effect.reached.due_at) if in_hours else _day(effect.reached.last_day)
    return _say(effect.start, "pause", *interval, _shift(calculation.limit.unit, effect.shift), until)


def _shift(unit: LimitUnit, shift: timedelta) -> Words:
    if unit is LimitUnit.WORKING_HOUR:
        hours, minutes = divmod(shift // timedelta(minutes=1), 60)
        return Words(f"{hours} giờ {minutes} phút làm việc", f"{hours} h {minutes} min of office hours")
    return _amount(shift.days, LimitUnit.WORKING_DAY if unit is LimitUnit.WORKING_DAY else LimitUnit.CALENDAR_DAY)


def _due(calculation: DueCalculation) -> TraceStep:
    due_at = calculation.due_at
    if calculation.precision == "instant":
        return _say(due_at, "due_instant", _moment(due_at))
    day = local_day(due_at)
    return _say(day, "due_day", _day(day))


def _unconfirmed(calculation: DueCalculation) -> Iterator[TraceStep]:
    first, last = local_day(calculation.start), local_day(calculation.due_at)
    for year in range(max(first.year, COMPARED_YEARS.stop), last.year + 1):
        if not calculation.calendar.coverage(year).confirmed:
            yield _say(date(year, 1, 1), "unconfirmed", Words(str(year), str(year)))


# Days off


def _moved(reached: Reached, calendar: WorkCalendar) -> TraceStep:
    day = local_day(reached.due_at)
    off = _days_off(calendar, reached.last_day, day - DAY)
    return _say(reached.last_day, "moved", _day(reached.last_day), _titles(off), _day(day))


def _skipped(calculation: DueCalculation, after: date, until: date) -> Iterator[TraceStep]:
    """Name the days off that a limit in working days or hours skipped, and the weekend days that were worked."""
    if calculation.limit.unit in (LimitUnit.WORKING_DAY, LimitUnit.WORKING_HOUR):
        yield from _skipped_between(calculation.calendar, after, until)


@lru_cache(maxsize=1024)
def _skipped_between(calendar: WorkCalendar, after: date, until: date) -> tuple[TraceStep, ...]:
    if after >= until:
        return ()
    steps = []
    if off := _days_off(calendar, after + DAY, until):
        steps.append(_say(off[0][1], "days_off", _ranges(calendar, off)))
    worked = [rule.date for rule in calendar.exceptions(after + DAY, until) if rule.working]
    if worked:
        steps.append(_say(worked[0], "worked", _joined(", ", map(_day, worked))))
    return tuple(steps)


_DayOff = tuple[Words, date]


def _days_off(calendar: WorkCalendar, first: date, last: date) -> list[_DayOff]:
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    return [(_day_off(day, calendar), day) for day in days if not calendar.is_working_day(day)]


def _day_off(day: date, calendar: WorkCalendar) -> Words:
    """Return why a day is off: the name of the holiday, or the reason of the decision, else "weekend"."""
    rule = calendar.rule(day)
    if rule is None or rule.working:
        return _WEEKEND
    if rule.reason == "29 Tết" or rule.reason.endswith("Tết Nguyên Đán"):
        return Words("Tết Nguyên Đán", "Lunar New Year")
    return Words(rule.reason, rule.reason_en or rule.reason)


def _ranges(calendar: WorkCalendar, off: list[_DayOff]) -> Words:
    """Name days off as ranges without a working day in them; of many ranges, count the days of plain weekends."""
    ranges: list[list[_DayOff]] = []
    for title, day in off:
        if ranges and not calendar.working_days_between(ranges[-1][0][1], day):
            ranges[-1].append((title, day))
        else:
            ranges.append([(title, day)])
    if len(ranges) <= _NAMED_RANGES:
        return _joined("; ", map(_range, ranges))
    named = [days for days in ranges if any(title != _WEEKEND for title, _ in days)]
    plain = [day for days in ranges if days not in named for _, day in days]
    words = [*map(_range, named)]
    if plain:
        vi = f"{len(plain)} ngày cuối tuần từ {plain[0]:%d/%m/%Y} đến {plain[-1]:%d/%m/%Y}"
        words.append(Words(vi, f"{len(plain)} weekend days from {plain[0]} to {plain[-1]}"))
    return _joined("; ", words)


def _range(days: list[_DayOff]) -> Words:
    first, last = days[0][1], days[-1][1]
    vi, en = _titles(days)
    if first == last:
        return Words(f"{first:%d/%m/%Y} ({vi})", f"{first} ({en})")
    return Words(f"{first:%d/%m/%Y}–{last:%d/%m/%Y} ({vi})", f"{first} to {last} ({en})")


def _titles(off: Iterable[_DayOff]) -> Words:
    return _joined(", ", dict.fromkeys(title for title, _ in off))


def _joined(comma: str, words: Iterable[Words]) -> Words:
    vi, en = zip(*words, strict=True)
    return Words(comma.join(vi), comma.join(en))
