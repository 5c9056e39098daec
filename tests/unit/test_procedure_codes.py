"""Procedure codes with and without their local suffix."""

import pytest

from service.domain.procedures import national_procedure_code


@pytest.mark.parametrize(
    ("code", "national"),
    [
        ("1.004873", "1.004873"),
        ("1.004873.000.00.00.H56", "1.004873"),
        ("2.000815.000.00.00.H23", "2.000815"),
        ("T-BTP-277901-TT", "T-BTP-277901-TT"),
        ("1.004873.H56", "1.004873"),
        ("1.004873.000", "1.004873"),
        ("2.000777.000.00.16.H23", "2.000777"),
        ("QT-12.000.H23", "QT-12.000.H23"),
        ("1.004873.H13-4", "1.004873"),
        ("1.004873.000.00.00.H99-4", "1.004873"),
        ("1.0048731", "1.0048731"),
        ("12.004873.H56", "12.004873.H56"),
        ("1.00487", "1.00487"),
    ],
)
def test_the_local_suffix_is_dropped(code: str, national: str) -> None:
    assert national_procedure_code(code) == national
