"""A source that is bound to a unit: its key speaks for that unit and those below, and moves no number of another."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from service.domain.units import Unit
from service.store import catalogue, sources
from service.store.catalogues import known_units
from service.store.database import Database
from tests.support.client import Client, dossier
from tests.support.senders import SenderB, tien_do

SOURCE = "mot-cua"


def invoke(app: Flask, *args: str) -> None:
    result = app.test_cli_runner().invoke(args=list(args))
    assert result.exit_code == 0, result.output


@pytest.fixture
def bound(app: Flask, client: Client, database: Database) -> Client:
    """Give the client of a source that has dossiers in two districts and is then bound to one of them."""
    client.batch([dossier("IN-1"), dossier("OUT-1", unit_code="H23.46")])
    with database.writing() as session:
        units = [Unit("LOCAL", None, None, "H23.45"), Unit("H23.45.09", None, None, "H23.46")]
        catalogue.put_units(session, units)
    invoke(app, "sources", "set", SOURCE, "--unit", "000.00.45.h23")
    return client


@pytest.mark.parametrize(
    ("unit", "stored"),
    [
        pytest.param("H23.45", 1, id="the unit"),
        pytest.param("H23.45.77", 1, id="below it, not known yet"),
        pytest.param("LOCAL", 1, id="below it by import"),
        pytest.param("H23.46", 0, id="beside it"),
        pytest.param("H23", 0, id="above it"),
        pytest.param("H23.45.09", 0, id="imported elsewhere"),
        pytest.param("X", 0, id="local, not known"),
    ],
)
def test_a_bound_key_speaks_for_its_unit_and_those_below(bound: Client, unit: str, stored: int) -> None:
    answer = bound.batch([dossier("NEW-1", unit_code=unit)])
    assert (answer.json["created"], answer.json["rejected"]) == (stored, 1 - stored)
    assert bound.push(dossier("NEW-2", unit_code=unit)).status_code == (201 if stored else 422)


def test_who_speaks_for_another_unit_is_told_which_one_is_its_own(bound: Client) -> None:
    (refused,) = bound.batch([dossier("NEW-1", unit_code="H23.46")]).json["rejections"]
    assert (refused["code"], list(refused["errors"])) == ("NEW-1", ["unit_code"])
    assert "H23.45" in refused["errors"]["unit_code"][0]


def heartbeat(client: Client) -> None:
    until = {"unit_code": "H23.46", "nothing_new_until": "2023-10-09T00:00:00+07:00"}
    client.http.post("/api/v1/heartbeats", json={"units": [until]}, headers=client.auth)


def step(client: Client) -> None:
    SenderB(client.http, client.key).post("CapNhatTienDoHoSoMC", [tien_do("OUT-1", "20231009080000", "9")])


NEWS: dict[str, Callable[[Client], Any]] = {
    "moved in": lambda client: client.batch([dossier("OUT-1")]),
    "changed": lambda client: client.batch([dossier("OUT-1", unit_code="H23.46", channel="online")]),
    "moved out": lambda client: client.batch([dossier("IN-1", unit_code="H23.46")]),
    "deleted": lambda client: client.http.delete("/api/v1/dossiers/OUT-1", headers=client.auth),
    "a step": step,
    "a heartbeat": heartbeat,
}


@pytest.mark.parametrize("news", NEWS.values(), ids=NEWS)
def test_a_bound_key_moves_no_number_of_another_unit(bound: Client, news: Callable[[Client], Any]) -> None:
    asked = {"unit": "H23", "group_by": "unit", "period": "2023", "as_of": "2023-12-01"}
    before = bound.stats(**asked)
    news(bound)
    after = bound.stats(**asked)
    assert (after["groups"], after["coverage"]) == (before["groups"], before["coverage"])


def test_a_source_is_bound_to_a_unit_that_is_known(app: Flask, client: Client) -> None:
    assert app.test_cli_runner().invoke(args=["sources", "set", SOURCE, "--unit", "H99"]).exit_code == 2


def test_a_bound_source_can_be_let_free(app: Flask, bound: Client) -> None:
    invoke(app, "sources", "set", SOURCE, "--unit", "")
    assert bound.push(dossier("NEW-1", unit_code="H23.46")).status_code == 201


def test_the_successor_of_a_merged_unit_ends_its_dossiers(app: Flask, bound: Client, database: Database) -> None:
    """As the runbook has it, the key is bound anew: the ends of open dossiers were 422, and they overdue for ever."""
    with database.writing() as session:
        merged = Unit("H23.45", None, None, "H23", valid_to=date(2023, 10, 3), successors=("H23.99",))
        catalogue.put_units(session, [merged, Unit("H23.99", None, None, "H23")])
    invoke(app, "sources", "set", SOURCE, "--unit", "H23.99")
    ended = dossier("IN-1", unit_code="H23.99", status="resolved", finished_at="2023-10-05")
    assert bound.push(ended).json["result"] == "updated"
    assert bound.http.delete("/api/v1/dossiers/IN-1", headers=bound.auth).status_code == 200
    assert bound.push(dossier("OUT-1", unit_code="H23.99")).status_code == 422


def test_units_in_a_circle_belong_to_nobody_else(app: Flask, bound: Client, database: Database) -> None:
    with database.writing() as session:
        catalogue.put_units(session, [Unit("A", parent_code="B"), Unit("B", parent_code="A")])
    assert bound.push(dossier("NEW-1", unit_code="A")).status_code == 422


def test_made_up_units_have_a_limit(bound: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """100,000 of them, by one key, kept every push waiting for five seconds from then on."""
    monkeypatch.setattr(known_units, "MOST_PROVISIONAL", 50)
    codes = [f"H23.45.{number}" for number in (1, 1, 2, 3)]
    answer = bound.batch([dossier(f"NEW-{place}", unit_code=unit) for place, unit in enumerate(codes)]).json
    assert (answer["created"], [refused["code"] for refused in answer["rejections"]]) == (3, ["NEW-3"])
    assert bound.push(dossier("NEW-4", unit_code="H23.45.1")).status_code == 201


def test_what_a_bound_key_made_up_takes_no_room_from_others(
    app: Flask, bound: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit was one for all, then one for a unit: who had filled it kept every new unit of everybody out."""
    monkeypatch.setattr(known_units, "MOST_PROVISIONAL", 50)
    made_up = [dossier(f"NEW-{number}", unit_code=f"H23.45.{number}") for number in range(100)]
    assert bound.batch(made_up).json["created"] == 2
    with database.writing() as session:
        other = Client(app.test_client(), sources.add(session, "khac", None, datetime.now(UTC)))
    invoke(app, "sources", "set", "khac", "--unit", "H23.45")
    assert other.push(dossier("NEW-200", unit_code="H23.45.200")).status_code == 201


