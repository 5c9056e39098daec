"""Time limits in catalogues: what an amount and a unit mean, in one cell or in two, and which cell a refusal names."""

from datetime import time

import pytest

from service.domain.calendar.work_calendar import OfficeHours
from service.ingest.catalogues.limits import read_limit
from tests.support.catalogue_lines import made_line, reason

EIGHT = OfficeHours()
SEVEN_AND_A_HALF = OfficeHours(((time(7, 30), time(11, 30)), (time(13, 30), time(17))))
TWENTY_MINUTES = OfficeHours(((time(8), time(8, 20)),))


def limit(amount: str | None, unit: str | None = None, hours: OfficeHours = EIGHT) -> tuple[int, str] | None:
    read = read_limit(made_line("procedures", limit_amount=amount, limit_unit=unit), hours)
    return (read.amount, read.unit.value) if read else None


def refusal(amount: str | None, unit: str | None = None) -> str:
    return reason(lambda: limit(amount, unit))


def notes(amount: str | None, unit: str | None = None, hours: OfficeHours = EIGHT) -> list[str]:
    line = made_line("procedures", limit_amount=amount, limit_unit=unit)
    read_limit(line, hours)
    return line.notes


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        ("5 ngày làm việc", None, (5, "working_day")),
        ("5ngày", None, (5, "calendar_day")),
        ("5", "working day", (5, "working_day")),
        ("5", "working_hour", (5, "working_hour")),
        ("5", "calendar_day", (5, "calendar_day")),
        ("5", "month", (5, "month")),
        ("2 tuần", None, (14, "calendar_day")),
        ("2 năm", None, (24, "month")),
        ("1,5 năm", None, (18, "month")),
        ("5 ngày", "ngày lịch", (5, "calendar_day")),
        ("1 tuần", "Tuần", (7, "calendar_day")),
        ("2,50 ngày làm việc", None, (20, "working_hour")),
        ("0.125", "ngày làm việc", (1, "working_hour")),
        ("1249,5 ngày làm việc", None, (9996, "working_hour")),
        ("3.0000 tháng", None, (3, "month")),
        ("000005 ngày", None, (5, "calendar_day")),
        ("1 ngày", None, (1, "calendar_day")),
        ("9999 ngày", None, (9999, "calendar_day")),
        ("5\n ngày  làm\nviệc", None, (5, "working_day")),
    ],
)
def test_an_amount_and_a_unit_make_a_limit(amount: str, unit: str | None, expected: tuple[int, str]) -> None:
    assert limit(amount, unit) == expected


@pytest.mark.parametrize(
    "amount",
    [
        "KHÔNG QUÁ 5 ngày làm việc",
        "Tối đa 5 ngày làm việc",
        "Trong vòng 05 ngày làm việc",
        "Trong thời hạn 5 ngày làm việc kể từ ngày nhận\nđủ hồ sơ",
        "5 (năm) ngày làm việc (không kể thứ bảy); từ khi nhận hồ sơ",
        "5 ngày làm việc từ lúc nhận",
        "5(năm)ngày làm việc",
    ],
)
def test_words_around_an_amount_change_nothing(amount: str) -> None:
    assert limit(amount) == (5, "working_day")


@pytest.mark.parametrize(
    ("hours", "amount", "expected"),
    [
        pytest.param(SEVEN_AND_A_HALF, "2/5", None, id="no-fraction-is-written-so"),
        pytest.param(SEVEN_AND_A_HALF, "0,4", (3, "working_hour"), id="seven-and-a-half-hours"),
        pytest.param(SEVEN_AND_A_HALF, "0,5", None, id="half-of-them-is-no-whole-hour"),
        pytest.param(TWENTY_MINUTES, "1,5", None, id="a-third-of-an-hour"),
        pytest.param(TWENTY_MINUTES, "4,5", None, id="an-hour-and-a-half"),
        pytest.param(TWENTY_MINUTES, "7,5", None, id="two-hours-and-a-half"),
    ],
)
def test_a_part_of_a_working_day_is_whole_office_hours(
    hours: OfficeHours, amount: str, expected: tuple[int, str] | None
) -> None:
    if expected is None:
        assert "(limit_" in reason(lambda: limit(amount, "ngày làm việc", hours))
    else:
        assert limit(amount, "ngày làm việc", hours) == expected


def test_half_a_month_is_fifteen_days() -> None:
    assert limit("0,5 tháng") == (15, "calendar_day")


@pytest.mark.parametrize("amount", ["0,3", "1,5", "0,25", "0,75"])
def test_no_other_part_of_a_month_is_a_limit(amount: str) -> None:
    assert refusal(f"{amount} tháng").startswith(
        f"Ô (cell) A2: Thời hạn (limit_amount) “{amount} tháng”: Không phải số nguyên"
    )


@pytest.mark.parametrize("unit", ["ngày", "giờ", "tuần"])
def test_half_of_another_unit_is_refused(unit: str) -> None:
    assert refusal("0,5", unit).startswith("Ô (cell) A2: Thời hạn (limit_amount) “0,5”: Không phải số nguyên")


