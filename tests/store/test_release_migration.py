"""What release 1.0.0 stored is counted and pushed to as before once the schema is upgraded; on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from alembic import command
from flask import Flask

from service.store import migrations, sources
from service.store.database import Database
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier
from tests.support.tallies import differences

RELEASED = "closed_late"
"""The schema of 1.0.0."""
NOW = datetime(2023, 10, 20, 2, tzinfo=UTC)
SECOND = "2023-10-02T08:03:17+07:00"
PAUSE = [{"from": "2023-10-03T08:00:00+07:00", "to": "2023-10-06T08:00:00+07:00"}]
SENT: list[dict[str, Any]] = [
    {"status": 9, "finished_at": "2023-10-05", "field_code": "G1", "field_name": "Đất đai"},
    {"status": 9, "finished_at": "2023-10-06T09:00:00+07:00", "channel": 2, "field_name": "ĐẤT ĐAI"},
    {"status": 10, "returned_at": "2023-10-09T09:00:00+07:00", "pauses": PAUSE, "field_name": "Hộ tịch"},
    {"status": 9, "due_at": None, "finished_at": "2023-10-04", "procedure_code": "2.000815"},
    {"status": 7, "finished_at": "2023-10-09", "channel": 3},
    {"status": 8, "finished_at": "2023-10-03", "unit_code": "H23.46"},
    {"status": 5, "changed_at": "2023-10-04T08:00:00+07:00"},
    {"status": 6, "changed_at": "2023-10-09T08:00:00+07:00", "unit_code": "H23.45.01"},
    {"status": 4, "received_at": SECOND},
    {"status": 4, "due_at": None, "received_at": "2023-09-20T17:30:00+07:00"},
    {"status": 1, "received_at": None, "submitted_at": "2023-10-02T08:00:00+07:00"},
    {"status": 9},
]
ASKED = "unit=H23&period=2023-10&as_of=2023-10-19"
GROUPED = ("unit", "field", "procedure", "channel", "month", "level", "unit,channel", "field,month")
QUESTIONS = [
    *(f"/api/v1/stats?{ASKED}&formula=all&group_by={by}" for by in GROUPED),
    *(f"/api/v1/durations?{ASKED}&group_by={by}" for by in ("unit", "procedure")),
    "/api/v1/widget/H23?period=2023-10&as_of=2023-10-19",
    "/api/v1/quality?unit=H23",
    "/units/H23/report.json?period=2023-10&as_of=2023-10-19",
]


@pytest.fixture
def khac(app: Flask, client: Client, database: Database) -> Client:
    """Give the client of a second source, added after the first."""
    with database.writing() as session:
        return Client(app.test_client(), sources.add(session, "khac", None, NOW))


@pytest.fixture
def filled(client: Client, khac: Client, operator: Operator) -> Client:
    """Give a province in which two sources sent something of every kind."""
    operator.limits("2.000815,3,working_day")
    with time_machine.travel(NOW, tick=False):
        sent = [dossier(f"A-{number}", **given) for number, given in enumerate(SENT)]
        assert client.batch(sent).json["rejected"] == 0
        khac.push(dossier("B-1", received_at=SECOND))
    return client


def answers(client: Client) -> dict[str, Any]:
    with time_machine.travel(NOW, tick=False):
        return {asked: client.http.get(asked, headers=client.auth).json for asked in QUESTIONS}


def upgrade(database: Database) -> None:
    database.engine.dispose()
    command.downgrade(migrations.alembic_config(database), RELEASED)
    migrations.upgrade(database)


def test_the_upgrade_changes_no_number(filled: Client, database: Database) -> None:
    before = answers(filled)
    upgrade(database)
    assert answers(filled) == before
    with database.reading() as session:
        assert differences(session) == []


def test_keys_from_before_the_upgrade_have_every_right(filled: Client, khac: Client, database: Database) -> None:
    upgrade(database)
    with time_machine.travel(NOW, tick=False):
        results = [sender.push(dossier("C", channel=2)).json["result"] for sender in (filled, khac)]
        read = filled.http.get("/api/v1/dossiers/A-1", headers=filled.auth)
    assert (results, read.status_code) == (["created", "created"], 200)


def test_pairs_of_before_are_found_and_counted_once_when_they_are_confirmed(
    filled: Client, database: Database, operator: Operator
) -> None:
    upgrade(database)
    assert "mot-cua/A-8\tkhac/B-1" in operator.runs("duplicates", "list")
    operator.runs("duplicates", "confirm", "mot-cua/A-8", "khac/B-1")
    counts = filled.counts("H23", period="2023-10", as_of="2023-10-19")
    assert (counts["merged"], counts["raw"] - counts["workload"]) == (1, 1)


def test_a_decision_is_forgotten_by_the_release_before_and_can_be_made_again(
    filled: Client, database: Database, operator: Operator
) -> None:
    operator.runs("duplicates", "refuse", "mot-cua/A-8", "khac/B-1")
    upgrade(database)
    assert "mot-cua/A-8\tkhac/B-1" in operator.runs("duplicates", "list")
