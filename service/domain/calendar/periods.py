"""Periods: half-open ranges of local days with a name and a label, in civil or reporting calendars.

A calendar is (lag_months, start_day): its month k begins on `start_day` of civil month k - lag_months.
Civil (0, 1) is the national portal's; reporting (1, 15) is Decree 09/2019's, where March runs from
15 February to 14 March; local practice also has (1, 1) and (1, 21).
"""

import re
from calendar import month_name
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from service.domain.calendar.local_time import DAY, MICROSECOND, day_start
from service.domain.errors import BadQuestion

KINDS = ("day", "week", "month", "quarter", "half", "year", "ytd")
_MONTHS = {"month": 1, "months": 1, "quarter": 3, "half": 6, "year": 12}
_ROMAN = ("I", "II", "III", "IV")
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_ENGLISH_MONTHS = month_name[1:]


class PeriodError(BadQuestion, ValueError):
    """A period, calendar or combination of them that cannot be understood."""

    def __init__(self, message: str) -> None:
        super().__init__(message, {"period": [message]})


@dataclass(frozen=True)
class PeriodCalendar:
    """A calendar of months: the civil one, or one whose months begin earlier (see above)."""

    lag_months: int = 0
    start_day: int = 1

    def __post_init__(self) -> None:
        if not (0 <= self.lag_months <= 11 and 1 <= self.start_day <= 28):
            raise PeriodError("cần L từ 0 đến 11 và D từ 1 đến 28 (lag 0 to 11, start day 1 to 28)")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `civil`, `reporting` or `L,D`."""
        if text == "civil":
            return cls()
        if text == "reporting":
            return cls(1, 15)
        match = re.fullmatch(r"(\d{1,2}),(\d{1,2})", text)
        if not match:
            raise PeriodError(f"không hiểu {text[:40]!r}; dùng civil, reporting hoặc L,D (unknown calendar)")
        return cls(int(match[1]), int(match[2]))

    def month_start(self, index: int) -> date:
        """Return the first day of a month of this calendar; `index` is 12 × year + month - 1."""
        year, month = divmod(index - self.lag_months, 12)
        return date(year, month + 1, self.start_day)

    def month_index(self, day: date) -> int:
        """Return the month of this calendar that holds a day, as 12 × year + month - 1."""
        civil = 12 * day.year + day.month - 1
        return civil + self.lag_months - (1 if day.day < self.start_day else 0)

    def text(self) -> str:
        """Return the calendar as `parse` reads it: "civil", "reporting" or "1,21"."""
        known = {(0, 1): "civil", (1, 15): "reporting"}
        return known.get((self.lag_months, self.start_day), f"{self.lag_months},{self.start_day}")


CIVIL = PeriodCalendar()


class Period(NamedTuple):
    """The local days of [first, after), with the name and labels under which they are published."""

    kind: str
    name: str
    first: date
    after: date
    label: str
    label_en: str

    @property
    def last(self) -> date:
        """Return the last day, inclusive."""
        return self.after - DAY

    @property
    def start(self) -> datetime:
        """Return the first instant, in UTC."""
        return day_start(self.first)

    @property
    def last_instant(self) -> datetime:
        """Return the last instant, in UTC."""
        return day_start(self.after) - MICROSECOND


def _months_period(kind: str, first_month: int, calendar: PeriodCalendar) -> Period:
    """Build the month, quarter, half or year that begins with month `first_month` (12 × year + month - 1)."""
    length = _MONTHS[kind]
    year, month = divmod(first_month, 12)
    number = month // length + 1
    half = ("cuối", "Second") if month else ("đầu", "First")
    name, label, label_en = {
        "month": (f"{year}-{number:02d}", f"Tháng {number}/{year}", f"{_ENGLISH_MONTHS[month]} {year}"),
        "quarter": (f"{year}-Q{number}", f"Quý {_ROMAN[month // 3]}/{year}", f"Quarter {_ROMAN[month // 3]}/{year}"),
        "half": (f"{year}-H{number}", f"6 tháng {half[0]} năm {year}", f"{half[1]} half of {year}"),
        "year": (f"{year}", f"Năm {year}", f"Year {year}"),
    }[kind]
    start, after = calendar.month_start(first_month), calendar.month_start(first_month + length)
    return Period(kind, name, start, after, label, label_en)


def _day_period(day: date) -> Period:
    label_en = f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
    return Period("day", day.isoformat(), day, day + DAY, f"Ngày {day:%d/%m/%Y}", label_en)


def _week_period(day: date) -> Period:
    """Build the ISO week that holds a day; weeks are the same in every calendar."""
    year, number, _ = day.isocalendar()
    first = date.fromisocalendar(year, number, 1)
    label, label_en = f"Tuần {number}/{year}", f"Week {number}/{year}"
    return Period("week", f"{year}-W{number:02d}", first, first + timedelta(days=7), label, label_en)


def _first_months(year: int, count: int, calendar: PeriodCalendar) -> Period:
    start, after = calendar.month_start(12 * year), calendar.month_start(12 * year + count)
    label, label_en = f"{count} tháng đầu năm {year}", f"First {count} month{'s' * (count > 1)} of {year}"
    return Period("months", f"{year}-M{count:02d}", start, after, label, label_en)


def _year_to_date(today: date, calendar: PeriodCalendar) -> Period:
    month = calendar.month_index(today)
    first = calendar.month_start(month - month % 12)
    number = month % 12
    label, label_en = f"Đến tháng {number + 1}", f"Year to {_ENGLISH_MONTHS[number]}"
    return Period("ytd", "ytd", first, today + DAY, label, label_en)


def current_period(kind: str, today: date, calendar: PeriodCalendar) -> Period:
    """Build the period of a kind that holds a day."""
    if kind == "day":
        return _day_period(today)
    if kind == "week":
        return _week_period(today)
    if kind == "ytd":
        return _year_to_date(today, calendar)
    month = calendar.month_index(today)
    return _months_period(kind, month - month % _MONTHS[kind], calendar)


_NAMES = re.compile(
    r"""(?P<year>\d{4}) (?: -(?: (?P<month>\d\d) (?: -(?P<day>\d\d) )?
        | Q(?P<quarter>\d) | H(?P<half>\d) | M(?P<months>\d\d) | W(?P<week>\d\d) ))?""",
    re.ASCII | re.VERBOSE,
)


def parse_period(name: str, today: date, calendar: PeriodCalendar = CIVIL) -> Period:
    """Read a period's name, or a kind for the current one; PeriodError for anything else.

    Names: 2023-10-04, 2023-10, 2023-Q3, 2023-H1, 2023, 2023-M09 (the year's first nine months), 2023-W40
    (ISO week), ytd. `today` is the local day of `as_of`: a year to date ends with it.
    """
    if name in KINDS:
        return current_period(name, today, calendar)
    if not (match := _NAMES.fullmatch(name)):
        raise PeriodError(
            f"không hiểu {name[:40]!r}; dùng 2023-10-04, 2023-10, 2023-Q3, 2023-H1, 2023, 2023-M09, 2023-W40"
            " hoặc ytd (unknown period)"
        )
    return _named(name, {key: int(number) for key, number in match.groupdict().items() if number}, calendar)


def _named(name: str, part: Mapping[str, int], calendar: PeriodCalendar) -> Period:
    """Build the period of a name whose parts are numbers; PeriodError when there is no such day, month or week."""
    year = part["year"]
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise PeriodError(f"năm phải từ {_FIRST_YEAR} đến {_LAST_YEAR} (year out of range)")
    try:
        if "day" in part:
            return _day_period(date(year, part["month"], part["day"]))
        if "week" in part:
            return _week_period(date.fromisocalendar(year, part["week"], 1))
    except ValueError:
        raise PeriodError(f"không có {name} (no such day or week)") from None
    for kind in ("month", "quarter", "half", "months"):
        if kind in part:
            if not 1 <= part[kind] <= (12 // _MONTHS[kind]):
                raise PeriodError(f"không có {name} (no such {kind})")
            if kind == "months":
                return _first_months(year, part[kind], calendar)
            return _months_period(kind, 12 * year + (part[kind] - 1) * _MONTHS[kind], calendar)
    return _months_period("year", 12 * year, calendar)


def free_period(first: date, last: date) -> Period:
    """Build the period of two dates, both inclusive."""
    for day in (first, last):
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise PeriodError(f"from, to: năm phải từ {_FIRST_YEAR} đến {_LAST_YEAR} (year out of range)")
    if last < first:
        raise PeriodError("from, to: ngày đầu sau ngày cuối (from is after to)")
    label, label_en = f"Từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}", f"From {first:%d/%m/%Y} to {last:%d/%m/%Y}"
    return Period("free", f"{first}/{last}", first, last + DAY, label, label_en)


def usual_periods(today: date, calendar: PeriodCalendar = CIVIL) -> list[Period]:
    """Return the periods that people ask for on a day: the year to date, then each kind with the one before it."""
    periods = [current_period("ytd", today, calendar)]
    for kind in ("month", "quarter", "half", "year"):
        current = current_period(kind, today, calendar)
        periods += [current, current_period(kind, current.first - DAY, calendar)]
    return periods


def days_of(first: date, after: date) -> Iterator[Period]:
    """Yield the days of [first, after)."""
    for number in range((after - first).days):
        yield _day_period(first + timedelta(number))


def months_of(first: date, after: date, calendar: PeriodCalendar) -> Iterator[Period]:
    """Yield the calendar's months that overlap [first, after); the first and the last are cut to fit."""
    day = first
    while day < after:
        month = current_period("month", day, calendar)
        end = min(month.after, after)
        yield Period("month", month.name, day, end, month.label, month.label_en)
        day = end


def last_counted_instant(period: Period, as_of: datetime) -> datetime:
    """Return m = min(as_of, last instant of the period); PeriodError when the period begins after `as_of`."""
    if period.start > as_of:
        raise PeriodError("kỳ bắt đầu sau thời điểm as_of (the period begins after as_of)")
    return min(as_of, period.last_instant)
