"""A field is one group, however its name is spelt, with its code or without; on both databases."""

import unicodedata
from itertools import permutations
from typing import Any

import pytest
from alembic import command

from service.store import migrations
from service.store.database import Database
from tests.support.client import UNIT, Client, dossier

LAND = "Đất đai"
SPELLINGS = (LAND, "ĐẤT ĐAI", "đất  đai", unicodedata.normalize("NFD", LAND), "Đất\u00a0đai")
ASKED = {"period": "2023", "as_of": "2023-10-05"}
CODED = {"field_code": "G13", "field_name": LAND}


def groups(client: Client, **asked: Any) -> list[tuple[Any, ...]]:
    """Return code, name and workload of each group."""
    answer = client.stats(**{**ASKED, "group_by": "field", **asked})
    return [(group["key"]["code"], group["key"]["name"], group["counts"]["workload"]) for group in answer["groups"]]


def push_fields(client: Client, *fields: dict[str, Any]) -> None:
    for number, given in enumerate(fields):
        assert client.push(dossier(f"D-{number}", **given)).status_code == 201


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_spellings_of_a_name_are_one_group_in_any_order(client: Client, order: tuple[int, ...]) -> None:
    push_fields(client, *({"field_name": SPELLINGS[number]} for number in order))
    assert groups(client) == [(LAND, LAND, 3)]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=ascii)
@pytest.mark.parametrize("name_first", [True, False], ids=["name-first", "code-first"])
def test_a_name_counts_under_the_code_that_bears_it(client: Client, spelling: str, name_first: bool) -> None:
    both = [{"field_name": spelling}, CODED]
    push_fields(client, *(both if name_first else reversed(both)))
    assert groups(client) == [("G13", LAND, 2)]


@pytest.mark.parametrize("other", ["Dat dai", "Đất", "Đất đai đô thị"])
def test_another_name_is_another_group(client: Client, other: str) -> None:
    push_fields(client, {"field_name": LAND}, {"field_name": other})
    assert sorted(groups(client)) == sorted([(LAND, LAND, 1), (other, other, 1)])


def test_two_codes_of_one_name_stay_two(client: Client) -> None:
    push_fields(client, CODED, {"field_code": "G14", "field_name": "ĐẤT ĐAI"}, {"field_name": "đất đai"})
    assert groups(client) == [("G13", LAND, 2), ("G14", "ĐẤT ĐAI", 1)]


def test_no_field_is_a_group_of_its_own(client: Client) -> None:
    push_fields(client, {"field_name": LAND}, {})
    assert groups(client) == [(LAND, LAND, 1), (None, None, 1)]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"period": "2023-10"}, id="one-month"),
        pytest.param({"from": "2023-10-01", "to": "2023-10-03"}, id="some-days"),
        pytest.param({"period": "2023-11", "as_of": "2023-11-05"}, id="carried-over"),
    ],
)
def test_they_are_one_group_wherever_the_days_come_from(client: Client, asked: dict[str, Any]) -> None:
    push_fields(client, *({"field_name": spelling} for spelling in SPELLINGS))
    answer = client.get("/api/v1/stats", unit=UNIT, **{"as_of": "2023-10-05", "group_by": "field", **asked}).json
    assert [group["counts"]["workload"] for group in answer["groups"]] == [len(SPELLINGS)]


@pytest.mark.parametrize("name", [*SPELLINGS, "G13"], ids=ascii)
@pytest.mark.parametrize("asked", [{}, {"channel": "direct"}, {"group_by": "month"}], ids=["alone", "channel", "month"])
def test_a_filter_by_any_spelling_leaves_all_of_the_field(client: Client, name: str, asked: dict[str, Any]) -> None:
    push_fields(client, CODED, *({"field_name": spelling} for spelling in SPELLINGS), {"field_name": "Hộ tịch"})
    assert client.counts(**ASKED, field=name, **asked)["workload"] == 1 + len(SPELLINGS)


def test_the_form_has_one_row_for_them(client: Client) -> None:
    push_fields(client, *({"field_name": spelling} for spelling in SPELLINGS))
    form = client.get(f"/units/{UNIT}/report.json", period="2023-10").json
    assert [(row["field"]["name"], row["received_total"]) for row in form["rows"]] == [(LAND, len(SPELLINGS))]


def test_dossiers_that_were_there_before_are_grouped_too(client: Client, database: Database) -> None:
    push_fields(client, CODED, {"field_name": "ĐẤT ĐAI"})
    database.engine.dispose()
    command.downgrade(migrations.alembic_config(database), "duplicate_pairs")
    migrations.upgrade(database)
    assert groups(client) == [("G13", LAND, 2)]
