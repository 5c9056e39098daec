"""Sentences that pages make from the numbers alone."""

from fractions import Fraction
from typing import Any

import pytest

from service.reporting.words.sentences import change_text
from tests.pages.reading import strict, text_of
from tests.support.client import Client, dossier

UNIT, SIBLING = "H23.45.01", "H23.45.02"


def file(client: Client, year: int, unit: str, in_time: int, late: int) -> None:
    """Push dossiers of a unit, received on 3 June, due on the 10th."""
    ends = ["07"] * in_time + ["12"] * late
    given: dict[str, Any] = {"received_at": f"{year}-06-03T08:00:00+07:00", "due_at": f"{year}-06-10", "status": 9}
    client.batch(
        dossier(f"{unit}-{year}-{n}", unit_code=unit, **given, finished_at=f"{year}-06-{day}T10:00:00+07:00")
        for n, day in enumerate(ends)
    )


def summary(client: Client, **params: Any) -> str:
    page = strict(client.get("/units/H23.45", period="2024-06", as_of="2024-06-30", **params).text)
    return next((text_of(one) for one in page.iter() if one.get("class") == "summary"), "")


def test_the_change_since_a_year_before_is_told_in_points(client: Client) -> None:
    file(client, 2023, UNIT, 3, 1)
    file(client, 2024, UNIT, 7, 1)
    assert summary(client).startswith("87,5 %, tăng 12,5 điểm phần trăm so với cùng kỳ năm trước (75,0 %)")


def test_a_change_that_the_printed_rates_do_not_give_says_why(client: Client) -> None:
    file(client, 2023, UNIT, 4, 3)
    file(client, 2024, UNIT, 2, 1)
    exact = "66,7 %, tăng 9,5 điểm phần trăm so với cùng kỳ năm trước (57,1 %; tính trước khi làm tròn)"
    assert summary(client).startswith(exact)


def test_a_sentence_that_would_only_repeat_the_rate_is_not_said(client: Client) -> None:
    file(client, 2024, UNIT, 7, 1)
    assert summary(client) == ""


def test_the_lowest_unit_and_those_under_the_target_are_named(client: Client) -> None:
    file(client, 2024, UNIT, 40, 0)
    file(client, 2024, SIBLING, 30, 10)
    assert summary(client) == f"87,5 %; thấp nhất: {SIBLING} 75,0 %; 1/2 đơn vị dưới 99 %."


def test_units_without_a_rate_are_said_where_some_are_counted(client: Client) -> None:
    file(client, 2024, UNIT, 40, 0)
    file(client, 2024, SIBLING, 30, 10)
    given = {"received_at": "2024-06-03T08:00:00+07:00", "due_at": "2024-06-10", "status": 4}
    client.batch([dossier("H23.45.03-1", unit_code="H23.45.03", **given)])
    assert summary(client).endswith("1/2 đơn vị dưới 99 % (1 đơn vị chưa có tỷ lệ).")


def test_in_english(client: Client) -> None:
    file(client, 2023, UNIT, 3, 1)
    file(client, 2024, UNIT, 3, 1)
    assert summary(client, lang="en") == "75.0%, unchanged on a year before (75.0%)."


def test_a_unit_of_few_dossiers_is_not_called_the_lowest(client: Client) -> None:
    file(client, 2024, UNIT, 40, 0)
    file(client, 2024, SIBLING, 9, 1)
    assert "thấp nhất" not in summary(client)


def test_the_target_is_the_default_formula_s(client: Client) -> None:
    file(client, 2024, UNIT, 40, 0)
    file(client, 2024, SIBLING, 30, 10)
    assert "dưới" not in summary(client, formula="due")


def test_days_are_measured_where_they_are_asked_for(client: Client) -> None:
    file(client, 2024, UNIT, 9, 1)
    asked = client.get("/units/H23.45", period="2024-06", as_of="2024-06-30", days="1").text
    assert "50 % hồ sơ xong trong 4 ngày làm việc, 90 % trong 4 ngày làm việc" in text_of(strict(asked))


@pytest.mark.parametrize(
    ("change", "decimals", "lang", "told"),
    [
        pytest.param(Fraction(-4, 10), 1, "vi", "giảm 0,4 điểm phần trăm", id="down"),
        pytest.param(Fraction(1, 20), 1, "vi", "tăng 0,1 điểm phần trăm", id="rounded up"),
        pytest.param(Fraction(-1, 30), 1, "vi", "giảm dưới 0,1 điểm phần trăm", id="rounds to nothing"),
        pytest.param(Fraction(1, 30), 1, "en", "up under 0.1 points", id="in English"),
        pytest.param(Fraction(1, 3), 0, "vi", "tăng dưới 1 điểm phần trăm", id="no decimals"),
        pytest.param(Fraction(0), 1, "vi", "không đổi", id="none"),
    ],
)
def test_a_change_is_never_one_of_nothing(change: Fraction, decimals: int, lang: str, told: str) -> None:
    assert change_text(change, decimals, lang) == told
