"""The working calendar of public offices in Viet Nam: working days, office hours, working time.

A day is worked unless it is a Saturday, a Sunday or a public holiday; a make-up Saturday is worked. The first of these
that names a day decides: the rules given to the calendar, OFFICIAL_DAYS, the pinned holidays package, the weekday.
Moments are aware and in any zone; results are in UTC. Days run from 1990-01-01 to 2110-12-31; other days raise
OutsideCalendar. The package ends with 2100: after it only weekends are off.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Literal, NamedTuple

from service.domain.calendar import holidays
from service.domain.calendar.holidays import FIRST_DAY, LAST_DAY, OFFICIAL_DAYS, DayRule
from service.domain.calendar.local_time import MICROSECOND, day_start
from service.domain.errors import BadQuestion

_ORDINAL = FIRST_DAY.toordinal()
_ORIGIN = day_start(FIRST_DAY)
_DAYS = LAST_DAY.toordinal() - _ORDINAL + 1
_SECOND = 1_000_000
_SATURDAY = 5


class OutsideCalendar(BadQuestion, ValueError):
    """A day or moment that the working calendar does not reach."""

    def __init__(self) -> None:
        super().__init__(f"ngoài lịch làm việc (outside the working calendar, {FIRST_DAY} to {LAST_DAY})")


def _microseconds(clock: time) -> int:
    return (clock.hour * 3600 + clock.minute * 60 + clock.second) * _SECOND + clock.microsecond


def _parse_clock(text: str, hours: str) -> time:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip(), re.ASCII)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(f"office hours {hours!r}: {text.strip()!r} is not a time like 07:00")
    return time(int(match[1]), int(match[2]))


def _parse_session(text: str, hours: str) -> tuple[time, time]:
    bounds = re.split(r"[-–]", text)
    if len(bounds) != 2:
        raise ValueError(f"office hours {hours!r}: {text.strip()!r} is not a span like 07:00-11:30")
    return _parse_clock(bounds[0], hours), _parse_clock(bounds[1], hours)


@dataclass(frozen=True)
class OfficeHours:
    """The sessions of a working day, as local times; the methods take and return microseconds of the day.

    receipt_off_hours: when the time limit begins for a dossier that was received outside of the sessions. next_day:
    with the next opening. same: on the day of receipt (see deadlines.py). spans: start and end of each session, and
    the time worked before it.
    """

    sessions: tuple[tuple[time, time], ...] = ((time(7), time(11, 30)), (time(13, 30), time(17)))
    receipt_off_hours: Literal["next_day", "same"] = "next_day"
    spans: tuple[tuple[int, int, int], ...] = field(init=False, repr=False, compare=False)
    length: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse sessions that are empty, reversed or overlapping; add up their lengths."""
        spans, total, last = [], 0, -1
        for opening, closing in self.sessions:
            start, end = _microseconds(opening), _microseconds(closing)
            if not last <= start < end:
                raise ValueError(f"office hours: {opening:%H:%M}-{closing:%H:%M} is reversed or out of order")
            spans.append((start, end, total))
            total, last = total + end - start, end
        if not spans:
            raise ValueError("office hours: at least one session is needed, like 07:00-11:30")
        object.__setattr__(self, "spans", tuple(spans))
        object.__setattr__(self, "length", total)

    @classmethod
    def parse(cls, text: str, receipt_off_hours: Literal["next_day", "same"] = "next_day") -> "OfficeHours":
        """Read "07:00-11:30,13:30-17:00"; raise ValueError with the part that is wrong."""
        return cls(tuple(_parse_session(part, text) for part in text.split(",")), receipt_off_hours)

    @property
    def day_length(self) -> timedelta:
        return timedelta(microseconds=self.length)

    def as_text(self) -> str:
        """Return the sessions as they are read: "07:00-11:30,13:30-17:00"."""
        return ",".join(f"{opening:%H:%M}-{closing:%H:%M}" for opening, closing in self.sessions)

    def is_open(self, clock: int) -> bool:
        """Say whether the office is open; at the closing instant it still is."""
        return any(start <= clock <= end for start, end, _ in self.spans)

    def worked_by(self, clock: int) -> int:
        """Return the time worked on the day before this time of the day."""
        for start, end, before in self.spans:
            if clock < end:
                return before + clock - start if clock > start else before
        return self.length

    def earliest(self, worked: int) -> int:
        """Return the earliest time of the day at which this much (above 0) has been worked."""
        return next(start + worked - before for start, end, before in self.spans if worked <= before + end - start)

    def latest(self, worked: int) -> int:
        """Return the latest time of the day at which no more than this (below the day's length) has been worked."""
        return next(start + worked - before for start, end, before in self.spans if worked < before + end - start)


DEFAULT_HOURS = OfficeHours()


class YearCoverage(NamedTuple):
    """How far a year of the calendar can be relied on.

    known: the package has the year. swaps_confirmed: its swaps were compared with the official notices. Until then
    the year is provisional: it has the holidays that the law fixes, and no swaps. The counts are of days.
    """

    year: int
    known: bool
    swaps_confirmed: bool
    weekdays_off: int
    makeup_days: int
    overridden: int

    @property
    def confirmed(self) -> bool:
        """Say whether the year is known, and the project or an operator's import looked at its official decisions."""
        return self.known and (self.swaps_confirmed or self.overridden > 0)


