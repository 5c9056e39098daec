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


@pytest.mark.parametrize("hours", ["07:00-16:30", "07:00-11:30, 13:30-16:30", "07:00-10:00, 10:30-12:00, 13:00-16:30"])
def test_a_receipt_after_the_last_session_is_on_the_next_day(hours: str) -> None:
    closing = datetime.combine(date(2024, 6, 6), time(16, 30), VIETNAM)
    moved = past_closing(OfficeHours.parse(hours))
    assert (local_day(closing + moved), local_day(closing + timedelta(microseconds=1) + moved)) == (
        date(2024, 6, 6),
        date(2024, 6, 7),
    )


def test_who_ends_on_a_due_day_that_is_a_day_off_has_no_day_left() -> None:
    saturday = date(2024, 6, 8)
    assert days_to_deadline(WORK, saturday, saturday) == 0


RECEIVED, ENDED, DUE = date(2024, 6, 3), date(2024, 6, 6), date(2024, 6, 7)


def added(*handled: Handled) -> Durations:
    durations = Durations()
    for one in handled:
        durations.add(WORK, one)
    return durations


TWO, FIVE = (Handled(RECEIVED, ENDED, DUE, dossiers=number) for number in (2, 5))


def test_dossiers_of_the_same_days_add_to_the_days_that_they_used() -> None:
    assert added(TWO, FIVE).used == Counter({3: 7})


def test_dossiers_of_the_same_days_add_to_the_days_that_were_left() -> None:
    assert added(TWO, FIVE).to_deadline == Counter({1: 7})


def test_a_dossier_without_a_due_day_has_no_distance_to_the_deadline() -> None:
    assert added(Handled(RECEIVED, ENDED, None)) == Durations(Counter({3: 1}))


def test_dossiers_whose_end_nobody_sent_are_not_measured() -> None:
    unsent = Handled(None, ENDED, DUE, dossiers=2)
    assert added(unsent, unsent) == Durations(unmeasured=4)


def test_the_first_class_of_days_used_is_none() -> None:
    assert counted(0, 0, 1).histogram() == {0: 2, 1: 1}


def test_the_outer_classes_of_distances_hold_the_rest() -> None:
    durations = Durations(to_deadline=Counter([-30, -20, -19, 0, 19, 20, 30]))
    assert durations.distances() == {-20: 2, -19: 1, 0: 1, 19: 1, 20: 2}
