"""Answers say how sure their rates are, on request and where units are compared."""

import csv
import io
from typing import Any

import pytest

from tests.support.client import Client, dossier

JUNE = {"period": "2024-06", "as_of": "2024-06-30"}


def ended(code: str, unit: str, due: str = "2024-06-12") -> dict[str, Any]:
    return dossier(code, unit_code=unit, status=9, received_at="2024-06-10T08:00:00+07:00", due_at=due,
                   finished_at="2024-06-11T09:00:00+07:00")  # fmt: skip


@pytest.fixture
def filed(client: Client) -> Client:
    """File ten in time under one commune, and forty late under another."""
    client.batch([ended(f"A{number}", "H23.45.01") for number in range(10)])
    client.batch([ended(f"B{number}", "H23.45.02", "2024-06-10") for number in range(40)])
    return client


def test_a_rate_has_its_interval_on_request(filed: Client) -> None:
    rate = filed.stats("H23.45.01", **JUNE, interval="wilson")["rates"]["on_time"]
    assert (rate["interval"], rate["small"]) == ({"low": "72.2", "high": "100.0"}, True)


def test_a_rate_has_none_otherwise(filed: Client) -> None:
    assert filed.stats("H23.45.01", **JUNE)["rates"]["on_time"].keys() == {"numerator", "denominator", "percent"}


def test_units_are_compared_with_intervals_ranks_and_a_funnel(filed: Client) -> None:
    one, other = (group["rates"] for group in filed.stats("H23.45", **JUNE, group_by="unit")["groups"])
    assert (one["on_time"]["small"], other["on_time"]["small"]) == (True, False)
    assert (one["rank"], other["rank"]) == ({"from": 1, "to": 1}, {"from": 2, "to": 2})
    assert (one["funnel"]["position"], other["funnel"]["position"]) == ("very_high", "very_low")
    assert one["funnel"]["usual"] == {"low": "0.0", "high": "44.8"}  # 20 % ± 1.96 √(0.16/10)


def test_every_formula_has_its_own(filed: Client) -> None:
    groups = filed.stats("H23.45", **JUNE, group_by="unit", formula="all")["groups"]
    assert all({"rank", "funnel"} <= rates.keys() for group in groups for rates in group["rates"].values())


def test_a_table_has_the_interval_beside_its_rate(filed: Client) -> None:
    asked = {"unit": "H23.45.01", **JUNE, "interval": "wilson", "format": "csv"}
    total = list(csv.DictReader(io.StringIO(filed.get("/api/v1/stats", **asked).text.lstrip("\ufeff"))))[-1]
    assert [total[f"timed/1 on_time{part} %"] for part in ("", " low", " high")] == ["100.0", "72.2", "100.0"]


def test_another_interval_is_refused(filed: Client) -> None:
    answer = filed.get("/api/v1/stats", unit="H23.45", interval="wald")
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["interval"])
