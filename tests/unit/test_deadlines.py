"""Deadlines from time limits: tables that a clerk can read, and the properties that any table has."""

import ast
import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendar.deadlines import DueCalculation, compute_due
from service.domain.calendar.holidays import DayRule
from service.domain.calendar.local_time import VIETNAM, day_end, local_day
from service.domain.calendar.work_calendar import OfficeHours, OutsideCalendar, WorkCalendar
from service.domain.procedures import LimitUnit, TimeLimit

DATA = Path(__file__).parents[1] / "data"
CALENDAR = WorkCalendar()
DAY_UNITS = (LimitUnit.WORKING_DAY, LimitUnit.CALENDAR_DAY, LimitUnit.MONTH)


class Pause(NamedTuple):
    start: datetime
    end: datetime | None


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = table("deadlines.csv") + table("deadlines-more.csv")


def pauses_of(row: dict[str, str]) -> list[Pause]:
    spans = [span.split("/") for span in (row.get("pauses") or "").split(";") if span]
    return [Pause(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None) for start, end in spans]


def due(
    received: str,
    amount: int = 1,
    unit: str = "working_day",
    pauses: Iterable[Pause] = (),
    calendar: WorkCalendar = CALENDAR,
) -> DueCalculation:
    moment = datetime.fromisoformat(received).replace(tzinfo=VIETNAM)
    return compute_due(moment, TimeLimit(amount, LimitUnit(unit)), calendar, pauses)


def pause(start: str, end: str | None = None) -> Pause:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=VIETNAM) if text else None for text in (start, end))
    assert first is not None
    return Pause(first, last)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(list(row.values())[:3]))
def test_the_due_moment_is_the_one_worked_out_by_hand(row: dict[str, str]) -> None:
    limit = TimeLimit(int(row["limit_amount"]), LimitUnit(row["limit_unit"]))
    deadline = compute_due(datetime.fromisoformat(row["received_at"]), limit, CALENDAR, pauses_of(row))
    is_day = "T" not in row["due"]
    expected = day_end(date.fromisoformat(row["due"])) if is_day else datetime.fromisoformat(row["due"])
    assert (deadline.due_at, deadline.precision) == (expected, "day" if is_day else "instant"), row["why"]


def test_the_hand_made_table_is_long_enough_and_explained() -> None:
    assert len(table("deadlines-more.csv")) >= 45
    assert all(row["why"] for row in ROWS)


@pytest.mark.parametrize(
    ("received", "unit", "amount", "next_day", "same"),
    [
        ("2024-06-08T09:00", "working_day", 1, "2024-06-11", "2024-06-10"),  # Saturday
        ("2024-06-07T17:01", "working_day", 1, "2024-06-11", "2024-06-10"),  # Friday after closing
        ("2024-06-07T09:00", "working_day", 1, "2024-06-10", "2024-06-10"),  # Friday in office hours
        ("2024-06-05T12:10", "working_day", 1, "2024-06-06", "2024-06-06"),  # at lunch: the same day anyway
        ("2024-06-08T09:00", "calendar_day", 5, "2024-06-17", "2024-06-13"),  # from Monday, or from Saturday
        ("2024-06-08T09:00", "month", 1, "2024-07-10", "2024-07-08"),
    ],
)
def test_a_receipt_outside_office_hours_counts_from_the_day_that_the_setting_says(
    received: str, unit: str, amount: int, next_day: str, same: str
) -> None:
    same_day = WorkCalendar(OfficeHours(receipt_off_hours="same"))
    days = [local_day(due(received, amount, unit, calendar=calendar).due_at) for calendar in (CALENDAR, same_day)]
    assert [day.isoformat() for day in days] == [next_day, same]


def test_a_limit_in_hours_runs_in_office_hours_only_by_either_setting() -> None:
    same_day = WorkCalendar(OfficeHours(receipt_off_hours="same"))
    assert due("2024-06-08T09:00", 4, "working_hour", calendar=same_day).due_at == datetime(
        2024, 6, 10, 11, tzinfo=VIETNAM
    )


def test_the_due_moment_is_in_utc() -> None:
    assert due("2024-06-05T09:00").due_at.tzinfo is UTC


def test_a_day_runs_to_its_last_microsecond() -> None:
    assert due("2024-06-05T09:00").due_at == datetime(2024, 6, 6, 23, 59, 59, 999999, VIETNAM)


@pytest.mark.parametrize("amount", [0, -1, 10000])
def test_an_amount_that_is_no_time_limit_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="1 to 9999"):
        TimeLimit(amount, LimitUnit.WORKING_DAY)


@pytest.mark.parametrize("unit", list(LimitUnit))
def test_a_limit_that_leads_out_of_the_calendar_is_refused(unit: LimitUnit) -> None:
    amount = 9999 if unit is not LimitUnit.MONTH else 2000
    with pytest.raises(OutsideCalendar):
        due("2110-12-01T09:00", amount, unit)


def test_a_naive_receipt_is_refused() -> None:
    with pytest.raises(TypeError):
        compute_due(datetime(2024, 6, 5, 9), TimeLimit(1, LimitUnit.WORKING_DAY), CALENDAR)


def test_an_override_of_the_calendar_moves_the_due_day() -> None:
    calendar = WorkCalendar(overrides=[DayRule(date(2024, 6, 6), False, "Nghỉ bão")])
    assert local_day(due("2024-06-05T09:00", calendar=calendar).due_at) == date(2024, 6, 7)


