"""The migration to versions of the catalogue keeps limits, days and every deadline that was computed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from service.store import migrations
from service.store.database import Database
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier

BEFORE = "job_run_words"


@pytest.fixture
def upgraded(client: Client, operator: Operator, database: Database) -> Iterator[None]:
    """Give a database that was filled before versions were kept, and upgraded since."""
    operator.limits("1.004873,5,working_day", "1.000009,3,calendar_day")
    operator.days("2023-10-12,no")
    client.push(dossier("old", due_at=None, procedure_code="1.004873.000.00.00.H56"))
    client.push(dossier("none", due_at=None, procedure_code="1.000010"))
    command.downgrade(migrations.alembic_config(database), BEFORE)
    with database.writing() as session:
        session.execute(text("UPDATE procedure SET limit_amount = 9 WHERE code = '1.004873'"))
        session.execute(text("UPDATE dossier SET procedure_code = '1.004873.H19' WHERE code = 'old'"))
        stored = json.loads(session.execute(text("SELECT deadline FROM dossier WHERE code = 'old'")).scalar_one())
        del stored["version"]
        unversioned = {"deadline": json.dumps(stored)}
        session.execute(text("UPDATE dossier SET deadline = :deadline WHERE code = 'old'"), unversioned)
    migrations.upgrade(database)
    yield
    database.engine.dispose()


def due(client: Client, code: str) -> Any:
    return client.http.get(f"/api/v1/dossiers/{code}", headers=client.auth).json["due_moment"]["due_at"]


@pytest.mark.usefixtures("upgraded")
def test_the_upgrade_keeps_computed_deadlines(client: Client) -> None:
    assert due(client, "old")[:10] == "2023-10-09"


@pytest.mark.usefixtures("upgraded")
def test_the_limit_that_was_changed_before_it_gives_new_dossiers_their_deadline(client: Client) -> None:
    client.push(dossier("new", due_at=None))
    assert due(client, "new")[:10] == "2023-10-16"


@pytest.mark.usefixtures("upgraded")
def test_a_pause_works_an_old_deadline_out_with_its_own_limit(client: Client) -> None:
    pause = {"from": "2023-10-03T08:00:00+07:00", "to": "2023-10-04T08:00:00+07:00"}
    client.push(dossier("old", due_at=None, pauses=[pause]))
    assert due(client, "old")[:10] == "2023-10-10"


@pytest.mark.usefixtures("upgraded")
def test_a_due_date_of_the_source_that_came_and_went_leaves_an_old_deadline(client: Client) -> None:
    client.push(dossier("old", due_at="2023-10-20"))
    client.push(dossier("old", due_at=None))
    assert due(client, "old")[:10] == "2023-10-09"


@pytest.mark.usefixtures("upgraded")
def test_a_dossier_that_had_no_limit_is_filled_after_it(client: Client, operator: Operator) -> None:
    operator.limits("1.000010,5,working_day")
    assert due(client, "none")[:10] == "2023-10-09"


@pytest.mark.usefixtures("upgraded")
def test_the_upgrade_puts_dossiers_under_their_national_codes(client: Client) -> None:
    groups = client.stats(as_of="2023-10-31", group_by="procedure")["groups"]
    assert sorted(group["key"]["code"] for group in groups) == ["1.000010", "1.004873"]


@pytest.mark.usefixtures("upgraded")
def test_the_upgrade_keeps_the_decisions_on_days(client: Client, operator: Operator) -> None:
    client.push(dossier("new", due_at=None, procedure_code="1.000009", received_at="2023-10-09T08:00:00+07:00"))
    assert due(client, "new")[:10] == "2023-10-13"
    listed = json.loads(operator.runs("procedures", "list", "--json"))["procedures"]
    assert {row["code"]: row["limit_amount"] for row in listed}["1.004873"] == 9
