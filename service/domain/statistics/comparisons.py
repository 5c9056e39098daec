"""Comparisons (so sánh): the same question one period or one year before, and how much the rates differ."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from service.domain.calendar import periods
from service.domain.calendar.local_time import VIETNAM, local_day
from service.domain.calendar.periods import Period, PeriodCalendar
from service.domain.statistics.coverage import UnitCoverage
from service.domain.statistics.formulas import Rate

COMPARISONS = ("previous", "year_ago")

MAX_SHARE_GAP = 5
"""Two periods are not compared if the usual shares of their silent units differ by more percentage points."""

UNLIKE_COVERAGE = {
    "vi": "Tỷ trọng thường lệ của các đơn vị chưa gửi số liệu ở hai kỳ lệch trên 5 điểm phần trăm, nên không so sánh",
    "en": "the silent units' usual shares in the two periods differ by over 5 points, so they are not compared",
}

_ONCE_A_YEAR = ("ytd", "months")
"""Kinds of periods that begin with the year: "previous" means the year before."""


def earlier(kind: str, period: Period, as_of: datetime, calendar: PeriodCalendar) -> tuple[Period, datetime]:
    """Return the period to compare with, and the moment as of which to ask about it.

    A period that is over is compared with a whole one. A period that still runs is compared with as much of the
    earlier one: October up to the 4th with September up to the 4th.
    """
    before, then = _earlier(kind, period, as_of, calendar)
    return before, max(then, before.last_instant) if as_of >= period.last_instant else then


def _earlier(kind: str, period: Period, as_of: datetime, calendar: PeriodCalendar) -> tuple[Period, datetime]:
    if kind == "year_ago" or period.kind in _ONCE_A_YEAR:
        local = as_of.astimezone(VIETNAM)
        then = datetime.combine(_year_before(local.date()), local.time(), VIETNAM).astimezone(as_of.tzinfo)
        return _period_a_year_before(period, local_day(then), calendar), then
    if period.kind == "free":
        before = periods.free_period(period.first - (period.after - period.first), period.first - timedelta(days=1))
    else:
        before = periods.current_period(period.kind, period.first - timedelta(days=1), calendar)
    return before, as_of - (period.start - before.start)


def _period_a_year_before(period: Period, today: date, calendar: PeriodCalendar) -> Period:
    """Return the same period of the year before; week 52 instead of a week 53 that this year does not have."""
    if period.kind == "ytd":
        return periods.current_period("ytd", today, calendar)
    if period.kind == "free":
        return periods.free_period(_year_before(period.first), _year_before(period.last))
    if period.kind == "day":
        return periods.parse_period(_year_before(period.first).isoformat(), today, calendar)
    name = f"{int(period.name[:4]) - 1}{period.name[4:]}"
    try:
        return periods.parse_period(name, today, calendar)
    except periods.PeriodError:
        return periods.parse_period(name.replace("W53", "W52"), today, calendar)


def _year_before(day: date) -> date:
    """Return the same day of the year before; 28 February for 29 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def unlike(now: UnitCoverage, then: UnitCoverage) -> bool:
    """Say whether the silent units of the two periods usually send shares that differ too much to compare."""
    shares = [Fraction(side.usual_silent, side.usual_all) if side.usual_all else Fraction(0) for side in (now, then)]
    return abs(shares[0] - shares[1]) * 100 > MAX_SHARE_GAP


def change_in_points(now: Rate, then: Rate) -> Fraction | None:
    """Return by how many percentage points a rate changed, exactly; None where one of them has no value."""
    if not now.denominator or not then.denominator:
        return None
    return 100 * (Fraction(now.numerator, now.denominator) - Fraction(then.numerator, then.denominator))
