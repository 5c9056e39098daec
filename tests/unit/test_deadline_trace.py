"""The trace of a deadline: each step in words that a clerk can follow, in the order in which it happened."""

import json
from dataclasses import asdict
from datetime import date, datetime

import pytest

from service.domain.calendar.deadline_trace import TraceStep, trace
from service.domain.calendar.holidays import DayRule
from service.domain.calendar.local_time import VIETNAM
from service.domain.calendar.work_calendar import OfficeHours, WorkCalendar
from service.domain.procedures import LimitUnit
from tests.unit.test_deadlines import CALENDAR, Pause, due, pause


def traced(
    received: str, amount: int = 1, unit: str = "working_day", *pauses: Pause, calendar: WorkCalendar = CALENDAR
) -> tuple[TraceStep, ...]:
    return trace(due(received, amount, unit, pauses, calendar))


def words(received: str, amount: int = 1, unit: str = "working_day", *pauses: Pause) -> list[str]:
    return [step.vi for step in traced(received, amount, unit, *pauses)]


def test_it_tells_a_clerk_how_saturday_became_monday() -> None:
    assert words("2024-06-08T09:00") == [
        "Tiếp nhận 09:00 thứ Bảy 08/06/2024, ngày nghỉ (cuối tuần): tính như 07:00 thứ Hai 10/06/2024",
        "Thời hạn 1 ngày làm việc, không tính ngày bắt đầu (Điều 147 Bộ luật Dân sự 2015): đến thứ Ba 11/06/2024",
        "Hạn trả: hết thứ Ba 11/06/2024 (Điều 148)",
    ]


@pytest.mark.parametrize(
    ("received", "why", "english"),
    [
        ("2024-06-05T09:00", "trong giờ làm việc", "within office hours"),
        ("2024-06-05T12:10", "trong giờ nghỉ trưa", "during the lunch break"),
        ("2024-06-05T17:01", "buổi tối sau giờ làm việc", "in the evening after closing"),
        ("2024-06-05T05:30", "trước giờ mở cửa", "before opening"),
        ("2024-06-09T09:00", "ngày nghỉ (cuối tuần)", "day off (weekend)"),
        ("2024-09-02T09:00", "ngày nghỉ (Quốc khánh)", "day off (National Day)"),
        ("2024-06-07T18:00", "buổi tối sau giờ làm việc, ngày nghỉ (cuối tuần)", "evening after closing, day off"),
        ("2025-01-24T18:00", "ngày nghỉ (cuối tuần, Tết Nguyên Đán)", "day off (weekend, Lunar New Year)"),
    ],
)
def test_it_says_why_receipt_was_moved(received: str, why: str, english: str) -> None:
    step = traced(received)[0]
    assert why in step.vi
    assert english in step.en


def test_it_says_that_the_setting_kept_the_day_of_receipt() -> None:
    same_day = WorkCalendar(OfficeHours(receipt_off_hours="same"))
    step = traced("2024-06-08T09:00", calendar=same_day)[0]
    assert step.vi == "Tiếp nhận 09:00 thứ Bảy 08/06/2024, ngày nghỉ (cuối tuần): vẫn tính từ ngày này"


def test_it_counts_in_english_plurals() -> None:
    assert traced("2024-06-05T09:00")[1].en.startswith("Time limit 1 working day,")
    assert traced("2024-06-05T09:00", 2)[1].en.startswith("Time limit 2 working days,")


def test_it_names_days_off_as_ranges_and_make_up_days() -> None:
    assert words("2024-04-26T15:00", 3)[2:4] == [
        (
            "Không tính ngày nghỉ: 27/04/2024–01/05/2024 "
            "(cuối tuần, Ngày nghỉ (thay cho ngày 04/05/2024), Ngày Chiến thắng, Ngày Quốc tế Lao động)"
        ),
        "Làm bù thứ Bảy 04/05/2024",
    ]


def test_it_puts_the_days_of_tet_into_one_name() -> None:
    assert "Không tính ngày nghỉ: 20/01/2023–26/01/2023 (Tết Nguyên Đán); 28/01/2023–29/01/2023 (cuối tuần)" in words(
        "2023-01-18T09:00", 3
    )


def test_it_lists_every_holiday_of_a_long_limit_and_the_number_of_weekend_days() -> None:
    step = traced("2024-01-02T09:00", 100)[2]
    assert step.en.startswith("Days off skipped: 2024-02-08 to 2024-02-14 (Lunar New Year); 2024-04-18 (Hung Kings'")
    assert step.en.endswith("; 37 weekend days from 2024-01-06 to 2024-05-26")


def test_it_says_why_the_last_day_moved_and_by_which_article() -> None:
    assert words("2024-06-05T10:00", 10, "calendar_day")[-2] == (
        "Ngày cuối, thứ Bảy 15/06/2024, là ngày nghỉ (cuối tuần): dời sang thứ Hai 17/06/2024 (khoản 5 Điều 148)"
    )


