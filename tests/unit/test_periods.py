"""Periods under their names: first and last day, and labels; a table that a clerk can read."""

import re
from datetime import date

import pytest

from service.domain.calendar.periods import PeriodCalendar, PeriodError, days_of, free_period, parse_period

TODAY = date(2023, 10, 4)


@pytest.mark.parametrize(
    ("calendar", "name", "first", "last", "label", "label_en"),
    [
        ("civil", "2023-10-04", "2023-10-04", "2023-10-04", "Ngày 04/10/2023", "4 October 2023"),
        ("civil", "2023-10", "2023-10-01", "2023-10-31", "Tháng 10/2023", "October 2023"),
        ("civil", "2024-02", "2024-02-01", "2024-02-29", "Tháng 2/2024", "February 2024"),
        ("civil", "2023-Q3", "2023-07-01", "2023-09-30", "Quý III/2023", "Quarter III/2023"),
        ("civil", "2023-H1", "2023-01-01", "2023-06-30", "6 tháng đầu năm 2023", "First half of 2023"),
        ("civil", "2023-H2", "2023-07-01", "2023-12-31", "6 tháng cuối năm 2023", "Second half of 2023"),
        ("civil", "2023", "2023-01-01", "2023-12-31", "Năm 2023", "Year 2023"),
        ("civil", "ytd", "2023-01-01", "2023-10-04", "Đến tháng 10", "Year to October"),
        ("civil", "2023-M09", "2023-01-01", "2023-09-30", "9 tháng đầu năm 2023", "First 9 months of 2023"),
        ("civil", "2023-M02", "2023-01-01", "2023-02-28", "2 tháng đầu năm 2023", "First 2 months of 2023"),
        ("civil", "2023-M01", "2023-01-01", "2023-01-31", "1 tháng đầu năm 2023", "First 1 month of 2023"),
        ("civil", "2023-W40", "2023-10-02", "2023-10-08", "Tuần 40/2023", "Week 40/2023"),
        ("civil", "2020-W53", "2020-12-28", "2021-01-03", "Tuần 53/2020", "Week 53/2020"),
        ("civil", "2025-W01", "2024-12-30", "2025-01-05", "Tuần 1/2025", "Week 1/2025"),
        ("civil", "week", "2023-10-02", "2023-10-08", "Tuần 40/2023", "Week 40/2023"),
        # Decree 09/2019
        ("reporting", "2025-03", "2025-02-15", "2025-03-14", "Tháng 3/2025", "March 2025"),
        ("reporting", "2025-01", "2024-12-15", "2025-01-14", "Tháng 1/2025", "January 2025"),
        ("reporting", "2025-Q1", "2024-12-15", "2025-03-14", "Quý I/2025", "Quarter I/2025"),
        ("reporting", "2025-H1", "2024-12-15", "2025-06-14", "6 tháng đầu năm 2025", "First half of 2025"),
        ("reporting", "2025", "2024-12-15", "2025-12-14", "Năm 2025", "Year 2025"),
        ("reporting", "2025-M09", "2024-12-15", "2025-09-14", "9 tháng đầu năm 2025", "First 9 months of 2025"),
        ("reporting", "2023-W40", "2023-10-02", "2023-10-08", "Tuần 40/2023", "Week 40/2023"),
        ("reporting", "ytd", "2022-12-15", "2023-10-04", "Đến tháng 10", "Year to October"),
        # Lâm Đồng, Vĩnh Phúc
        ("1,1", "2020-Q1", "2019-12-01", "2020-02-29", "Quý I/2020", "Quarter I/2020"),
        ("1,21", "2021-08", "2021-07-21", "2021-08-20", "Tháng 8/2021", "August 2021"),
        ("1,21", "2021-09", "2021-08-21", "2021-09-20", "Tháng 9/2021", "September 2021"),
    ],
)
def test_a_period_by_name(calendar: str, name: str, first: str, last: str, label: str, label_en: str) -> None:
    period = parse_period(name, TODAY, PeriodCalendar.parse(calendar))
    assert (str(period.first), str(period.last), period.label, period.label_en) == (first, last, label, label_en)


@pytest.mark.parametrize(
    ("today", "calendar", "first", "label"),
    [
        ("2023-12-14", "reporting", "2022-12-15", "Đến tháng 12"),
        ("2023-12-15", "reporting", "2023-12-15", "Đến tháng 1"),
        ("2023-10-15", "reporting", "2022-12-15", "Đến tháng 11"),
        ("2023-01-01", "civil", "2023-01-01", "Đến tháng 1"),
        ("2023-12-31", "civil", "2023-01-01", "Đến tháng 12"),
        ("2023-12-21", "1,21", "2023-12-21", "Đến tháng 1"),
    ],
)
def test_a_year_to_date(today: str, calendar: str, first: str, label: str) -> None:
    period = parse_period("ytd", date.fromisoformat(today), PeriodCalendar.parse(calendar))
    assert (str(period.first), str(period.last), period.label) == (first, today, label)


