"""Working days used and the distance to the deadline: a table that a clerk can check with a calendar."""

import csv
from collections import Counter
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain.calendar.deadlines import compute_due
from service.domain.calendar.local_time import VIETNAM, local_day
from service.domain.calendar.work_calendar import OfficeHours, WorkCalendar
from service.domain.dossier.snapshot import Pause
from service.domain.procedures import LimitUnit, TimeLimit
from service.domain.statistics.durations import (
    Durations,
    Handled,
    days_to_deadline,
    past_closing,
    working_days_used,
)

WORK = WorkCalendar()
TABLE = list(
    csv.DictReader((Path(__file__).parents[1] / "data" / "durations.csv").read_text(encoding="utf-8").splitlines())
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def handled(row: dict[str, str], hours: OfficeHours) -> Handled:
    pauses = tuple((local_day(at(one[:16])), local_day(at(one[17:]))) for one in row["pauses"].split(";") if one)
    due = date.fromisoformat(row["due"]) if row["due"] else None
    return Handled(local_day(at(row["received"]) + past_closing(hours)), local_day(at(row["ended"])), due, pauses)


@pytest.mark.parametrize("row", TABLE, ids=[row["situation"] for row in TABLE])
def test_the_table(row: dict[str, str]) -> None:
    work = WorkCalendar(OfficeHours(receipt_off_hours="same")) if row["off_hours"] == "same" else WORK
    one = handled(row, work.office_hours)
    assert one.received_on and working_days_used(work, one.received_on, one) == int(row["used"])
    assert one.due_on is None or days_to_deadline(work, one.ended_on, one.due_on) == int(row["to_deadline"])


moments = st.datetimes(datetime(2023, 12, 1), datetime(2024, 12, 1)).map(lambda at: at.replace(tzinfo=VIETNAM))


@given(moments, st.integers(1, 30), st.timedeltas(timedelta(0), timedelta(60)), st.integers(0, 40), st.integers(0, 20))
def test_who_ends_on_a_working_day_is_in_time_by_a_limit_in_working_days_when_no_more_were_used(
    received: datetime, limit: int, took: timedelta, began: int, lasted: int
) -> None:
    pause = Pause(received + timedelta(days=began), received + timedelta(days=began + lasted, hours=3))
    due = compute_due(received, TimeLimit(limit, LimitUnit.WORKING_DAY), WORK, [pause])
    ended = WORK.first_working_day(local_day(received + took))
    assume(pause.start <= due.without_pauses.due_at)  # a later one moves no deadline
    assume(local_day(pause.end or pause.start) <= ended)
    days = ((local_day(pause.start), local_day(pause.end or pause.start)),)
    one = Handled(local_day(received + past_closing(WORK.office_hours)), ended, None, days)
    assert one.received_on is not None
    assert (working_days_used(WORK, one.received_on, one) <= limit) == (ended <= local_day(due.due_at))


def counted(*days: int) -> Durations:
    return Durations(Counter(days))


MIDDLES = {
    "one": ((3,), 3, 3),
    "even": ((1, 2, 3, 10), 2.5, 10),
    "nine of ten": ((*range(1, 11),), 5.5, 9),
    "zero counts": ((0, 0, 5), 0, 5),
}


@pytest.mark.parametrize(("days", "median", "p90"), MIDDLES.values(), ids=MIDDLES.keys())
def test_median_and_p90_are_those_of_the_sorted_days(days: tuple[int, ...], median: float, p90: int) -> None:
    durations = counted(*days)
    assert (durations.median, durations.p90, durations.mean) == (median, p90, Fraction(sum(days), len(days)))


def test_without_dossiers_there_is_no_median_p90_or_mean() -> None:
    assert (Durations().median, Durations().p90, Durations().mean) == (None, None, None)


def test_the_last_class_holds_all_beyond_and_the_mean_is_exact() -> None:
    durations = counted(119, 120, 250)
    assert (durations.histogram(), durations.mean) == ({119: 1, 120: 2}, Fraction(489, 3))


def test_durations_add_up() -> None:
    one, other = counted(1, 2), Durations(Counter([2]), Counter([-1]), 3)
    one += other
    assert one == Durations(Counter([1, 2, 2]), Counter([-1]), 3)


def test_closing_time_itself_is_still_the_day() -> None:
    closing = datetime.combine(date(2024, 6, 6), time(17), VIETNAM)
    moved = past_closing(WORK.office_hours)
    assert (local_day(closing + moved), local_day(closing + timedelta(microseconds=1) + moved)) == (
        date(2024, 6, 6),
        date(2024, 6, 7),
    )
