"""Moments in the forms that clerks write: certain ones are read, others are refused with the reason."""

import pytest

from service.formats.messages import told
from service.formats.registers.cells import BadValue
from service.formats.registers.moments import MonthFirst, moment


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ngày 11/10/2023", "2023-10-11"),
        ("11-10-2023", "2023-10-11"),
        ("11.10.2023.", "2023-10-11"),
        ("11 / 10 / 2023", "2023-10-11"),
        ("Thứ hai, 02/10/2023", "2023-10-02"),
        ("CN 01/10/2023", "2023-10-01"),
        ("25/03/2026 (thứ 4)", "2026-03-25"),
        ("25/03/2026 - T4", "2026-03-25"),
        ("8h30, thứ tư ngày 25/3/2026", "2026-03-25T08:30:00+07:00"),
        ("01/10/2023, chủ nhật", "2023-10-01"),
        ("25\\3\\2026", "2026-03-25"),
        ("T2, ngày 02 tháng 10 năm 2023", "2023-10-02"),
        ("2 tháng 10, 2023", "2023-10-02"),
        ("02-thg10-23", "2023-10-02"),
        ("11-Oct-23", "2023-10-11"),
        ("chiều ngày 11/10/2023", "2023-10-11"),
        ("13/10/23", "2023-10-13"),
        ("17h00 ngày 11/10/2023", "2023-10-11T17:00:00+07:00"),
        ("17 giờ ngày 11/10/2023", "2023-10-11T17:00:00+07:00"),
        ("11/10/2023 lúc 8 giờ 30", "2023-10-11T08:30:00+07:00"),
        ("8 giờ 5 phút, ngày 2 tháng 10 năm 2023", "2023-10-02T08:05:00+07:00"),
        ("11/10/2023 (17h00)", "2023-10-11T17:00:00+07:00"),
        ("11/10/2023 - 17:00", "2023-10-11T17:00:00+07:00"),
        ("3 giờ 15 chiều 02/10/2023", "2023-10-02T15:15:00+07:00"),
    ],
)
def test_a_form_whose_meaning_is_certain_is_read(written: str, read: str) -> None:
    assert moment(written) == read


@pytest.mark.parametrize("written", ["05/10/23", "24-10-23", "13/10/13", "13/10/99"])
def test_a_year_of_two_digits_that_is_not_certain_is_refused_by_name(written: str) -> None:
    with pytest.raises(BadValue, match="hai chữ số"):
        moment(written)
    assert "02/10/2023" in told("two_digits")


@pytest.mark.parametrize("written", ["Thứ hai, 10/02/2023", "10/02/2023 (thứ 2)"])
def test_a_weekday_that_is_another_is_told(written: str) -> None:
    with pytest.raises(BadValue) as raised:
        moment(written)
    assert str(raised.value) == told("other_weekday", weekday="thứ Sáu")


@pytest.mark.parametrize("written", ["10/14/2023", "10/14/23", "ngày 10/14/2023"])
def test_a_date_with_its_month_first_refuses_the_file(written: str) -> None:
    with pytest.raises(MonthFirst):
        moment(written)


@pytest.mark.parametrize(
    "written", ["hôm qua", "2/10", "ngày 02 tháng 10", "10/2023", "trước 17h00 ngày 11/10/2023", "chưa trả"]
)
def test_a_text_that_is_no_moment_is_left_to_be_refused(written: str) -> None:
    assert moment(written) == written
