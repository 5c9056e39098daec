"""Codes that a catalogue does not have: the hint names the one that is meant."""

import pytest

from service.formats.registers.cells import procedure_code
from service.formats.registers.understanding import KnownCodes

PROCEDURES = KnownCodes({"1.001190": "Đổi tên", "1.001193": "Đăng ký khai sinh", "1.001200": None})


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        pytest.param("1.00119", "nearest: 1.001190", id="one zero lost"),
        pytest.param("1.0012", "nearest: 1.001200", id="two zeros lost"),
        pytest.param("1.001194", "nearest: 1.001193", id="slip of the pen"),
        pytest.param("đăng ký  khai sinh", "the name of: 1.001193", id="name"),
    ],
)
def test_the_code_that_is_meant_is_named(code: str, hint: str) -> None:
    assert hint in str(PROCEDURES.doubt(code))


def test_a_name_is_known_after_any_number_of_other_words() -> None:
    for number in range(300):
        PROCEDURES.doubt(f"Thủ tục {number}")
    assert "1.001190" in str(PROCEDURES.doubt("Đổi tên"))


@pytest.mark.parametrize(
    ("written", "read", "warning"),
    [
        ("1,001193", "1.001193", "procedure_code_comma"),
        ("1,001193.H23", "1.001193.H23", "procedure_code_comma"),
        ("1,00119", "1.00119", "procedure_code_comma_short"),
        ("1.00119", "1.00119", "procedure_code_short"),
    ],
)
def test_a_comma_is_the_dot_also_where_zeros_are_lost(written: str, read: str, warning: str) -> None:
    assert procedure_code(written) == (read, warning)
