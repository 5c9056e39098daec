"""What is said beside the outcomes of earlier dossiers follows from their pauses when the schema is upgraded."""

from datetime import UTC, datetime
from typing import Any

import time_machine
from alembic import command
from sqlalchemy import select

from models.tallies import SOURCE_NEWS
from service.store import migrations
from service.store.database import Database
from tests.support.client import Client, dossier

BEFORE = "field_names"
PAUSE = [{"from": "2023-10-03T08:00:00+07:00", "to": "2023-10-06T08:00:00+07:00"}]


def late(code: str, day: int, **given: Any) -> dict[str, Any]:
    return dossier(code, status=9, finished_at=f"2023-10-{day:02d}T08:00:00+07:00", pauses=PAUSE, **given)


def test_lateness_after_pauses_is_found_again(client: Client, database: Database) -> None:
    pushed_at = datetime(2023, 10, 20, 2, tzinfo=UTC)
    with time_machine.travel(pushed_at, tick=False):
        client.batch([late("by less", 9), late("by more", 11), late("in time", 6), dossier("open", pauses=PAUSE)])
    before = client.counts(period="2023-10", as_of="2023-10-31")
    database.engine.dispose()
    command.downgrade(migrations.alembic_config(database), BEFORE)
    migrations.upgrade(database)
    assert client.counts(period="2023-10", as_of="2023-10-31") == before
    assert before["late_paused"] == before["overdue_confirmed"] == 1
    with database.reading() as session:
        assert [row.told_until for row in session.execute(select(SOURCE_NEWS))] == [pushed_at]
