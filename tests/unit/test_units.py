"""Agency codes in both styles, and the two structures; tables to read."""

import pytest

from service.domain.units import is_code, normalise, parent_by_prefix, prefix_of_dossier_code


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("H23", "H23"),
        ("H23.45", "H23.45"),
        ("H23.45.07", "H23.45.07"),
        ("H44.100", "H44.100"),
        ("000.00.16.H23", "H23.16"),
        ("000.07.45.H23", "H23.45.07"),
        ("00.00.H23", "H23"),
        ("000.00.00.G09", "G09"),
        ("16", "16"),
        ("ABC", "ABC"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_both_styles_of_agency_codes_name_one_unit(written: str, means: str) -> None:
    assert is_code(written)
    assert normalise(written) == means


@pytest.mark.parametrize("written", ["", "h23", "H23.", ".H23", "H23..45", "H23-45", "H" * 36, "H23 45", "Đ23"])
def test_a_text_of_another_shape_is_no_agency_code(written: str) -> None:
    assert not is_code(written)


@pytest.mark.parametrize(
    ("code", "parent"),
    [("H23.45.07", "H23.45"), ("H23.45", "H23"), ("H23", None), ("ABC.01", None), ("45", None)],
)
def test_a_parent_by_prefix(code: str, parent: str | None) -> None:
    assert parent_by_prefix(code) == parent


@pytest.mark.parametrize(
    ("dossier", "unit"),
    [
        ("H23.45-231001-0001", "H23.45"),
        ("000.00.45.H23-231001-0001", "H23.45"),
        ("H44.100-250701-0001", "H44.100"),
        ("231001-0001", None),
        (f"H23.{'A' * 31}-231001-0001", f"H23.{'A' * 31}"),
        (f"H23.{'A' * 32}-231001-0001", None),
        ("HS-231001", None),
        ("H23.45", None),
    ],
)
def test_the_agency_prefix_of_a_dossier_code(dossier: str, unit: str | None) -> None:
    assert prefix_of_dossier_code(dossier) == unit


def test_a_code_has_at_most_35_letters() -> None:
    assert (is_code("H" * 35), is_code("H" * 36)) == (True, False)
