"""Which units and months are under their targets, in the API and on the page."""

from typing import Any

import pytest

from service.settings import Settings
from tests.pages.reading import strict, text_of
from tests.support.client import Client, dossier

YEAR = {"period": "2024-H1", "as_of": "2024-06-30"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let one commune keep less than all others."""
    return settings.model_copy(update={"targets": "H23.45.02:timed/1=75, due/1=90"})


def ended(code: str, unit: str, month: int, due: int = 12) -> dict[str, Any]:
    day = f"2024-{month:02d}"
    return dossier(code, unit_code=unit, status=9, received_at=f"{day}-04T08:00:00+07:00", due_at=f"{day}-{due:02d}",
                   finished_at=f"{day}-11T09:00:00+07:00")  # fmt: skip


@pytest.fixture
def filed(client: Client) -> Client:
    """File four in time in May, and three in time and one late in June under each of two communes."""
    client.batch([ended(f"A{number}", "H23.45.01", 5) for number in range(4)])
    for unit in ("H23.45.01", "H23.45.02"):
        client.batch([ended(f"{unit}-{number}", unit, 6, due=12 if number else 7) for number in range(4)])
    return client


def target(client: Client, **asked: Any) -> Any:
    return client.stats("H23.45", **YEAR, target="on", **asked)["target"]


def test_months_are_measured_by_the_unit_s_target(filed: Client) -> None:
    expected = {"formula": "timed/1", "percent": 99, "met": 1, "missed": 1, "under": ["2024-06"]}
    assert target(filed, group_by="month") == expected
    assert target(filed, group_by="month,unit", formula="all") == expected


def test_units_are_measured_each_by_its_own(filed: Client) -> None:
    asked = {"group_by": "unit"}
    assert target(filed, **asked) == {
        "formula": "timed/1", "percent": None, "met": 1, "missed": 1, "under": ["H23.45.01"],
    }  # fmt: skip


def test_another_formula_has_its_own_or_none(filed: Client) -> None:
    assert target(filed, group_by="month", formula="due")["percent"] == 90
    assert target(filed, group_by="month", formula="resolved") is None
    assert target(filed) is None


@pytest.mark.parametrize("asked", [{}, {"target": "off"}])
def test_nobody_is_told_who_does_not_ask(filed: Client, asked: dict[str, str]) -> None:
    assert "target" not in filed.stats("H23.45", **YEAR, group_by="month", **asked)


def test_another_word_is_refused(filed: Client) -> None:
    answer = filed.get("/api/v1/stats", unit="H23.45", target="yes")
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["target"])


def test_the_page_says_it_in_a_sentence_and_beside_the_trend(filed: Client) -> None:
    text = text_of(strict(filed.get("/units/H23.45", **YEAR).text))
    assert "1/2 đơn vị dưới mục tiêu." in text
    assert "mục tiêu 99 %: đạt 1, không đạt 1" in text
