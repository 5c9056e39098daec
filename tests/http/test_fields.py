"""A field is one group, however its name is spelt, with its code or without; on both databases."""

import unicodedata
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from alembic import command
from flask import Flask

from service.store import migrations, sources
from service.store.catalogues import fields
from service.store.database import Database
from tests.support.catalogues import PROCEDURES, Operator
from tests.support.client import UNIT, Client, dossier
from tests.support.senders import SenderA

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


# What a later source says of others' codes


@pytest.fixture
def late(app: Flask, database: Database) -> Client:
    """Give a second source, which comes later than the first."""
    with database.writing() as session:
        return Client(app.test_client(), sources.add(session, "khac", None, datetime.now(UTC)))


def own_procedures(client: Client) -> list[tuple[str, str]]:
    answer = client.stats(**ASKED, group_by="procedure")
    return [(group["key"]["code"], group["key"]["name"]) for group in answer["groups"]]


@pytest.mark.parametrize("code", ["1.004873", "1.004873.000.00.00.H00", "1.004873.000.00.00.H99"])
def test_a_later_source_does_not_rename_a_procedure(client: Client, late: Client, code: str) -> None:
    """Of a code's local variants the first in the order of codes was shown, whoever had named it."""
    client.push(dossier("D-1", procedure_code="1.004873.000.00.00.H23", procedure_name="Cấp giấy"))
    late.push(dossier("X-1", unit_code="H99", procedure_code=code, procedure_name="Giả"))
    assert own_procedures(client) == [("1.004873", "Cấp giấy")]
    sender = SenderA(client.http, "mot-cua", client.key)
    sender.login()
    assert sender.call("LayThuTuc", maTTHC="1.004873")["result"][0]["TENTTHC"] == "Cấp giấy"


def test_nor_do_made_up_variants_however_many(
    client: Client, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100,000 of them were read for each look-up of the procedure; now the first ones are."""
    monkeypatch.setattr("service.store.catalogue._VARIANTS", 2)
    variants = [f"1.004873.000.00.00.H{number}" for number in range(10, 30)]
    client.batch([dossier(f"D-{code}", procedure_code=code, procedure_name="Giả") for code in variants])
    operator.imports("procedures", PROCEDURES, "1.004873.000.00.00.H99,Cấp giấy,G13,Đất đai,5,working_day")
    sender = SenderA(client.http, "mot-cua", client.key)
    sender.login()
    assert sender.call("LayThuTuc", maTTHC="1.004873")["result"][0]["TENTTHC"] == "Cấp giấy"


def test_nor_one_that_was_known_without_a_name(client: Client, late: Client) -> None:
    client.push(dossier("D-0", procedure_code="1.004873"))
    client.push(dossier("D-1", procedure_code="1.004873.000.00.00.H23", procedure_name="Cấp giấy"))
    late.push(dossier("X-1", unit_code="H99", procedure_code="1.004873", procedure_name="Giả"))
    assert own_procedures(client) == [("1.004873", "Cấp giấy")]


def test_an_import_names_a_procedure_whoever_came_first(client: Client, operator: Operator) -> None:
    client.push(dossier("D-1", procedure_code="1.004873", procedure_name="Giả"))
    operator.imports("procedures", PROCEDURES, "1.004873.000.00.00.H23,Cấp giấy,G13,Đất đai,5,working_day")
    assert own_procedures(client) == [("1.004873", "Cấp giấy")]


@pytest.mark.parametrize("code", ["!", "A00", "Z99"])
def test_a_later_code_with_a_fields_name_moves_no_group(client: Client, late: Client, code: str) -> None:
    """Of the codes that bear a name the first in the order of codes got every dossier without a code."""
    push_fields(client, CODED, {"field_name": LAND})
    late.push(dossier("X-1", unit_code="H99", field_code=code, field_name=LAND))
    assert groups(client) == [("G13", LAND, 2)]


def test_an_imported_field_bears_its_name_whoever_came_first(client: Client, operator: Operator) -> None:
    push_fields(client, {"field_code": "!", "field_name": LAND}, {"field_name": LAND})
    operator.imports("procedures", PROCEDURES, "1.000001,Khác,G13,Đất đai,5,working_day")
    assert groups(client) == [("!", LAND, 1), ("G13", LAND, 1)]


def test_names_of_fields_have_a_limit(client: Client, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question by field reads all names: 200,000 made-up ones kept the pages of every unit waiting."""
    monkeypatch.setattr(fields, "_MOST_NAMES", 2)
    for number in range(4):
        client.push(dossier(f"A-{number}", field_name=f"Lĩnh vực {number}"))
    groups = client.stats(period="2023", group_by="field")["groups"]
    assert [group["counts"]["received"] for group in groups] == [1] * 4
    with database.reading() as session:
        assert fields.group_of_names(session) == {f"Lĩnh vực {number}": f"Lĩnh vực {number}" for number in range(2)}