moments = st.datetimes(datetime(1991, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
limits = st.builds(TimeLimit, st.integers(1, 90), st.sampled_from(LimitUnit))


@st.composite
def pause_lists(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    received_at = draw(moments)
    gaps = draw(st.lists(st.timedeltas(timedelta(0), timedelta(days=9)), max_size=6))
    edges = [received_at]
    for gap in gaps:
        edges.append(edges[-1] + gap)
    return received_at, [Pause(start, end) for start, end in list(pairwise(edges))[::2]]


@given(moments, limits)
def test_the_due_moment_is_after_receipt_and_on_a_working_day(received_at: datetime, limit: TimeLimit) -> None:
    due_at = compute_due(received_at, limit, CALENDAR).due_at
    assert due_at > received_at
    assert CALENDAR.is_working_day(local_day(due_at))


@given(moments, st.integers(1, 60))
def test_working_days_agree_with_counting_on_the_fingers(received_at: datetime, amount: int) -> None:
    day = local_day(CALENDAR.opening_from(received_at))
    for _ in range(amount):
        day += timedelta(days=1)
        while not CALENDAR.is_working_day(day):
            day += timedelta(days=1)
    assert compute_due(received_at, TimeLimit(amount, LimitUnit.WORKING_DAY), CALENDAR).due_at == day_end(day)


@given(moments, limits)
def test_a_longer_limit_is_never_due_earlier(received_at: datetime, limit: TimeLimit) -> None:
    longer = TimeLimit(limit.amount + 1, limit.unit)
    due_at = compute_due(received_at, limit, CALENDAR).due_at
    assert compute_due(received_at, longer, CALENDAR).due_at >= due_at


@given(pause_lists(), limits)
def test_pauses_never_bring_the_due_moment_forward(case: tuple[datetime, list[Pause]], limit: TimeLimit) -> None:
    received_at, pauses = case
    due_at = compute_due(received_at, limit, CALENDAR).due_at
    assert compute_due(received_at, limit, CALENDAR, pauses).due_at >= due_at


@given(pause_lists(), limits)
def test_the_order_of_pauses_and_repeats_do_not_matter(case: tuple[datetime, list[Pause]], limit: TimeLimit) -> None:
    received_at, pauses = case
    once = compute_due(received_at, limit, CALENDAR, pauses).due_at
    assert compute_due(received_at, limit, CALENDAR, [*reversed(pauses), *pauses]).due_at == once


@given(pause_lists(), limits)
def test_open_pauses_do_not_matter(case: tuple[datetime, list[Pause]], limit: TimeLimit) -> None:
    received_at, pauses = case
    with_open = [*pauses, Pause(received_at, None)]
    once = compute_due(received_at, limit, CALENDAR, pauses).due_at
    assert compute_due(received_at, limit, CALENDAR, with_open).due_at == once


@given(pause_lists(), limits)
def test_a_pause_begun_in_time_never_ends_after_the_new_due_day(
    case: tuple[datetime, list[Pause]], limit: TimeLimit
) -> None:
    received_at, pauses = case
    calculation = compute_due(received_at, limit, CALENDAR, pauses)
    for effect in calculation.effects:
        if effect.shift is not None and effect.end is not None and calculation.precision == "day":
            ended = CALENDAR.first_working_day(local_day(effect.end))
            assert ended <= local_day(effect.reached.due_at)


@given(pause_lists(), limits)
def test_a_pause_cut_in_two_that_touch_is_the_same_pause(case: tuple[datetime, list[Pause]], limit: TimeLimit) -> None:
    received_at, pauses = case
    halves = [half for p in pauses if p.end for half in _halved(p.start, p.end)]
    once = compute_due(received_at, limit, CALENDAR, pauses).due_at
    assert compute_due(received_at, limit, CALENDAR, halves).due_at == once


def _halved(start: datetime, end: datetime) -> list[Pause]:
    middle = start + (end - start) / 2
    return [Pause(start, middle), Pause(middle, end)]


@given(moments, st.integers(1, 60), st.integers(0, 40), st.integers(0, 40))
def test_a_pause_moves_working_days_by_those_it_covers(
    received_at: datetime, amount: int, wait: int, length: int
) -> None:
    start = received_at + timedelta(days=wait)
    end = start + timedelta(days=length)
    without = compute_due(received_at, TimeLimit(amount, LimitUnit.WORKING_DAY), CALENDAR).due_at
    due_at = compute_due(received_at, TimeLimit(amount, LimitUnit.WORKING_DAY), CALENDAR, [Pause(start, end)]).due_at
    first_counted = max(local_day(start), local_day(CALENDAR.opening_from(received_at)))
    days = [first_counted + timedelta(n) for n in range((local_day(end) - first_counted).days)]
    paused = sum(CALENDAR.is_working_day(day) for day in days) if start <= without else 0
    assert local_day(due_at) == CALENDAR.add_working_days(local_day(without), paused)


def test_these_tests_read_only_their_own_data() -> None:
    """No literal leads out of the tests' folder, and every table named is one of tests/data."""
    for name in ("test_deadlines.py", "test_workcalendar.py"):
        tree = ast.parse(Path(__file__).with_name(name).read_text(encoding="utf-8"))
        constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        texts = [value for value in constants if isinstance(value, str)]
        assert not [text for text in texts if len(text) > 2 and text.startswith(("/", "~", ".."))]
        assert all((DATA / text).is_file() for text in texts if text.endswith(".csv") and len(text) > 4)


@pytest.mark.parametrize("moment", ["2024-06-05T10:00", "2024-06-06T10:00"], ids=["at the receipt", "after it"])
def test_a_pause_without_length_has_no_effect(moment: str) -> None:
    assert due("2024-06-05T10:00", 5, pauses=[pause(moment, moment)]).effects == ()
