"""The working calendar against the yearly notices, office hours and the edges of what is known."""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays

from service.domain.calendar.holidays import FIRST_DAY, LAST_DAY, OFFICIAL_DAYS, DayRule, published, published_rules
from service.domain.calendar.local_time import MICROSECOND, VIETNAM
from service.domain.calendar.work_calendar import OfficeHours, OutsideCalendar, WorkCalendar

CALENDAR = WorkCalendar()
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

# Every weekday off (day.month), year by year; 2027 is made by rule, its notice is not out yet.
WEEKDAYS_OFF = {
    2019: "1.1 4.2 5.2 6.2 7.2 8.2 15.4 29.4 30.4 1.5 2.9",
    2020: "1.1 23.1 24.1 27.1 28.1 29.1 2.4 30.4 1.5 2.9",
    2021: "1.1 10.2 11.2 12.2 15.2 16.2 21.4 30.4 3.5 2.9 3.9",
    2022: "3.1 31.1 1.2 2.2 3.2 4.2 11.4 2.5 3.5 1.9 2.9",
    2023: "2.1 20.1 23.1 24.1 25.1 26.1 1.5 2.5 3.5 1.9 4.9",
    2024: "1.1 8.2 9.2 12.2 13.2 14.2 18.4 29.4 30.4 1.5 2.9 3.9",
    2025: "1.1 27.1 28.1 29.1 30.1 31.1 7.4 30.4 1.5 2.5 1.9 2.9",
    2026: "1.1 2.1 16.2 17.2 18.2 19.2 20.2 27.4 30.4 1.5 31.8 1.9 2.9 24.11",
    2027: "1.1 4.2 5.2 8.2 9.2 10.2 16.4 30.4 3.5 2.9 3.9 24.11",
}
SATURDAYS_WORKED = {2019: "5.1 4.5", 2024: "4.5", 2025: "26.4", 2026: "10.1 22.8"}


def listed(table: dict[int, str], year: int) -> list[date]:
    pairs = (text.split(".") for text in table.get(year, "").split())
    return [date(year, int(month), int(day)) for day, month in pairs]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


# The days


@pytest.mark.parametrize("year", WEEKDAYS_OFF)
def test_the_weekdays_off_are_those_of_the_notices(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(n) for n in range(366))
    off = [day for day in days if day.year == year and day.weekday() < 5 and not CALENDAR.is_working_day(day)]
    assert off == listed(WEEKDAYS_OFF, year)


@pytest.mark.parametrize("year", WEEKDAYS_OFF)
def test_the_weekend_days_worked_are_those_of_the_notices(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(n) for n in range(366))
    worked = [day for day in days if day.year == year and day.weekday() >= 5 and CALENDAR.is_working_day(day)]
    assert worked == listed(SATURDAYS_WORKED, year)


@pytest.mark.parametrize("year", WEEKDAYS_OFF)
def test_the_exceptions_are_exactly_those_days(year: int) -> None:
    days = [rule.date for rule in CALENDAR.exceptions(date(year, 1, 1), date(year, 12, 31))]
    assert days == sorted(listed(WEEKDAYS_OFF, year) + listed(SATURDAYS_WORKED, year))


def test_a_swap_over_the_new_year_is_known_whichever_year_is_asked() -> None:
    assert not CALENDAR.is_working_day(date(2018, 12, 31))
    assert CALENDAR.is_working_day(date(2019, 1, 5))


@pytest.mark.parametrize(
    ("day", "reason", "english"),
    [
        (date(2024, 2, 10), "Tết Nguyên Đán", "Lunar New Year"),
        (date(2024, 4, 29), "Ngày nghỉ (thay cho ngày 04/05/2024)", "Day off (substituted from 2024-05-04)"),
        (date(2024, 5, 4), "Làm bù (hoán đổi ngày nghỉ)", "Make-up working day"),
        (date(2026, 1, 2), "Ngày nghỉ (thay cho ngày 10/01/2026)", "Day off (substituted from 2026-01-10)"),
        (date(2026, 1, 10), "Làm bù cho ngày 02/01/2026", "Worked in place of 2026-01-02"),
    ],
)
def test_the_calendar_says_what_was_decided_of_a_day(day: date, reason: str, english: str) -> None:
    rule = CALENDAR.rule(day)
    assert rule is not None
    assert (rule.reason, rule.reason_en) == (reason, english)


@pytest.mark.parametrize("day", [date(2024, 6, 8), date(2024, 6, 9), date(2024, 6, 10)])
def test_nothing_was_decided_of_a_usual_weekend_or_working_day(day: date) -> None:
    assert CALENDAR.rule(day) is None


