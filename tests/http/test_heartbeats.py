"""Heartbeats: what is noted of the source that sends them, how many are told, and how wrong ones are named."""

from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask

from service.domain.units import Unit
from service.store import catalogue
from service.store.database import Database
from service.store.statistics.heard import days_heard
from tests.support.client import Client

NOON = "2023-10-04T12:00:00+07:00"
UNTIL = "2023-10-04"
AHEAD = "2023-10-06"


@pytest.fixture(autouse=True)
def _units(database: Database) -> None:
    with database.writing() as session:
        catalogue.put_units(session, [Unit("H23"), *(Unit(code, parent_code="H23") for code in ("H23.45", "H23.46"))])


def beat(client: Client, *units: tuple[str, str], dry_run: str = "0") -> Any:
    declared = [{"unit_code": unit, "nothing_new_until": until} for unit, until in units]
    with time_machine.travel(NOON, tick=False):
        path = f"/api/v1/heartbeats?dry_run={dry_run}"
        return client.http.post(path, json={"units": declared}, headers=client.auth)


def run(app: Flask, *args: str) -> str:
    with time_machine.travel(NOON, tick=False):
        return app.test_cli_runner().invoke(args=["sources", *args]).output


def heard(database: Database) -> dict[str, set[date]]:
    with database.reading() as session:
        return days_heard(session, ["H23.45", "H23.46"], date(2023, 10, 1))


def last_push(app: Flask) -> str:
    return run(app, "list").split("\t")[3]


def test_a_heartbeat_is_a_push_of_its_source(app: Flask, client: Client) -> None:
    beat(client, ("H23.45", UNTIL))
    assert last_push(app) == "04/10/2023 12:00:00"


@pytest.mark.parametrize(("until", "dry_run"), [(UNTIL, "1"), (AHEAD, "0")], ids=["dry run", "refused"])
def test_what_files_nothing_is_no_push(app: Flask, client: Client, until: str, dry_run: str) -> None:
    beat(client, ("H23.45", until), dry_run=dry_run)
    assert last_push(app) == "–"


def test_a_dry_run_answers_alike_and_no_unit_is_heard(client: Client, database: Database) -> None:
    assert beat(client, ("H23.45", UNTIL), dry_run="1").json == {"heard": 1}
    assert heard(database) == {}


def test_a_key_with_a_last_day_sends_heartbeats_until_then(app: Flask, client: Client) -> None:
    run(app, "set", "mot-cua", "--until", "2023-10-04")
    assert beat(client, ("H23.45", UNTIL)).status_code == 200


def test_each_unit_is_heard_on_its_own_day(client: Client, database: Database) -> None:
    beat(client, ("H23.45", "2023-10-03T12:00:00+07:00"), ("H23.46", "2023-10-02T12:00:00+07:00"))
    assert heard(database) == {"H23.45": {date(2023, 10, 3)}, "H23.46": {date(2023, 10, 2)}}


def test_wrong_ones_are_named_by_their_place(client: Client) -> None:
    answer = beat(client, ("H23.45", UNTIL), ("H99", AHEAD))
    assert [*answer.json["errors"]] == ["units.1.unit_code", "units.1.nothing_new_until"]


def test_a_refusal_says_in_one_line_what_is_wrong(client: Client) -> None:
    answer = beat(client, ("H99", UNTIL))
    assert answer.json["detail"] == f"units.0.unit_code: {answer.json['errors']['units.0.unit_code'][0]}"


def test_who_speaks_for_another_unit_is_told_which_one_is_its_own(app: Flask, client: Client) -> None:
    run(app, "set", "mot-cua", "--unit", "H23.45")
    assert "H23.45" in beat(client, ("H23.46", UNTIL)).json["errors"]["units.0.unit_code"][0]


def test_a_moment_ahead_is_said_to_be_so(client: Client) -> None:
    wrong = beat(client, ("H23.45", AHEAD)).json["errors"]["units.0.nothing_new_until"]
    assert wrong == ["Thời điểm ở tương lai (this moment lies in the future)"]
