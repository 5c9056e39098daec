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
        ("1.004873.H56", "1.004873.H56"),
    ],
)
def test_the_local_suffix_is_dropped(code: str, national: str) -> None:
    assert national_procedure_code(code) == national