def test_every_official_day_has_its_source() -> None:
    assert all(rule.source and rule.reason and rule.reason_en for rule in OFFICIAL_DAYS)


def test_every_official_day_is_still_lacking_in_the_package() -> None:
    for rule in OFFICIAL_DAYS:
        listed = published_rules().get(rule.date)
        assert listed is None or listed.working != rule.working


@pytest.mark.parametrize("language", ["vi", "en_US"])
def test_the_module_of_vietnam_loaded_alone_says_what_the_package_says(language: str) -> None:
    whole = country_holidays("VN", years=range(FIRST_DAY.year, LAST_DAY.year + 1), language=language)
    alone = published(language)
    assert (dict(alone), alone.weekend_workdays, alone.end_year) == (
        dict(whole), whole.weekend_workdays, whole.end_year,
    )  # fmt: skip


def test_a_calendar_does_not_load_the_holidays_of_every_country() -> None:
    code = "import sys; from service.domain.calendar.work_calendar import WorkCalendar; WorkCalendar()"
    subprocess.run([sys.executable, "-c", f"{code}; assert 'holidays.countries' not in sys.modules"], check=True)


def test_a_given_rule_wins_over_an_official_day_and_over_the_package() -> None:
    given_rules = [DayRule(date(2026, 1, 2), True, "Làm việc"), DayRule(date(2026, 11, 24), True, "Làm việc")]
    calendar = WorkCalendar(overrides=given_rules)
    assert calendar.is_working_day(date(2026, 1, 2))
    assert calendar.is_working_day(date(2026, 11, 24))
    assert calendar.rule(date(2026, 11, 24)) == given_rules[1]


def test_a_given_rule_leaves_other_calendars_alone() -> None:
    WorkCalendar(overrides=[DayRule(date(2024, 6, 10), False, "Nghỉ bão")])
    assert CALENDAR.is_working_day(date(2024, 6, 10))


def test_a_datetime_is_not_a_local_day() -> None:
    with pytest.raises(TypeError):
        CALENDAR.is_working_day(datetime(2025, 4, 30, 17, 30, tzinfo=UTC))


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2111, 1, 1)])
def test_a_day_outside_the_calendar_is_refused(day: date) -> None:
    with pytest.raises(OutsideCalendar, match="1990-01-01 to 2110-12-31"):
        CALENDAR.is_working_day(day)


@pytest.mark.parametrize("text", ["1989-12-31T23:59", "2111-01-01T00:00"])
def test_a_moment_outside_the_calendar_is_refused(text: str) -> None:
    for question in (CALENDAR.opening_from, lambda moment: CALENDAR.latest_within(moment, HOUR)):
        with pytest.raises(OutsideCalendar):
            question(local(text))


def test_the_first_and_last_days_answer() -> None:
    assert CALENDAR.opening_from(local("1990-01-01T00:00")) == local("1990-01-02T07:00")
    assert CALENDAR.working_time(local("1990-01-01T00:00"), local("2110-12-31T23:59")) > DAY


# Counting days


def test_the_next_working_day_is_strictly_after() -> None:
    assert CALENDAR.add_working_days(date(2024, 6, 7), 1) == date(2024, 6, 10)


def test_the_first_working_day_may_be_the_day_itself() -> None:
    assert CALENDAR.first_working_day(date(2024, 6, 7)) == date(2024, 6, 7)
    assert CALENDAR.first_working_day(date(2024, 6, 8)) == date(2024, 6, 10)


def test_working_days_are_counted_half_open() -> None:
    assert CALENDAR.working_days_between(date(2024, 6, 7), date(2024, 6, 11)) == 2
    assert CALENDAR.working_days_between(date(2024, 6, 11), date(2024, 6, 7)) == -2


def test_a_negative_amount_of_working_time_is_refused() -> None:
    with pytest.raises(ValueError, match="forwards"):
        CALENDAR.add_working_days(date(2024, 6, 7), -1)
    with pytest.raises(ValueError, match="forwards"):
        CALENDAR.latest_within(local("2024-06-07T09:00"), -MICROSECOND)


# Office hours


def test_the_default_day_has_eight_hours() -> None:
    assert OfficeHours() == OfficeHours.parse("07:00-11:30,13:30-17:00")
    assert CALENDAR.working_time(local("2024-06-05T00:00"), local("2024-06-06T00:00")) == 8 * HOUR


