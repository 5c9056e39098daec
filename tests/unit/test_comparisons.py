"""What a period is compared with: a table that a clerk can read. Moments are 10:00 on the day named."""

from datetime import date, datetime
from fractions import Fraction

import pytest

from service.domain.calendar.local_time import VIETNAM
from service.domain.calendar.periods import PeriodCalendar, free_period, parse_period
from service.domain.statistics.comparisons import change_in_points, earlier, unlike
from service.domain.statistics.coverage import UnitCoverage
from service.domain.statistics.formulas import Rate
from service.domain.statistics.rounding import half_up

# calendar, period, as of, kind, the period to compare with, its moment
EARLIER = [
    ("civil", "2023-10-04", "2023-10-04", "previous", "2023-10-03", "2023-10-03"),
    ("civil", "2023-10", "2023-10-04", "previous", "2023-09", "2023-09-04"),
    ("civil", "2023-10", "2023-10-04", "year_ago", "2022-10", "2022-10-04"),
    ("civil", "2023-01", "2023-01-20", "previous", "2022-12", "2022-12-20"),
    ("civil", "2023-Q3", "2023-10-04", "previous", "2023-Q2", "2023-07-05"),
    ("civil", "2023-H1", "2023-10-04", "previous", "2022-H2", "2023-04-03"),
    ("civil", "2023", "2023-10-04", "previous", "2022", "2022-10-04"),
    ("civil", "ytd", "2023-10-04", "previous", "ytd", "2022-10-04"),
    ("civil", "ytd", "2024-02-29", "year_ago", "ytd", "2023-02-28"),
    ("civil", "2023-M09", "2023-10-04", "previous", "2022-M09", "2022-10-04"),
    ("civil", "2023-W40", "2023-10-04", "previous", "2023-W39", "2023-09-27"),
    ("civil", "2023-W40", "2023-10-04", "year_ago", "2022-W40", "2022-10-04"),
    ("civil", "2020-W53", "2021-01-02", "year_ago", "2019-W52", "2020-01-02"),
    ("civil", "2024-02-29", "2024-02-29", "year_ago", "2023-02-28", "2023-02-28"),
    ("reporting", "2025-03", "2025-03-10", "previous", "2025-02", "2025-02-07"),
    ("reporting", "2025-Q1", "2025-03-10", "year_ago", "2024-Q1", "2024-03-10"),
]

MOMENT = datetime(2025, 3, 10, 10, tzinfo=VIETNAM)


@pytest.mark.parametrize(("calendar", "name", "as_of", "kind", "before", "then"), EARLIER)
def test_what_a_period_is_compared_with(
    calendar: str, name: str, as_of: str, kind: str, before: str, then: str
) -> None:
    moment = datetime.fromisoformat(f"{as_of}T10:00:00").replace(tzinfo=VIETNAM)
    months = PeriodCalendar.parse(calendar)
    period, at = earlier(kind, parse_period(name, moment.date(), months), moment, months)
    assert (period.name, at) == (before, datetime.fromisoformat(f"{then}T10:00:00").replace(tzinfo=VIETNAM))


@pytest.mark.parametrize(("name", "kind"), [("2023-02", "previous"), ("2025-02", "year_ago")])
def test_a_period_that_is_over_is_compared_with_a_whole_one(name: str, kind: str) -> None:
    period = parse_period(name, date(2025, 3, 1))
    before, at = earlier(kind, period, period.last_instant, PeriodCalendar())
    assert at == before.last_instant


@pytest.mark.parametrize(
    ("kind", "first", "last"), [("previous", "2023-09-21", "2023-09-30"), ("year_ago", "2022-10-01", "2022-10-10")]
)
def test_a_free_period(kind: str, first: str, last: str) -> None:
    moment = datetime(2023, 10, 31, tzinfo=VIETNAM)
    period, _ = earlier(kind, free_period(date(2023, 10, 1), date(2023, 10, 10)), moment, PeriodCalendar())
    assert (str(period.first), str(period.last)) == (first, last)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [("-2/5", 1, "-0.4"), ("1/20", 1, "0.1"), ("-1/20", 1, "-0.1"), ("-1/100", 1, "0.0"), ("5/2", 0, "3")],
)
def test_a_change_is_rounded_once_half_away_from_zero(value: str, decimals: int, text: str) -> None:
    assert half_up(Fraction(value), decimals) == text


def test_a_change_is_worked_out_exactly() -> None:
    assert change_in_points(Rate(955, 1000, None), Rate(959, 1000, None)) == Fraction(-2, 5)


def test_a_rate_without_a_value_has_no_change() -> None:
    assert change_in_points(Rate(1, 2, None), Rate(0, 0, None)) is None


@pytest.mark.parametrize(("now", "then", "differ"), [(10, 15, False), (10, 16, True), (16, 10, True), (0, 0, False)])
def test_periods_with_other_units_silent_are_not_compared(now: int, then: int, differ: bool) -> None:
    assert unlike(UnitCoverage(9, ("A",), now, 100), UnitCoverage(9, ("B",), then, 100)) == differ


@pytest.mark.parametrize(("silent", "differ"), [(5, False), (6, True)])
def test_where_no_unit_usually_sends_no_share_is_silent(silent: int, differ: bool) -> None:
    assert unlike(UnitCoverage(9, (), 0, 0), UnitCoverage(9, (), silent, 100)) == differ


def test_a_period_of_the_reporting_calendar_is_compared_with_one_of_that_calendar() -> None:
    months = PeriodCalendar.parse("reporting")
    before, _ = earlier("year_ago", parse_period("2025-Q1", date(2025, 3, 10), months), MOMENT, months)
    assert before == parse_period("2024-Q1", date(2024, 3, 10), months)


def test_the_moment_to_compare_with_stays_in_the_time_zone_of_the_question() -> None:
    _, at = earlier("year_ago", parse_period("2025-03", MOMENT.date()), MOMENT, PeriodCalendar())
    assert at.tzinfo is VIETNAM
