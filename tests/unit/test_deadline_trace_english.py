"""Whole traces in English, step by step, and the days that they speak of."""

from typing import Any

import pytest

from service.domain.calendar.work_calendar import OfficeHours, WorkCalendar
from tests.unit.test_deadline_trace import traced
from tests.unit.test_deadlines import pause

FIRST_DAY = "the first day not counted (Civil Code 2015, art. 147)"
WITHIN_HOURS = ("2024-06-05T05:30", 4, "working_hour")
OVER_A_WEEKEND = ("2024-06-05T10:00", 10, "calendar_day")
INTO_NEXT_YEAR = ("2026-12-30T09:00", 5, "working_day")
WITH_PAUSES = (
    *("2024-06-07T09:00", 8, "calendar_day"),
    pause("2024-06-11T08:00", "2024-06-12T08:00"),
    pause("2024-06-20T08:00", "2024-06-21T08:00"),
    pause("2024-06-25T08:00"),
)

TRACES = [
    (
        WITHIN_HOURS,
        [
            "Received Wednesday 2024-06-05 05:30, before opening: as if Wednesday 2024-06-05 07:00",
            "Time limit 4 working hours, office hours only: until Wednesday 2024-06-05 11:00",
            "Due: Wednesday 2024-06-05 11:00",
        ],
    ),
    (
        OVER_A_WEEKEND,
        [
            "Received Wednesday 2024-06-05 10:00: within office hours",
            f"Time limit 10 calendar days, {FIRST_DAY}: until Saturday 2024-06-15",
            "The last day, Saturday 2024-06-15, is a day off (weekend): moved to Monday 2024-06-17 (art. 148(5))",
            "Due: the end of Monday 2024-06-17 (art. 148)",
        ],
    ),
    (
        INTO_NEXT_YEAR,
        [
            "Received Wednesday 2026-12-30 09:00: within office hours",
            f"Time limit 5 working days, {FIRST_DAY}: until Thursday 2027-01-07",
            "Days off skipped: 2027-01-01 to 2027-01-03 (New Year's Day, weekend)",
            "Due: the end of Thursday 2027-01-07 (art. 148)",
            "The calendar of 2027 is not confirmed yet: the official notice may differ",
        ],
    ),
    (
        WITH_PAUSES,
        [
            "Received Friday 2024-06-07 09:00: within office hours",
            f"Time limit 8 calendar days, {FIRST_DAY}: until Saturday 2024-06-15",
            "Paused from Tuesday 2024-06-11 08:00 to Wednesday 2024-06-12 08:00: 1 calendar day more,"
            " until Sunday 2024-06-16",
            "Paused from Thursday 2024-06-20 08:00 to Friday 2024-06-21 08:00, after it was due: moves nothing",
            "Paused from Tuesday 2024-06-25 08:00, not ended: moves nothing yet",
            "The last day, Sunday 2024-06-16, is a day off (weekend): moved to Monday 2024-06-17 (art. 148(5))",
            "Due: the end of Monday 2024-06-17 (art. 148)",
        ],
    ),
]
IDS = ["within hours", "over a weekend", "into next year", "with pauses"]


@pytest.mark.parametrize(("asked", "steps"), TRACES, ids=IDS)
def test_a_trace_in_english(asked: tuple[Any, ...], steps: list[str]) -> None:
    assert [step.en for step in traced(*asked)] == steps


@pytest.mark.parametrize(
    ("asked", "place", "step"),
    [
        (WITHIN_HOURS, 0, "Tiếp nhận 05:30 thứ Tư 05/06/2024, trước giờ mở cửa: tính như 07:00 thứ Tư 05/06/2024"),
        (WITHIN_HOURS, 1, "Thời hạn 4 giờ làm việc, chỉ tính giờ làm việc: đến 11:00 thứ Tư 05/06/2024"),
        (WITH_PAUSES, 3, "Tạm dừng từ 08:00 thứ Năm 20/06/2024 đến 08:00 thứ Sáu 21/06/2024, sau khi đã hết hạn:"
         " không dời hạn"),
    ],
    ids=["receipt", "limit in hours", "late pause"],
)  # fmt: skip
def test_a_step_in_vietnamese(asked: tuple[Any, ...], place: int, step: str) -> None:
    assert traced(*asked)[place].vi == step


def test_a_receipt_that_keeps_its_day_in_english() -> None:
    same_day = WorkCalendar(OfficeHours(receipt_off_hours="same"))
    step = traced("2024-06-08T09:00", calendar=same_day)[0]
    assert step.en == "Received Saturday 2024-06-08 09:00, day off (weekend): still counted from this day"


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        (WITHIN_HOURS, ["2024-06-05T05:30:00+07:00", "2024-06-05T11:00:00+07:00", "2024-06-05T11:00:00+07:00"]),
        (OVER_A_WEEKEND, ["2024-06-05T10:00:00+07:00", "2024-06-15", "2024-06-15", "2024-06-17"]),
        (INTO_NEXT_YEAR, ["2026-12-30T09:00:00+07:00", "2027-01-07", "2027-01-01", "2027-01-07", "2027-01-01"]),
    ],
    ids=IDS[:3],
)
def test_each_step_names_its_day_or_moment(asked: tuple[Any, ...], days: list[str]) -> None:
    assert [step.at for step in traced(*asked)] == days


@pytest.mark.parametrize(
    ("days", "ranges"),
    [
        (30, "06/07/2024–07/07/2024 (cuối tuần); 13/07/2024–14/07/2024 (cuối tuần)"),
        (35, "14 ngày cuối tuần từ 08/06/2024 đến 21/07/2024"),
    ],
    ids=["six ranges are named", "seven are counted"],
)
def test_many_weekends_are_counted(days: int, ranges: str) -> None:
    assert traced("2024-06-03T09:00", days)[2].vi.endswith(ranges)


@pytest.mark.parametrize(
    ("received", "why"),
    [
        ("2024-06-05T06:59", ", before opening: as if Wednesday 2024-06-05 07:00"),
        ("2024-06-05T07:00", ": within office hours"),
        ("2024-06-05T11:30", ": within office hours"),
        ("2024-06-05T11:31", ", during the lunch break: as if Wednesday 2024-06-05 13:30"),
        ("2024-06-05T17:00", ": within office hours"),
        ("2024-06-05T17:01", ", in the evening after closing: as if Thursday 2024-06-06 07:00"),
        ("2024-06-06T17:01", ", in the evening after closing: as if Friday 2024-06-07 07:00"),
    ],
    ids=["before opening", "opening", "end of the morning", "lunch", "closing", "evening", "before a Friday"],
)
def test_the_edges_of_the_office_hours(received: str, why: str) -> None:
    assert traced(received)[0].en.partition(received[-5:])[2] == why
