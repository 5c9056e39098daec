"""The working calendar against slow, obvious models of itself, and against its own laws."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.calendar.local_time import MICROSECOND, VIETNAM
from tests.unit.test_workcalendar import CALENDAR, DAY, SATURDAYS_WORKED, WEEKDAYS_OFF, listed

OFF = {day for year in WEEKDAYS_OFF for day in listed(WEEKDAYS_OFF, year)}
WORKED = {day for year in SATURDAYS_WORKED for day in listed(SATURDAYS_WORKED, year)}
moments = st.datetimes(datetime(2019, 1, 1), datetime(2027, 11, 30), timezones=st.just(VIETNAM))
any_moment = st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 31), timezones=st.just(UTC))
amounts = st.timedeltas(timedelta(0), timedelta(hours=200))
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def model_is_open(minute: datetime) -> bool:
    """Tell whether the minute that begins then is worked, from the tables of the notices alone."""
    day = minute.date()
    if day in OFF or (day.weekday() >= 5 and day not in WORKED):
        return False
    return time(7) <= minute.time() < time(11, 30) or time(13, 30) <= minute.time() < time(17)


def model_working_minutes(start: datetime, end: datetime) -> int:
    count, minute = 0, start
    while minute < end:
        count += model_is_open(minute)
        minute += timedelta(minutes=1)
    return count


def whole_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, 12 * 1440))
def test_working_time_agrees_with_going_minute_by_minute(moment: datetime, minutes: int) -> None:
    start = whole_minute(moment)
    end = start + timedelta(minutes=minutes)
    assert CALENDAR.working_time(start, end) == timedelta(minutes=model_working_minutes(start, end))


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(1, 3000))
def test_adding_working_time_agrees_with_going_minute_by_minute(moment: datetime, minutes: int) -> None:
    start = minute = whole_minute(moment)
    left = minutes
    while left:
        left -= model_is_open(minute)
        minute += timedelta(minutes=1)
    assert CALENDAR.add_working_time(start, timedelta(minutes=minutes)) == minute
    while not model_is_open(minute):
        minute += timedelta(minutes=1)
    assert CALENDAR.latest_within(start, timedelta(minutes=minutes)) == minute


@given(any_moment, amounts)
def test_latest_within_is_the_last_instant_that_keeps_the_limit(moment: datetime, amount: timedelta) -> None:
    last = CALENDAR.latest_within(moment, amount)
    assert CALENDAR.working_time(moment, last) == amount
    assert CALENDAR.working_time(moment, last + MICROSECOND) > amount


@given(any_moment, amounts.filter(bool))
def test_add_working_time_is_the_first_instant_that_uses_it_up(moment: datetime, amount: timedelta) -> None:
    first = CALENDAR.add_working_time(moment, amount)
    assert CALENDAR.working_time(moment, first) == amount
    assert CALENDAR.working_time(moment, first - MICROSECOND) < amount


@given(any_moment, amounts, amounts)
def test_more_time_never_ends_earlier(moment: datetime, one: timedelta, other: timedelta) -> None:
    short, long = sorted((one, other))
    assert CALENDAR.latest_within(moment, short) <= CALENDAR.latest_within(moment, long)
    assert CALENDAR.add_working_time(moment, short) <= CALENDAR.add_working_time(moment, long)


@given(any_moment, any_moment, any_moment)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    parts = CALENDAR.working_time(one, two) + CALENDAR.working_time(two, three)
    assert CALENDAR.working_time(one, three) == parts


@given(any_moment)
def test_no_time_is_worked_before_the_opening(moment: datetime) -> None:
    opening = CALENDAR.opening_from(moment)
    assert opening >= moment
    assert CALENDAR.working_time(moment, opening) == timedelta(0)
    assert CALENDAR.opening_from(opening) == opening


@given(days, st.integers(1, 600))
def test_adding_working_days_is_undone_by_counting_them(day: date, n: int) -> None:
    reached = CALENDAR.add_working_days(day, n)
    assert CALENDAR.is_working_day(reached)
    assert CALENDAR.working_days_between(day + DAY, reached + DAY) == n


@given(days)
def test_adding_no_days_is_the_first_working_day(day: date) -> None:
    assert CALENDAR.add_working_days(day, 0) == CALENDAR.first_working_day(day)