@pytest.mark.parametrize(
    ("unit", "last_day", "stored"),
    [
        pytest.param("H23.45", date(2023, 10, 3), 1, id="the dissolved unit that it succeeded"),
        pytest.param("H23.45.02", date(2023, 10, 3), 0, id="a sister that succeeded it, too"),
        pytest.param("H23.45.09", date(2023, 10, 3), 0, id="a living unit below the dissolved one"),
        pytest.param("H23.45.77", date(2023, 10, 3), 0, id="a made-up unit below it"),
        pytest.param("H23.45", date(2099, 10, 3), 0, id="a unit that is to be dissolved"),
    ],
)
def test_a_successor_speaks_for_the_dissolved_unit_alone(
    app: Flask, bound: Client, database: Database, unit: str, last_day: date, stored: int
) -> None:
    both = ("H23.45.01", "H23.45.02")
    with database.writing() as session:
        merged = Unit("H23.45", None, None, "H23", valid_to=last_day, successors=both)
        below = [Unit(code, None, None, "H23.45") for code in (*both, "H23.45.09")]
        catalogue.put_units(session, [merged, *below])
    invoke(app, "sources", "set", SOURCE, "--unit", "H23.45.01")
    assert bound.batch([dossier("NEW-1", unit_code=unit, received_at="2023-09-01")]).json["created"] == stored


def test_the_limit_of_made_up_units_counts_those_above_them(bound: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_units, "MOST_PROVISIONAL", 50)
    assert bound.batch([dossier("NEW-1", unit_code="H23.45.1.2.3.4.5.6")]).json["rejected"] == 1
    assert bound.batch([dossier("NEW-2", unit_code="H23.45.1.2")]).json["created"] == 1


def test_nor_are_they_forgotten_by_the_next_request(bound: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 12 levels of made-up units a source's room counted the lowest alone."""
    monkeypatch.setattr(known_units, "MOST_PROVISIONAL", 70)
    assert bound.push(dossier("NEW-1", unit_code="H23.45.1.2.3")).status_code == 201
    assert bound.push(dossier("NEW-2", unit_code="H23.45.4.5.6")).status_code == 422


def test_the_units_of_many_dossiers_are_looked_up_together(bound: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    units = [f"H23.45.{number}" for number in range(20)]
    records = [dossier(f"NEW-{unit}", unit_code=unit) for unit in units]
    bound.batch(records)
    loads: list[int] = []
    load = known_units.KnownUnits.load

    def counted(known: known_units.KnownUnits, codes: Iterable[str]) -> None:
        before = len(known._units)
        load(known, codes)
        loads.append(len(known._units) - before)

    monkeypatch.setattr(known_units.KnownUnits, "load", counted)
    bound.batch(records)
    assert len([one for one in loads if one]) <= 2
