"""The due moment of a dossier whose source sent none, and how it was reached.

The rule, for a time limit of n units (articles of the Civil Code 2015; "assumed" = no primary text found):
- The count starts at receipt if the office is open then (the closing instant included, assumed), else at
  its next opening: 13:30 at lunch, 07:00 of the next working day after closing time or on a day off.
- The day on which it starts is not counted (art. 147). A limit in days or months runs to the end of its
  last local day (art. 148), one in working hours to the instant.
- n working days: the n-th working day after the start. n calendar days: n days later. n months: the same
  day of the month, or its last. When that ends on a day off: the next working day (assumed).
- A pause moves the end by the working days (limits in working days) or calendar days (calendar days and
  months) from the day it began to the day before it ended, or by its working time (working hours); a day
  off at the end is passed over once, after all pauses (assumed). An open pause moves nothing yet.
- What pauses share counts once, what lies before the start not at all. A pause that begins after the due
  moment reached so far moves nothing: a limit that has run out cannot be paused (assumed).
- A limit is 1 to 9999 units; 0 mostly means "not filled in", so it is no limit (assumed).
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol

from service.domain.calendar.holidays import DayRule
from service.domain.calendar.local_time import day_end, local_day, local_iso, to_local
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.procedures import LimitUnit, TimeLimit

_UNIT_WORDS = {
    LimitUnit.WORKING_DAY: ("ngày làm việc", "working day"),
    LimitUnit.CALENDAR_DAY: ("ngày", "calendar day"),
    LimitUnit.WORKING_HOUR: ("giờ làm việc", "working hour"),
    LimitUnit.MONTH: ("tháng", "month"),
}

_WEEKDAYS_VI = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class PauseLike(Protocol):
    """A time during which the limit does not run; both ends aware, `end` None while it lasts."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime | None: ...