def _index(day: date) -> int:
    # A datetime is a date, too, and would be taken for the day in its own zone.
    if isinstance(day, datetime):
        raise TypeError("a local day is needed, not a datetime")
    index = day.toordinal() - _ORDINAL
    if not 0 <= index < _DAYS:
        raise OutsideCalendar
    return index


class WorkCalendar:
    """Says which days are worked, and when so much working time has passed.

    Each answer is a look-up in two tables: the number of working days before each day, and the day of the n-th working
    day. The tables take some milliseconds to build, so keep the calendar.
    """

    def __init__(self, office_hours: OfficeHours = DEFAULT_HOURS, overrides: Iterable[DayRule] = ()) -> None:
        self.office_hours = office_hours
        self._overrides = {rule.date: rule for rule in (*OFFICIAL_DAYS, *overrides)}
        self._rules = holidays.published_rules() | self._overrides
        week = bytes((FIRST_DAY.weekday() + n) % 7 < _SATURDAY for n in range(7))
        flags = bytearray((week * (_DAYS // 7 + 1))[:_DAYS])
        for day, rule in self._rules.items():
            flags[_index(day)] = rule.working
        self._exceptions = sorted(
            day for day, rule in self._rules.items() if rule.working == (day.weekday() >= _SATURDAY)
        )
        self._working = bytes(flags)
        self._before = array("i", accumulate(flags, initial=0))
        self._nth = array("i", (index for index, works in enumerate(flags) if works))

    def is_working_day(self, day: date) -> bool:
        return self._working[_index(day)] == 1

    def rule(self, day: date) -> DayRule | None:
        """Return what was decided about a day, None when only the weekday says whether it is worked."""
        return self._rules.get(day)

    def exceptions(self, first: date, last: date) -> list[DayRule]:
        """Return the weekdays off and the weekend days worked from first to last, both inclusive."""
        low, high = bisect_left(self._exceptions, first), bisect_right(self._exceptions, last)
        return [self._rules[day] for day in self._exceptions[low:high]]

    def first_working_day(self, day: date) -> date:
        """Return the day itself if it is worked, otherwise the next working day."""
        return self._working_day(self._before[_index(day)])

    def add_working_days(self, day: date, n: int) -> date:
        """Return the n-th working day strictly after a day; for n = 0 `first_working_day` of the day."""
        if n < 0:
            raise ValueError("working days are only added forwards")
        index = _index(day)
        return self._working_day(self._before[index + 1] + n - 1) if n else self.first_working_day(day)

    def working_days_between(self, first: date, end: date) -> int:
        """Count the working days of [first, end); negative when end comes before first."""
        return self._before[_index(end)] - self._before[_index(first)]

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Return the time within office hours between two moments; negative when they are reversed."""
        return timedelta(microseconds=self._worked(end) - self._worked(start))

    def opening_from(self, moment: datetime) -> datetime:
        """Return the moment itself if the office is open (closing instant included), else its next opening."""
        elapsed = moment - _ORIGIN
        clock = elapsed.seconds * _SECOND + elapsed.microseconds
        if 0 <= elapsed.days < _DAYS and self._working[elapsed.days] and self.office_hours.is_open(clock):
            return moment.astimezone(UTC)
        return self.latest_within(moment, timedelta(0))

    def add_working_time(self, moment: datetime, amount: timedelta) -> datetime:
        """Return the first instant by which `amount` of working time has passed (17:00, not the next 07:00)."""
        if not amount:
            return self.opening_from(moment)
        number, rest = divmod(self._worked_plus(moment, amount) - 1, self.office_hours.length)
        return self._instant(number, self.office_hours.earliest(rest + 1))

    def latest_within(self, moment: datetime, amount: timedelta) -> datetime:
        """Return the last instant x with working_time(moment, x) <= amount (the next 07:00, not 17:00)."""
        number, rest = divmod(self._worked_plus(moment, amount), self.office_hours.length)
        return self._instant(number, self.office_hours.latest(rest))

    def coverage(self, year: int) -> YearCoverage:
        exceptions = self.exceptions(date(year, 1, 1), date(year, 12, 31))
        worked = sum(rule.working for rule in exceptions)
        return YearCoverage(
            year=year,
            known=FIRST_DAY.year <= year <= holidays.published("vi").end_year,
            swaps_confirmed=year in holidays.COMPARED_YEARS,
            weekdays_off=len(exceptions) - worked,
            makeup_days=worked,
            overridden=sum(day.year == year for day in self._overrides),
        )

    def _worked(self, moment: datetime) -> int:
        elapsed = moment - _ORIGIN
        day = elapsed.days
        if not 0 <= day < _DAYS:
            raise OutsideCalendar
        before = self._before[day] * self.office_hours.length
        if not self._working[day]:
            return before
        return before + self.office_hours.worked_by(elapsed.seconds * _SECOND + elapsed.microseconds)

    def _worked_plus(self, moment: datetime, amount: timedelta) -> int:
        more = amount // MICROSECOND
        if more < 0:
            raise ValueError("working time is only added forwards")
        return self._worked(moment) + more

    def _instant(self, number: int, clock: int) -> datetime:
        return day_start(self._working_day(number)) + timedelta(microseconds=clock)

    def _working_day(self, number: int) -> date:
        if number >= len(self._nth):
            raise OutsideCalendar
        return date.fromordinal(_ORDINAL + self._nth[number])