@pytest.mark.parametrize("written", ["-", "–", "...", "- .", "Không", "Không quy định.", "CHƯA QUY ĐỊNH", "không có"])
def test_words_for_no_limit_are_none_and_noted_with_their_line(written: str) -> None:
    said = f"dòng (row) 2: Thời hạn “{written}”: được hiểu là không có thời hạn (read as no time limit)"
    assert (limit(written), notes(written)) == (None, [said])


def test_a_unit_beside_words_for_no_limit_is_passed_over() -> None:
    assert limit("Không quy định", "ngày") is None


def test_no_amount_and_no_unit_is_no_limit() -> None:
    assert limit(None) is None


def test_an_empty_amount_is_noted_elsewhere() -> None:
    assert notes(None) == []


def test_a_limit_that_is_plain_is_not_noted() -> None:
    assert notes("5 ngày làm việc") == []


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [
        pytest.param(None, "ngày", "A2: Thời hạn (limit_amount): Số và đơn vị phải đi cùng nhau", id="a-unit-alone"),
        pytest.param("5", None, "A2: Thời hạn (limit_amount) “5”: Số và đơn vị phải đi", id="an-amount-alone"),
        pytest.param("năm ngày", None, "A2: Thời hạn (limit_amount) “năm ngày”: Phải là số từ 1 trở lên", id="words"),
        pytest.param("-3", "ngày", "A2: Thời hạn (limit_amount) “-3”: Phải là số từ 1 trở lên", id="a-sign-before"),
        pytest.param("0", "ngày", "A2: Thời hạn (limit_amount) “0”: Phải từ 1 đến 9999", id="nothing"),
        pytest.param("10000", "ngày", "A2: Thời hạn (limit_amount) “10000”: Phải từ 1 đến 9999", id="too-much"),
        pytest.param("1428,5 tuần", None, "A2: Thời hạn (limit_amount) “1428,5 tuần”: Không", id="weeks"),
        pytest.param("834 năm", None, "A2: Thời hạn (limit_amount) “834 năm”: Phải từ 1 đến 9999", id="years"),
        pytest.param("5", "thế kỷ", "B2: Đơn vị thời hạn (limit_unit) “thế kỷ”: Không hiểu đơn vị “thế kỷ”", id="age"),
        pytest.param("5 ngày", "7", "B2: Đơn vị thời hạn (limit_unit) “7”: Không hiểu đơn vị “7”", id="a-number"),
        pytest.param("5 tháng", "ngày", "B2: Đơn vị thời hạn (limit_unit) “ngày”: Khác với đơn vị", id="another-unit"),
        pytest.param("7 ngày", "tuần", "B2: Đơn vị thời hạn (limit_unit) “tuần”: Khác với đơn vị", id="another-factor"),
    ],
)
def test_a_refusal_names_the_cell_that_is_wrong(amount: str | None, unit: str | None, said: str) -> None:
    assert refusal(amount, unit).startswith(f"Ô (cell) {said}")


@pytest.mark.parametrize("amount", ["5 thế kỷ", "1/2 ngày", "1234567 ngày"])
def test_an_unknown_unit_beside_its_amount_is_refused_in_the_cell_of_both(amount: str) -> None:
    assert refusal(amount).startswith(f"Ô (cell) A2: Thời hạn (limit_amount) “{amount}”: Không hiểu đơn vị")


def test_an_unknown_unit_is_answered_with_the_known_ones() -> None:
    units = "ngày làm việc (working_day), ngày (calendar_day), giờ làm việc (working_hour), tháng (month), tuần, năm"
    assert f"dùng một trong: {units} (" in refusal("5", "thế kỷ")


def test_an_unknown_unit_is_shown_with_forty_letters() -> None:
    assert f"Không hiểu đơn vị “{'x' * 40}”" in refusal("5", "x" * 41)


@pytest.mark.parametrize(
    ("amount", "unit", "days"),
    [
        ("9 h", None, "1,125"),
        ("24", "giờ", "3"),
        ("12", "H", "1,5"),
        ("9999 giờ", None, "1250"),
        ("13 giờ", None, "1,625"),
    ],
)
def test_more_hours_than_a_working_day_has_are_noted_in_days(amount: str, unit: str | None, days: str) -> None:
    [note] = notes(amount, unit)
    assert note.startswith(f"dòng (row) 2: “{amount}” được hiểu là giờ làm việc, tức {days} ngày làm việc;")


def test_the_days_of_hours_are_those_of_the_office_hours() -> None:
    assert "tức 1,067 ngày làm việc" in notes("8 giờ", None, SEVEN_AND_A_HALF)[0]


@pytest.mark.parametrize("amount", ["8 h", "1 giờ", "24 giờ làm việc", "24 ngày", "0,5 ngày làm việc"])
def test_hours_within_a_day_and_other_units_are_not_noted(amount: str) -> None:
    assert notes(amount) == []