class _Pause(NamedTuple):
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step to the due moment: the local day or moment it speaks of (ISO 8601), in two languages."""

    at: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Due:
    """The last moment (inclusive, UTC) that is on time, its precision, and how it was reached."""

    due_at: datetime
    precision: Literal["day", "instant"]
    trace: tuple[Step, ...]

    def as_dicts(self) -> list[dict[str, str]]:
        """Return the trace as plain values for JSON."""
        return [asdict(step) for step in self.trace]


@dataclass(frozen=True, slots=True)
class _Count:
    """A running time limit: where it starts, and where it ends after so much paused time."""

    limit: TimeLimit
    calendar: WorkCalendar
    start: datetime

    @property
    def in_hours(self) -> bool:
        return self.limit.unit is LimitUnit.WORKING_HOUR

    def last_day(self, paused: timedelta) -> date:
        """Return the day that a limit in days or months reaches, worked or not."""
        day, amount = local_day(self.start), self.limit.amount
        match self.limit.unit:
            case LimitUnit.WORKING_DAY:
                return self.calendar.add_working_days(day, amount + paused.days)
            case LimitUnit.MONTH:
                return _months_later(day, amount) + paused
            case _:
                return day + timedelta(amount) + paused

    def due_at(self, paused: timedelta) -> datetime:
        if self.in_hours:
            return self.calendar.add_working_time(self.start, timedelta(hours=self.limit.amount) + paused)
        return day_end(self.calendar.first_working_day(self.last_day(paused)))

    def shift(self, pause: _Pause, due_at: datetime) -> timedelta | None:
        """Return by how much a pause moves the end; None if it is open or began after the due moment."""
        if pause.end is None or pause.start > due_at:
            return None
        if self.in_hours:
            return self.calendar.working_time(pause.start, pause.end)
        first, last = local_day(pause.start), local_day(pause.end)
        if self.limit.unit is LimitUnit.WORKING_DAY:
            return timedelta(self.calendar.working_days_between(first, last))
        return last - first


def compute_due(
    received_at: datetime, limit: TimeLimit, calendar: WorkCalendar, pauses: Iterable[PauseLike] = ()
) -> Due:
    """Return the due moment of a dossier received at an aware moment, by the rule above.

    Raises OutsideCalendar (a ValueError) when the limit leads out of the working calendar.
    """
    count = _Count(limit, calendar, calendar.opening_from(received_at))
    paused = timedelta(0)
    due_at = count.due_at(paused)
    steps = [_receipt(received_at, count.start), _limit(count, due_at)]
    for pause in _disjoint(pauses, count.start):
        shift = count.shift(pause, due_at)
        if shift:
            paused += shift
            due_at = count.due_at(paused)
        steps.append(_pause_step(count, pause, shift, due_at))
    steps += _off_steps(count, received_at, paused, due_at)
    last = due_at if count.in_hours else local_day(due_at)
    steps.append(_say(last, "Hạn trả: {}", "Due: {}", _end(count, due_at)))
    return Due(due_at, "instant" if count.in_hours else "day", tuple(steps))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _disjoint(pauses: Iterable[PauseLike], since: datetime) -> Iterator[_Pause]:
    """Yield what lies after `since`, in order, each closed pause without what an earlier one covers."""
    for pause in sorted(pauses, key=lambda pause: pause.start):
        start = max(pause.start, since)
        if pause.end is None:
            yield _Pause(start, None)
        elif pause.end > start:
            since = pause.end
            yield _Pause(start, pause.end)


# What follows only puts the count into words, in Vietnamese and English.
_Words = tuple[str, str]


def _say(at: date | datetime, vi: str, en: str, *words: _Words) -> Step:
    iso = local_iso(at) if isinstance(at, datetime) else at.isoformat()
    return Step(iso, vi.format(*(word[0] for word in words)), en.format(*(word[1] for word in words)))


def _clock(moment: datetime) -> str:
    local = to_local(moment)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


@lru_cache(maxsize=1024)  # records of one push share their days, and formatting is most of the cost
def _day(day: date) -> _Words:
    return f"{_WEEKDAYS_VI[day.weekday()]} {day:%d/%m/%Y}", f"{_WEEKDAYS_EN[day.weekday()]} {day}"


def _moment(moment: datetime) -> _Words:
    vi, en = _day(local_day(moment))
    return f"{_clock(moment)} {vi}", f"{en} {_clock(moment)}"


def _amount(amount: int, unit: LimitUnit) -> _Words:
    vi, en = _UNIT_WORDS[unit]
    return f"{amount} {vi}", f"{amount} {en}" + ("" if amount == 1 else "s")


def _end(count: _Count, due_at: datetime) -> _Words:
    if count.in_hours:
        return _moment(due_at)
    vi, en = _day(local_day(due_at))
    return f"hết {vi}", f"the end of {en}"


def _receipt(received_at: datetime, start: datetime) -> Step:
    vi, en = _day(local_day(received_at))
    receipt = f"{vi} {_clock(received_at)}", f"{en} {_clock(received_at)}"
    if start == received_at:
        in_vi, in_en = "Tiếp nhận {}: trong giờ làm việc", "Received {}: within office hours"
        return _say(received_at, in_vi, in_en, receipt)
    return _say(received_at, "Tiếp nhận {}: tính như {}", "Received {}: as if {}", receipt, _moment(start))


def _limit(count: _Count, due_at: datetime) -> Step:
    amount = _amount(count.limit.amount, count.limit.unit)
    if count.in_hours:
        return _say(due_at, "Thời hạn {}: đến {}", "Time limit {}: until {}", amount, _moment(due_at))
    day = count.last_day(timedelta(0))
    vi = "Thời hạn {}, không tính ngày bắt đầu: đến {}"
    return _say(day, vi, "Time limit {}, the first day not counted: until {}", amount, _day(day))


def _pause_step(count: _Count, pause: _Pause, shift: timedelta | None, due_at: datetime) -> Step:
    start = _moment(pause.start)
    if pause.end is None:
        vi, en = "Tạm dừng từ {}, chưa kết thúc: chưa dời hạn", "Paused from {}, not ended: moves nothing yet"
        return _say(pause.start, vi, en, start)
    span = start, _moment(pause.end)
    if shift is None:
        vi = "Tạm dừng từ {} đến {}, sau khi đã hết hạn: không dời hạn"
        return _say(pause.start, vi, "Paused from {} to {}, after it was due: moves nothing", *span)
    vi, en = "Tạm dừng từ {} đến {}: cộng {}, hạn đến {}", "Paused from {} to {}: {} more, until {}"
    return _say(pause.start, vi, en, *span, _shift_words(count, shift), _end(count, due_at))


def _shift_words(count: _Count, shift: timedelta) -> _Words:
    if count.in_hours:
        hours, minutes = divmod(shift // timedelta(minutes=1), 60)
        return f"{hours} giờ {minutes} phút làm việc", f"{hours} h {minutes} min of office hours"
    working = count.limit.unit is LimitUnit.WORKING_DAY
    return _amount(shift.days, LimitUnit.WORKING_DAY if working else LimitUnit.CALENDAR_DAY)


def _off_steps(count: _Count, received_at: datetime, paused: timedelta, due_at: datetime) -> Iterator[Step]:
    first, last = local_day(received_at), local_day(due_at)
    if count.limit.unit in (LimitUnit.WORKING_DAY, LimitUnit.WORKING_HOUR):
        yield from _named_days(count.calendar, count.calendar.exceptions(first, last))
        return
    reached = count.last_day(paused)
    named = count.calendar.exceptions(first, local_day(count.start))
    yield from _named_days(count.calendar, named + count.calendar.exceptions(reached, last))
    if reached != last:
        vi, en = "Ngày cuối, {}, không làm việc: dời sang {}", "The last day, {}, is not worked: moved to {}"
        yield _say(reached, vi, en, _day(reached), _day(last))


def _named_days(calendar: WorkCalendar, rules: list[DayRule]) -> Iterator[Step]:
    ranges: list[list[DayRule]] = []
    for rule in (rule for rule in rules if not rule.working):
        if ranges and not calendar.working_days_between(ranges[-1][0].date, rule.date):
            ranges[-1].append(rule)
        else:
            ranges.append([rule])
    if ranges:
        words = _joined("; ", map(_range_words, ranges))
        yield _say(ranges[0][0].date, "Không tính ngày nghỉ {}", "Days off skipped: {}", words)
    worked = [rule.date for rule in rules if rule.working]
    if worked:
        yield _say(worked[0], "Làm bù {}", "Worked to make up: {}", _joined(", ", map(_day, worked)))


def _range_words(days: list[DayRule]) -> _Words:
    first, last = days[0].date, days[-1].date
    vi, en = _joined(", ", dict.fromkeys(map(_title, days)))
    if first == last:
        return f"{first:%d/%m/%Y} ({vi})", f"{first} ({en})"
    return f"{first:%d/%m/%Y}–{last:%d/%m/%Y} ({vi})", f"{first} to {last} ({en})"


def _joined(comma: str, words: Iterable[_Words]) -> _Words:
    vi, en = zip(*words, strict=True)
    return comma.join(vi), comma.join(en)


def _title(rule: DayRule) -> _Words:
    if rule.reason == "29 Tết" or rule.reason.endswith("Tết Nguyên Đán"):
        return "Tết Nguyên Đán", "Lunar New Year"
    return rule.reason, rule.reason_en or rule.reason
