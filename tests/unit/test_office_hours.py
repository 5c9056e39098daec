"""Office hours as an operator writes them, and the edges of the working calendar."""

from datetime import UTC, time, timedelta

import pytest

from service.domain.calendar.holidays import FIRST_DAY, LAST_DAY
from service.domain.calendar.local_time import MICROSECOND
from service.domain.calendar.work_calendar import OfficeHours, OutsideCalendar
from tests.unit.test_workcalendar import CALENDAR, DAY, local


@pytest.mark.parametrize("text", ["00:00-08:00", "07:00-11:00,11:00-23:59", "07:05-11:30"])
def test_sessions_that_can_be(text: str) -> None:
    hours = OfficeHours.parse(text, "same")
    assert (hours.as_text(), hours.receipt_off_hours) == (text, "same")


@pytest.mark.parametrize("clock", ["24:00", "22:60"])
def test_a_time_that_no_clock_shows_is_named_with_the_whole_text(clock: str) -> None:
    with pytest.raises(ValueError, match=f"'07:00-{clock}': '{clock}'"):
        OfficeHours.parse(f"07:00-{clock}")


def test_the_opening_instant_is_open_to_the_microsecond() -> None:
    opening = local("2024-06-05T07:00")
    assert CALENDAR.opening_from(opening) == opening
    assert CALENDAR.opening_from(opening - MICROSECOND) == opening
    inside = local("2024-06-05T09:00") + MICROSECOND
    assert (CALENDAR.opening_from(inside), CALENDAR.opening_from(inside).tzinfo) == (inside, UTC)


def test_a_session_is_as_long_as_its_clock_times_say() -> None:
    assert OfficeHours.parse("07:30-11:45").day_length == timedelta(hours=4, minutes=15)
    assert OfficeHours(((time(7, 0, 30), time(7, 1, 0, 5)),)).day_length == timedelta(seconds=30, microseconds=5)


def test_a_year_says_which_it_is() -> None:
    assert CALENDAR.coverage(2026).year == 2026


def test_the_last_working_day_is_the_last_that_is_reached() -> None:
    to_the_last = CALENDAR.working_days_between(FIRST_DAY + DAY, LAST_DAY) + 1  # the last day is worked, too
    assert CALENDAR.add_working_days(FIRST_DAY, to_the_last) == LAST_DAY
    with pytest.raises(OutsideCalendar):
        CALENDAR.add_working_days(FIRST_DAY, to_the_last + 1)