def test_two_dates_are_both_inclusive() -> None:
    period = free_period(date(2023, 10, 1), date(2023, 10, 4))
    assert (str(period.first), str(period.last), period.label, period.label_en) == (
        "2023-10-01",
        "2023-10-04",
        "Từ 01/10/2023 đến 04/10/2023",
        "From 01/10/2023 to 04/10/2023",
    )


@pytest.mark.parametrize(
    "name",
    [
        "", "2023-13", "2023-00", "2023-Q5", "2023-Q0", "2023-H3", "2023-02-30", "23", "1989", "2101", "2023-1",
        "2023-M13", "2023-M00", "2023-M9", "2023-W53", "2023-W00", "2023-W4", "2023-w40", "2023-Q3-01", "2023-W40 ",
    ],
)  # fmt: skip
def test_what_is_no_period(name: str) -> None:
    with pytest.raises(PeriodError):
        parse_period(name, TODAY)


@pytest.mark.parametrize(("name", "message"), [
    ("1989", "năm phải từ 1990 đến 2100 (year out of range)"),
    ("2101-01", "năm phải từ 1990 đến 2100 (year out of range)"),
    ("2023-02-30", "không có 2023-02-30 (no such day or week)"),
    ("2023-Q5", "không có 2023-Q5 (no such quarter)"),
], ids=["too early", "too late", "no such day", "no such quarter"])  # fmt: skip
def test_why_it_is_no_period(name: str, message: str) -> None:
    with pytest.raises(PeriodError) as refused:
        parse_period(name, TODAY)
    assert refused.value.errors == {"period": [message]}


@pytest.mark.parametrize("name", ["1990", "2100"])
def test_the_first_and_the_last_year(name: str) -> None:
    assert parse_period(name, TODAY).name == name


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("1989-12-31", "1990-01-02", "from, to: năm phải từ 1990 đến 2100 (year out of range)"),
        ("2100-12-31", "2101-01-01", "from, to: năm phải từ 1990 đến 2100 (year out of range)"),
        ("2023-10-02", "2023-10-01", "from, to: ngày đầu sau ngày cuối (from is after to)"),
    ],
    ids=["too early", "too late", "reversed"],
)
def test_what_is_no_free_period(first: str, last: str, message: str) -> None:
    with pytest.raises(PeriodError, match=f"^{re.escape(message)}$"):
        free_period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("first", "last"),
    [("1990-01-01", "1990-01-01"), ("2100-12-31", "2100-12-31")],
    ids=["the first day", "the last day"],
)
def test_one_day_is_a_free_period(first: str, last: str) -> None:
    assert free_period(date.fromisoformat(first), date.fromisoformat(last)).name == f"{first}/{last}"


def test_the_days_of_a_span_follow_each_other() -> None:
    days = days_of(date(2024, 2, 28), date(2024, 3, 2))
    assert [day.name for day in days] == ["2024-02-28", "2024-02-29", "2024-03-01"]


@pytest.mark.parametrize("text", ["", "lunar", "1", "1,0", "1,29", "12,1", "-1,5"])
def test_what_is_no_calendar(text: str) -> None:
    with pytest.raises(PeriodError):
        PeriodCalendar.parse(text)


@pytest.mark.parametrize("text", ["0,1", "11,28"])
def test_the_outermost_lags_and_start_days_are_calendars(text: str) -> None:
    lag, start = map(int, text.split(","))
    calendar = PeriodCalendar.parse(text)
    assert (calendar.lag_months, calendar.start_day) == (lag, start)


@pytest.mark.parametrize("text", ["12,1", "1,29", "1,0"])
def test_a_calendar_out_of_range_is_refused_with_the_ranges(text: str) -> None:
    with pytest.raises(PeriodError, match="L từ 0 đến 11 và D từ 1 đến 28"):
        PeriodCalendar.parse(text)


def test_a_refusal_repeats_forty_letters_of_an_unknown_name() -> None:
    with pytest.raises(PeriodError, match=f"'{'x' * 40}'; dùng civil, reporting"):
        PeriodCalendar.parse("x" * 41)
    with pytest.raises(PeriodError, match=rf"'{'x' * 40}'; dùng .* hoặc ytd \(unknown period\)"):
        parse_period("x" * 41, date(2023, 10, 4))
