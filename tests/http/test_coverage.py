"""Coverage: what is missing is not zero; every rendering says which units are silent; an empty office is heard."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from service.domain.units import Unit
from service.store import catalogue
from service.store.database import Database
from tests.support.client import Client, dossier

NOW = datetime(2023, 10, 4, 6, 0, tzinfo=UTC)
ASKED = {"period": "2023-10", "as_of": "2023-10-04T12:00:00+07:00"}
COMMUNES = [f"H23.{number:03d}" for number in range(1, 201)]
HEARD = COMMUNES[:3]


def put_units(database: Database, *units: Unit) -> None:
    with database.writing() as session:
        catalogue.put_units(session, units)


def send(client: Client, at: datetime, *units: str, **given: Any) -> None:
    with time_machine.travel(at, tick=False):
        sent = (dossier(f"{unit}-{at:%Y%m%d}", unit_code=unit, **given) for unit in units)
        assert client.batch(sent).json["rejected"] == 0


@pytest.fixture
def province(client: Client, database: Database) -> Client:
    """Give a province of 200 communes, of which three send."""
    put_units(database, Unit("H23", "Tỉnh", "province"), *(Unit(c, f"Xã {c}", "commune", "H23") for c in COMMUNES))
    send(client, NOW, *HEARD, status=9, finished_at="2023-10-03T08:00:00+07:00")
    return client


def test_the_answer_says_how_many_units_are_silent(province: Client) -> None:
    coverage = province.stats("H23", **ASKED)["coverage"]
    assert (coverage["expected"], coverage["heard"], coverage["silent"]) == (200, 3, COMMUNES[3:])


def test_the_widget_carries_three_numbers_and_says_it_beside_the_rate(province: Client, database: Database) -> None:
    send(province, datetime(2022, 12, 1, tzinfo=UTC), COMMUNES[9], received_at="2022-12-01T08:00:00+07:00")
    widget = province.widget("H23", **ASKED)
    assert widget["coverage"] == {"expected": 200, "heard": 3, "usual_share": "25.0"}
    assert widget["text"]["rate"] == "100.0%"
    assert widget["text"]["rate_note"] == widget["text"]["coverage"] == "197/200 đơn vị chưa gửi số liệu"


def test_the_widget_stays_small(province: Client) -> None:
    assert len(province.get("/api/v1/widget/H23", **ASKED).data) <= 2048


def test_in_english(province: Client) -> None:
    assert province.widget("H23", lang="en", **ASKED)["text"]["coverage"] == "197/200 units have not sent data"


@pytest.mark.parametrize("path", ["/units/H23", "/embed/H23"])
def test_pages_say_it(province: Client, path: str) -> None:
    assert province.get(path, **ASKED).text.count("197/200 đơn vị chưa gửi số liệu") == 1  # not once more below


def test_the_badge_says_it_beside_a_rate_that_lacks_usual_volume(province: Client) -> None:
    send(province, datetime(2022, 12, 1, tzinfo=UTC), COMMUNES[9], received_at="2022-12-01T08:00:00+07:00")
    assert province.get("/badge/H23.json", **ASKED).json["message"] == "100.0% (197/200 đơn vị chưa gửi số liệu)"


def test_the_metric_says_it(province: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        text = province.get("/metrics").text
    assert 'tthc_coverage_units{state="silent",unit="H23"} 197.0' in text
    assert 'tthc_coverage_units{state="heard",unit="H23"} 3.0' in text


def test_groups_of_units_that_never_sent_anything_are_null(province: Client) -> None:
    groups = {g["key"]["code"]: g for g in province.stats("H23", group_by="unit", **ASKED)["groups"]}
    assert groups[HEARD[0]]["counts"]["received"] == 1
    assert {*groups[COMMUNES[5]]["counts"].values()} == {None}
    assert groups[COMMUNES[5]]["rates"]["on_time"] == {"numerator": None, "denominator": None, "percent": None}


def test_a_table_leaves_their_cells_empty(province: Client) -> None:
    text = province.get("/api/v1/stats", unit="H23", group_by="unit", format="csv", **ASKED).data.decode("utf-8-sig")
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(text))}
    assert (rows[COMMUNES[5]]["received"], rows[COMMUNES[5]]["timed/1 on_time %"]) == ("", "")
    assert (rows["H23"]["expected"], rows["H23"]["heard"]) == ("200", "3")


def test_nothing_is_said_when_all_are_heard(province: Client) -> None:
    send(province, NOW, *COMMUNES[3:])
    widget = province.widget("H23", **ASKED)
    assert widget["coverage"] == {"expected": 200, "heard": 200, "usual_share": "0.0"}
    assert not {"coverage", "rate_note"} & widget["text"].keys()


def test_few_missing_are_said_below_and_not_beside_the_rate(client: Client, database: Database) -> None:
    put_units(database, Unit("H23"), Unit("H23.1", parent_code="H23"), Unit("H23.2", parent_code="H23"))
    send(client, NOW, "H23.1")
    text = client.widget("H23", **ASKED)["text"]
    assert (text["coverage"], "rate_note" in text) == ("1/2 đơn vị chưa gửi số liệu", False)


# Heard on that day (UTC noon), asked as of Wednesday 4 October 2023 about October: five working days reach back to
# Wednesday 27 September.
WHEN = [("2023-10-04", True), ("2023-09-27", True), ("2023-09-26", False), ("2023-10-20", True)]


@pytest.mark.parametrize(("day", "heard"), WHEN)
def test_a_unit_is_heard_for_five_working_days(client: Client, database: Database, day: str, heard: bool) -> None:
    put_units(database, Unit("H23"))
    send(client, datetime.fromisoformat(f"{day}T05:00:00+00:00"), "H23", received_at="2023-09-20T08:00:00+07:00")
    assert client.stats("H23", **ASKED)["coverage"]["heard"] == int(heard)


def test_an_old_period_is_complete_once_its_units_were_heard_after_it(client: Client, database: Database) -> None:
    put_units(database, Unit("H23"))
    send(client, datetime(2023, 10, 1, 5, tzinfo=UTC), "H23")
    asked = {"period": "2023-09", "as_of": "2023-12-31"}
    assert client.stats("H23", **asked)["coverage"]["heard"] == 1


def test_the_working_days_are_a_setting(app: Flask, client: Client, database: Database) -> None:
    from dataclasses import replace

    put_units(database, Unit("H23"))
    send(client, datetime(2023, 9, 26, 5, tzinfo=UTC), "H23", received_at="2023-09-20T08:00:00+07:00")
    parts = app.extensions["tthc"]
    app.extensions["tthc"] = replace(parts, settings=parts.settings.model_copy(update={"coverage_working_days": 6}))
    assert client.stats("H23", **ASKED)["coverage"]["heard"] == 1


EXPECTED: list[tuple[str, Unit, int]] = [
    ("imported, without children", Unit("H23.9", parent_code="H23"), 1),
    ("the import says no", Unit("H23.9", parent_code="H23", reports=False), 0),
    ("dissolved before the period", Unit("H23.9", parent_code="H23", valid_to=datetime(2023, 9, 30).date()), 0),
    ("begins after the moment", Unit("H23.9", parent_code="H23", valid_from=datetime(2023, 10, 5).date()), 0),
    ("begins in the period", Unit("H23.9", parent_code="H23", valid_from=datetime(2023, 10, 4).date()), 1),
    ("never imported, no dossiers", Unit("H23.9", parent_code="H23", provisional=True), 0),
]


@pytest.mark.parametrize(("_why", "unit", "expected"), EXPECTED)
def test_who_is_expected_to_send(client: Client, database: Database, _why: str, unit: Unit, expected: int) -> None:
    put_units(database, Unit("H23", reports=False), unit)
    assert client.stats("H23", **ASKED)["coverage"]["expected"] == expected


def test_a_unit_with_children_sends_only_where_the_import_says_so(client: Client, database: Database) -> None:
    put_units(database, Unit("H23", reports=True), Unit("H23.9", parent_code="H23"))
    assert client.stats("H23", subtree="0", **ASKED)["coverage"]["expected"] == 1


@pytest.mark.parametrize(("received", "expected"), [("2023-01-10", 1), ("2022-08-10", 0)])
def test_a_unit_that_was_never_imported_is_expected_if_it_had_dossiers(
    client: Client, received: str, expected: int
) -> None:
    send(client, NOW, "H23.9", received_at=received)
    assert client.stats("H23.9", **ASKED)["coverage"]["expected"] == expected


def test_the_coverage_of_a_parent_is_the_sum_over_its_children_and_itself(client: Client, database: Database) -> None:
    tree = [Unit("H23", reports=True), Unit("H23.1", parent_code="H23"), Unit("H23.2", parent_code="H23")]
    put_units(database, *tree, Unit("H23.1.1", parent_code="H23.1"), Unit("H23.1.2", parent_code="H23.1"))
    send(client, NOW, "H23.1.1", "H23.7")
    parent = client.stats("H23", **ASKED)["coverage"]
    parts = [client.stats("H23", subtree="0", **ASKED)["coverage"]]
    parts += [client.stats(unit, **ASKED)["coverage"] for unit in ("H23.1", "H23.2", "H23.7")]
    assert parent["expected"] == sum(part["expected"] for part in parts) == parent["heard"] + len(parent["silent"])
    assert sorted(parent["silent"]) == sorted(code for part in parts for code in part["silent"])


def beat(client: Client, at: datetime, *units: tuple[str, str]) -> Any:
    declared = [{"unit_code": unit, "nothing_new_until": until} for unit, until in units]
    with time_machine.travel(at, tick=False):
        return client.http.post("/api/v1/heartbeats", json={"units": declared}, headers=client.auth)


def test_an_empty_office_is_heard(client: Client, database: Database) -> None:
    put_units(database, Unit("H23"))
    assert beat(client, NOW, ("H23", "2023-10-04T12:00:00+07:00")).json == {"heard": 1}
    answer = client.stats("H23", group_by="unit", **ASKED)
    assert (answer["coverage"]["heard"], answer["counts"]["received"]) == (1, 0)


def test_nothing_new_through_the_last_day_makes_a_period_complete(client: Client, database: Database) -> None:
    put_units(database, Unit("H23"))
    beat(client, NOW, ("H23", "2023-09-30"))
    assert client.stats("H23", period="2023-09", as_of="2023-12-31")["coverage"]["heard"] == 1


def test_a_declaration_may_run_a_day_ahead_of_the_clock(client: Client, database: Database) -> None:
    put_units(database, Unit("H23"))
    assert beat(client, NOW, ("H23", "2023-10-05T13:00:00+07:00")).json == {"heard": 1}


def test_an_old_declaration_says_nothing_of_today(client: Client, database: Database) -> None:
    put_units(database, Unit("H23"))
    beat(client, NOW, ("H23", "2023-06-30"))
    assert client.stats("H23", **ASKED)["coverage"]["heard"] == 0


@pytest.mark.parametrize(("unit", "status"), [("H23.45", 200), ("H23.45.1", 200), ("H23.46", 422)])
def test_a_bound_source_declares_for_its_unit_and_those_below(
    app: Flask, client: Client, database: Database, unit: str, status: int
) -> None:
    put_units(database, Unit("H23.45"), Unit("H23.45.1", parent_code="H23.45"), Unit("H23.46"))
    app.test_cli_runner().invoke(args=["sources", "set", "mot-cua", "--unit", "H23.45"])
    assert beat(client, NOW, (unit, "2023-10-04")).status_code == status


BAD: list[tuple[Any, int, str]] = [
    ({"units": [{"unit_code": "H99", "nothing_new_until": "2023-10-04"}]}, 422, "units.0.unit_code"),
    ({"units": [{"unit_code": "H23", "nothing_new_until": "2023-12-01"}]}, 422, "units.0.nothing_new_until"),
    ({"units": [{"unit_code": "H23"}]}, 422, "units.0.nothing_new_until"),
    ({"units": [{"unit_code": "h?", "nothing_new_until": "2023-10-04"}]}, 422, "units.0.unit_code"),
    ({"units": []}, 422, "units"),
    ({}, 422, "units"),
    ([], 422, "_schema"),
]


@pytest.mark.parametrize(("body", "status", "named"), BAD)
def test_a_wrong_heartbeat_is_named(client: Client, database: Database, body: Any, status: int, named: str) -> None:
    put_units(database, Unit("H23"))
    with time_machine.travel(NOW, tick=False):
        answer = client.http.post("/api/v1/heartbeats", json=body, headers=client.auth)
    assert (answer.status_code, [*answer.json["errors"]]) == (status, [named])
    assert " (" in answer.json["errors"][named][0]  # Vietnamese, and English in brackets


def test_one_wrong_unit_leaves_all_unheard(client: Client, database: Database) -> None:
    put_units(database, Unit("H23"))
    beat(client, NOW, ("H23", "2023-10-04"), ("H99", "2023-10-04"))
    assert client.stats("H23", **ASKED)["coverage"]["heard"] == 0


def test_a_heartbeat_needs_a_key(client: Client) -> None:
    assert client.http.post("/api/v1/heartbeats", json={"units": []}).status_code == 401
