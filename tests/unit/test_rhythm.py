"""When a source has been silent too long: in working time, against its own rhythm."""

from datetime import UTC, datetime, timedelta

from service.domain.calendar.local_time import VIETNAM
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.source_status import is_silent, silence, usual_gap

WORK = WorkCalendar()


def local(day: int, hour: int = 8) -> datetime:
    """Build a moment of March 2026; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, tzinfo=VIETNAM).astimezone(UTC)


def test_a_source_that_sends_each_working_morning_has_a_gap_of_one_working_day() -> None:
    mornings = [local(day) for day in range(2, 21) if local(day, 12).weekday() < 5]
    assert usual_gap(mornings, WORK) == timedelta(hours=8)


def test_ten_gaps_are_needed_for_a_rhythm() -> None:
    assert usual_gap([local(2, hour) for hour in (8, 9, 10)], WORK) is None


def test_a_source_that_sends_all_the_time_is_given_an_hour() -> None:
    hours = [local(2, 0) + timedelta(hours=n) for n in range(24)]
    assert usual_gap(hours, WORK) == timedelta(hours=1)


def test_a_weekend_is_no_silence() -> None:
    assert silence(local(6, 17), local(9, 7), WORK) == timedelta(0)


def test_a_push_from_a_clock_ahead_is_no_negative_silence() -> None:
    assert silence(local(3, 10), local(3, 9), WORK) == timedelta(0)


def test_silent_after_three_times_the_usual() -> None:
    usual = timedelta(hours=2)
    assert not is_silent(timedelta(hours=6), usual)
    assert is_silent(timedelta(hours=6, seconds=1), usual)


def test_without_a_rhythm_three_working_days_are_waited() -> None:
    assert not is_silent(timedelta(hours=24), None)
    assert is_silent(timedelta(hours=24, seconds=1), None)


def test_ten_gaps_are_enough_and_nine_are_not() -> None:
    mornings = [local(day) for day in range(2, 21) if local(day, 12).weekday() < 5]
    assert (usual_gap(mornings[:11], WORK), usual_gap(mornings[:10], WORK)) == (timedelta(hours=8), None)


def test_at_least_nine_of_ten_gaps_are_no_longer() -> None:
    """Nine gaps of a working day and one of two working days: of ten gaps the longest counts."""
    days = [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 17]
    assert usual_gap([local(day) for day in days], WORK) == timedelta(hours=16)