def test_days_off_within_calendar_days_are_no_step() -> None:
    assert len(words("2024-06-05T10:00", 8, "calendar_day")) == 3


def test_weekends_stand_in_their_place_among_the_pauses() -> None:
    pauses = [pause("2024-06-06T15:00", "2024-06-07T10:00"), pause("2024-06-14T08:00", "2024-06-18T08:00")]
    assert [text.split(":")[0].split(" từ")[0] for text in words("2024-06-05T09:00", 7, "working_day", *pauses)] == [
        "Tiếp nhận 09",
        "Thời hạn 7 ngày làm việc, không tính ngày bắt đầu (Điều 147 Bộ luật Dân sự 2015)",
        "Không tính ngày nghỉ",
        "Tạm dừng",
        "Không tính ngày nghỉ",
        "Tạm dừng",
        "Hạn trả",
    ]


def test_a_pause_that_began_on_the_moved_due_day_stands_after_the_move() -> None:
    told = words("2024-06-07T09:00", 8, "calendar_day", pause("2024-06-17T08:00", "2024-06-19T08:00"))
    assert told[2:] == [
        "Ngày cuối, thứ Bảy 15/06/2024, là ngày nghỉ (cuối tuần): dời sang thứ Hai 17/06/2024 (khoản 5 Điều 148)",
        "Tạm dừng từ 08:00 thứ Hai 17/06/2024 đến 08:00 thứ Tư 19/06/2024: cộng 2 ngày, đến thứ Tư 19/06/2024",
        "Hạn trả: hết thứ Tư 19/06/2024 (Điều 148)",
    ]


def test_it_gives_the_shift_of_each_pause() -> None:
    pauses = [pause("2024-06-07T15:00", "2024-06-10T10:00"), pause("2024-06-11T08:00")]
    assert words("2024-06-05T09:00", 3, "working_day", *pauses)[3:5] == [
        (
            "Tạm dừng từ 15:00 thứ Sáu 07/06/2024 đến 10:00 thứ Hai 10/06/2024: "
            "cộng 1 ngày làm việc, đến thứ Ba 11/06/2024"
        ),
        "Tạm dừng từ 08:00 thứ Ba 11/06/2024, chưa kết thúc: chưa dời hạn",
    ]


def test_it_gives_the_shift_in_hours() -> None:
    steps = traced("2024-06-05T09:00", 4, "working_hour", pause("2024-06-05T10:10", "2024-06-05T14:00"))
    assert "1 h 50 min of office hours more, until Wednesday 2024-06-05 16:50" in steps[2].en


def test_it_says_that_a_late_pause_moves_nothing() -> None:
    steps = traced("2024-06-03T09:00", 1, "working_day", pause("2024-06-05T08:00", "2024-06-07T08:00"))
    assert steps[2].en.endswith("after it was due: moves nothing")


def test_it_shows_seconds_only_when_there_are_some() -> None:
    assert words("2024-06-05T09:00:30", 1, "working_hour")[-1] == "Hạn trả: 10:00:30 thứ Tư 05/06/2024"


def test_it_says_that_the_calendar_of_next_year_is_not_confirmed() -> None:
    assert words("2026-12-30T09:00", 5)[-1] == (
        "Lịch nghỉ năm 2027 chưa được xác nhận: hạn này có thể khác với thông báo chính thức"
    )


def test_it_names_no_unconfirmed_year_that_was_not_used() -> None:
    assert words("2026-12-28T09:00", 2)[-1].startswith("Hạn trả")


def test_it_names_no_year_of_which_a_decision_was_imported() -> None:
    calendar = WorkCalendar(overrides=[DayRule(date(2027, 1, 1), False, "Tết Dương lịch")])
    assert traced("2026-12-30T09:00", 5, calendar=calendar)[-1].vi.startswith("Hạn trả")


def test_a_reason_with_braces_stays_as_it_is() -> None:
    calendar = WorkCalendar(overrides=[DayRule(date(2024, 6, 6), False, "Nghỉ {bão}")])
    assert "(Nghỉ {bão})" in traced("2024-06-05T09:00", calendar=calendar)[2].vi


def test_a_step_is_plain_json() -> None:
    first = json.loads(json.dumps(asdict(traced("2024-06-08T09:00")[0])))
    assert first["at"] == datetime(2024, 6, 8, 9, tzinfo=VIETNAM).isoformat()
    assert set(first) == {"at", "vi", "en"}


@pytest.mark.parametrize("unit", list(LimitUnit))
def test_no_step_leaves_a_template_open(unit: LimitUnit) -> None:
    pauses = [pause("2024-06-05T15:00", "2024-06-10T10:00"), pause("2024-06-11T08:00")]
    for step in traced("2024-06-05T12:00", 3, unit, *pauses):
        assert not set("{}") & set(step.vi + step.en)
