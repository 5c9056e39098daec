"""Deadlines from time limits: tables that a clerk can read, and the properties that any table has."""

import ast
import csv
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendar.deadlines import Due, compute_due
from service.domain.calendar.holidays import DayRule
from service.domain.calendar.local_time import VIETNAM, day_end, local_day
from service.domain.calendar.work_calendar import OutsideCalendar, WorkCalendar
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
) -> Due:
    moment = datetime.fromisoformat(received).replace(tzinfo=VIETNAM)
    return compute_due(moment, TimeLimit(amount, LimitUnit(unit)), calendar, pauses)


def pause(start: str, end: str | None = None) -> Pause:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=VIETNAM) if text else None for text in (start, end))
    assert first is not None
    return Pause(first, last)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(list(row.values())[:3]))
def test_the_due_moment_is_the_one_worked_out_by_hand(row: dict[str, str]) -> None:
    limit = TimeLimit(int(row["limit_amount"]), LimitUnit(row["limit_unit"]))
    found = compute_due(datetime.fromisoformat(row["received_at"]), limit, CALENDAR, pauses_of(row))
    is_day = "T" not in row["due"]
    expected = day_end(date.fromisoformat(row["due"])) if is_day else datetime.fromisoformat(row["due"])
    assert (found.due_at, found.precision) == (expected, "day" if is_day else "instant"), row["why"]


def test_the_hand_made_table_is_long_enough_and_explained() -> None:
    assert len(table("deadlines-more.csv")) >= 45
    assert all(row["why"] for row in ROWS)


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


def test_the_trace_tells_a_clerk_how_saturday_became_monday() -> None:
    assert [step.vi for step in due("2024-06-08T09:00").trace] == [
        "Tiếp nhận thứ Bảy 08/06/2024 09:00: tính như 07:00 thứ Hai 10/06/2024",
        "Thời hạn 1 ngày làm việc, không tính ngày bắt đầu: đến thứ Ba 11/06/2024",
        "Hạn trả: hết thứ Ba 11/06/2024",
    ]


def test_the_trace_counts_in_english_plurals() -> None:
    assert due("2024-06-05T09:00").trace[1].en.startswith("Time limit 1 working day,")
    assert due("2024-06-05T09:00", 2).trace[1].en.startswith("Time limit 2 working days,")


def test_the_trace_names_days_off_as_ranges_and_make_up_days() -> None:
    assert [step.vi for step in due("2024-04-26T15:00", 3).trace][2:4] == [
        (
            "Không tính ngày nghỉ 29/04/2024–01/05/2024 "
            "(Ngày nghỉ (thay cho ngày 04/05/2024), Ngày Chiến thắng, Ngày Quốc tế Lao động)"
        ),
        "Làm bù thứ Bảy 04/05/2024",
    ]


def test_the_trace_puts_the_days_of_tet_into_one_name() -> None:
    found = [step.vi for step in due("2023-01-18T09:00", 3).trace]
    assert "Không tính ngày nghỉ 20/01/2023–26/01/2023 (Tết Nguyên Đán)" in found


def test_the_trace_lists_every_holiday_of_a_long_limit() -> None:
    step = due("2024-01-02T09:00", 100).trace[2]
    assert step.en.startswith("Days off skipped: 2024-02-08 to 2024-02-14 (Lunar New Year); 2024-04-18 (Hung Kings'")


def test_the_trace_says_why_the_last_day_moved() -> None:
    step = due("2024-06-05T10:00", 10, "calendar_day").trace[-2]
    assert step.vi == "Ngày cuối, thứ Bảy 15/06/2024, không làm việc: dời sang thứ Hai 17/06/2024"


def test_the_trace_gives_the_shift_of_each_pause() -> None:
    pauses = [pause("2024-06-07T15:00", "2024-06-10T10:00"), pause("2024-06-11T08:00")]
    assert [step.vi for step in due("2024-06-05T09:00", 3, pauses=pauses).trace][2:4] == [
        (
            "Tạm dừng từ 15:00 thứ Sáu 07/06/2024 đến 10:00 thứ Hai 10/06/2024: "
            "cộng 1 ngày làm việc, hạn đến hết thứ Ba 11/06/2024"
        ),
        "Tạm dừng từ 08:00 thứ Ba 11/06/2024, chưa kết thúc: chưa dời hạn",
    ]


def test_the_trace_gives_the_shift_in_hours() -> None:
    found = due("2024-06-05T09:00", 4, "working_hour", [pause("2024-06-05T10:10", "2024-06-05T14:00")])
    assert "1 h 50 min of office hours more, until Wednesday 2024-06-05 16:50" in found.trace[2].en


def test_the_trace_says_that_a_late_pause_moves_nothing() -> None:
    found = due("2024-06-03T09:00", pauses=[pause("2024-06-05T08:00", "2024-06-07T08:00")])
    assert found.trace[2].en.endswith("after it was due: moves nothing")


def test_the_trace_shows_seconds_only_when_there_are_some() -> None:
    found = due("2024-06-05T09:00:30", 1, "working_hour")
    assert found.trace[-1].vi == "Hạn trả: 10:00:30 thứ Tư 05/06/2024"


def test_a_reason_with_braces_stays_as_it_is() -> None:
    calendar = WorkCalendar(overrides=[DayRule(date(2024, 6, 6), False, "Nghỉ {bão}")])
    assert "(Nghỉ {bão})" in due("2024-06-05T09:00", calendar=calendar).trace[2].vi


def test_the_trace_is_plain_json() -> None:
    first = json.loads(json.dumps(due("2024-06-08T09:00").as_dicts()))[0]
    assert first["at"] == "2024-06-08T09:00:00+07:00"
    assert set(first) == {"at", "vi", "en"}


@pytest.mark.parametrize("unit", list(LimitUnit))
def test_no_step_leaves_a_template_open(unit: LimitUnit) -> None:
    pauses = [pause("2024-06-05T15:00", "2024-06-10T10:00"), pause("2024-06-11T08:00")]
    for step in due("2024-06-05T12:00", 3, unit, pauses).trace:
        assert not set("{}") & set(step.vi + step.en)


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


@given(moments, st.integers(1, 60), st.integers(0, 40), st.integers(0, 40))
def test_a_pause_moves_working_days_by_those_it_covers(
    received_at: datetime, amount: int, wait: int, length: int
) -> None:
    start = received_at + timedelta(days=wait)
    end = start + timedelta(days=length)
    without = compute_due(received_at, TimeLimit(amount, LimitUnit.WORKING_DAY), CALENDAR).due_at
    found = compute_due(received_at, TimeLimit(amount, LimitUnit.WORKING_DAY), CALENDAR, [Pause(start, end)]).due_at
    first_counted = max(local_day(start), local_day(CALENDAR.opening_from(received_at)))
    days = [first_counted + timedelta(n) for n in range((local_day(end) - first_counted).days)]
    paused = sum(CALENDAR.is_working_day(day) for day in days) if start <= without else 0
    assert local_day(found) == CALENDAR.add_working_days(local_day(without), paused)


def test_these_tests_read_only_their_own_data() -> None:
    """No literal leads out of the tests' folder, and every table named is one of tests/data."""
    for name in ("test_deadlines.py", "test_workcalendar.py"):
        tree = ast.parse(Path(__file__).with_name(name).read_text(encoding="utf-8"))
        constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        texts = [value for value in constants if isinstance(value, str)]
        assert not [text for text in texts if len(text) > 2 and text.startswith(("/", "~", ".."))]
        assert all((DATA / text).is_file() for text in texts if text.endswith(".csv") and len(text) > 4)
