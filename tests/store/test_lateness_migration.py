"""What is said beside the outcomes of earlier dossiers is worked out in parts when the schema is upgraded."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from alembic import command
from sqlalchemy import select, text

from migrations import lateness_of_before
from models.tallies import SOURCE_NEWS
from service.store import migrations
from service.store.database import Database
from tests.support.client import Client, dossier

BEFORE = "field_names"
PAUSE = [{"from": "2023-10-03T08:00:00+07:00", "to": "2023-10-06T08:00:00+07:00"}]
ROWS = "SELECT code, end_known_at, lateness FROM dossier ORDER BY code"


def late(code: str, day: int, **given: Any) -> dict[str, Any]:
    return dossier(code, status=9, finished_at=f"2023-10-{day:02d}T08:00:00+07:00", pauses=PAUSE, **given)


def ended(code: str, **given: Any) -> dict[str, Any]:
    return dossier(code, status=9, finished_at="2023-10-05T08:00:00+07:00", **given)


def rows(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as session:
        return [tuple(row) for row in session.execute(text(ROWS))]


@pytest.fixture
def filled(client: Client) -> Client:
    """Give a client of a register in which something is said of every kind of dossier."""
    with time_machine.travel(datetime(2023, 10, 3, 2, tzinfo=UTC), tick=False):
        opened = ("told late", "told in time", "moved", "open", "again")
        client.batch([*map(dossier, opened), dossier("deleted")])
        assert client.http.delete("/api/v1/dossiers/deleted", headers=client.auth).status_code == 200
    with time_machine.travel(datetime(2023, 10, 5, 2, tzinfo=UTC), tick=False):
        client.batch([ended("told in time"), ended("again")])
    with time_machine.travel(datetime(2023, 10, 20, 2, tzinfo=UTC), tick=False):
        client.batch([late("by less", 9), late("by more", 11), late("in time", 6), dossier("paused", pauses=PAUSE)])
        client.batch([ended("told late"), ended("at once"), ended("deleted")])
        client.batch([dossier("moved", status=9, due_at="2023-10-09", finished_at="2023-10-08T08:00:00+07:00")])
        client.batch([ended("again", returned_at="2023-10-06T08:00:00+07:00")])
    return client


def test_lateness_is_found_again(filled: Client, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    before, kept = filled.counts(period="2023-10", as_of="2023-10-31"), rows(database)
    database.engine.dispose()
    command.downgrade(migrations.alembic_config(database), BEFORE)
    monkeypatch.setattr(lateness_of_before, "AT_ONCE", 2)
    migrations.upgrade(database)
    moved = [code for code, _, said in kept if said and said & 2]
    assert moved == ["moved"], "told by all versions alone, so only from its next news on"
    assert rows(database) == [(code, known, (said or 0) & ~2 or None) for code, known, said in kept]
    after = filled.counts(period="2023-10", as_of="2023-10-31")
    assert after == {**before, "late_moved": 0}
    assert (before["late_paused"], before["late_moved"], before["told_late"]) == (1, 1, 2)
    with database.reading() as session:
        assert [row.told_until for row in session.execute(select(SOURCE_NEWS))] == [
            datetime(2023, 10, 20, 2, tzinfo=UTC)
        ]


def test_what_old_replicas_filed_meanwhile_is_worked_out_by_the_same_again(filled: Client, database: Database) -> None:
    kept = rows(database)
    with database.writing() as session:  # an old replica knows nothing of the columns
        session.execute(text("UPDATE dossier SET end_known_at = NULL, lateness = NULL WHERE code <> 'moved'"))
        session.execute(text("UPDATE dossier SET lateness = 4 WHERE code = 'told in time'"))
        session.execute(text("DELETE FROM source_news"))
    for _ in range(2):
        lateness_of_before.work_out(database.engine.begin, database.engine.dialect.name)
        assert rows(database) == kept
    with database.reading() as session:
        assert len(session.execute(select(SOURCE_NEWS)).all()) == 1