@pytest.mark.parametrize("text", ["7:00 – 11:30 , 13:30–17:00", "07:00-11:30,13:30-17:00"])
def test_office_hours_may_have_spaces_and_dashes(text: str) -> None:
    assert OfficeHours.parse(text).sessions[1] == (time(13, 30), time(17))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "'' is not a span"),
        ("07:00", "'07:00' is not a span like 07:00-11:30"),
        ("07:00-25:00", "'25:00' is not a time like 07:00"),
        ("07:00-11h30", "'11h30' is not a time"),
        ("11:30-07:00", "11:30-07:00 is reversed or out of order"),
        ("07:00-07:00", "reversed or out of order"),
        ("07:00-12:00,11:00-17:00", "11:00-17:00 is reversed or out of order"),
        ("07:00-11:30,", "'' is not a span"),
        ("٠٧:00-11:30", "is not a time"),
    ],
)
def test_wrong_office_hours_name_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        OfficeHours.parse(text)


def test_office_hours_without_a_session_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one session"):
        OfficeHours(())


def test_other_office_hours_change_the_day() -> None:
    calendar = WorkCalendar(OfficeHours.parse("08:00-12:00,13:00-16:00"))
    assert calendar.add_working_time(local("2024-06-05T08:00"), 8 * HOUR) == local("2024-06-06T09:00")


# Working time


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2024-06-05T07:00", "2024-06-05T17:00", 8),
        ("2024-06-05T00:00", "2024-06-06T00:00", 8),
        ("2024-06-05T11:00", "2024-06-05T14:00", 1),
        ("2024-06-05T11:30", "2024-06-05T13:30", 0),
        ("2024-06-07T16:00", "2024-06-10T08:00", 2),
        ("2024-06-08T09:00", "2024-06-09T09:00", 0),
        ("2024-04-26T16:00", "2024-05-04T08:00", 18),
        ("2024-06-10T08:00", "2024-06-07T16:00", -2),
    ],
)
def test_working_time_is_what_lies_within_office_hours(start: str, end: str, hours: int) -> None:
    assert CALENDAR.working_time(local(start), local(end)) == hours * HOUR


@pytest.mark.parametrize(
    ("moment", "hours", "first", "last"),
    [
        ("2024-06-05T09:00", 2, "2024-06-05T11:00", "2024-06-05T11:00"),
        ("2024-06-05T09:00", 2.5, "2024-06-05T11:30", "2024-06-05T13:30"),
        ("2024-06-05T09:00", 6, "2024-06-05T17:00", "2024-06-06T07:00"),
        ("2024-06-05T07:00", 8, "2024-06-05T17:00", "2024-06-06T07:00"),
        ("2024-06-07T07:00", 8, "2024-06-07T17:00", "2024-06-10T07:00"),
        ("2024-06-08T09:00", 8, "2024-06-10T17:00", "2024-06-11T07:00"),
        ("2024-06-05T12:00", 0, "2024-06-05T13:30", "2024-06-05T13:30"),
        ("2024-06-05T09:00", 0, "2024-06-05T09:00", "2024-06-05T09:00"),
        ("2024-06-05T17:00", 0, "2024-06-05T17:00", "2024-06-06T07:00"),
    ],
)
def test_an_amount_is_used_up_at_closing_but_not_exceeded_before_opening(
    moment: str, hours: float, first: str, last: str
) -> None:
    assert CALENDAR.add_working_time(local(moment), hours * HOUR) == local(first)
    assert CALENDAR.latest_within(local(moment), hours * HOUR) == local(last)


def test_the_zone_of_a_moment_does_not_matter_and_answers_are_utc() -> None:
    moment = local("2024-06-05T09:00")
    answers = [
        CALENDAR.latest_within(moment.astimezone(zone), HOUR)
        for zone in (UTC, VIETNAM, ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("America/New_York"))
    ]
    assert len(set(answers)) == 1
    assert all(answer.tzinfo is UTC for answer in answers)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(TypeError):
        CALENDAR.latest_within(local("2024-06-05T09:00").replace(tzinfo=None), HOUR)


# How far it can be relied on


def test_a_compared_year_is_confirmed() -> None:
    report = CALENDAR.coverage(2026)
    assert (report.known, report.swaps_confirmed) == (True, True)
    assert (report.weekdays_off, report.makeup_days, report.overridden) == (14, 2, 2)


def test_next_year_is_provisional() -> None:
    report = CALENDAR.coverage(2027)
    assert (report.known, report.swaps_confirmed) == (True, False)


@pytest.mark.parametrize("year", [1989, 2101])
def test_a_year_that_the_package_lacks_is_unknown(year: int) -> None:
    assert not CALENDAR.coverage(year).known
