"""The migration of kinds of warnings keeps them, both ways; on both databases."""

import pytest
from alembic import command
from sqlalchemy import text

from service.store import migrations
from service.store.database import Database
from tests.support.client import Client, dossier

BEFORE = "unit_reports"


@pytest.fixture
def warned(client: Client) -> Client:
    """Give a client that pushed a dossier with two warnings and one with none."""
    wrong = dossier("A-1", status="resolved", finished_at="2023-10-01", due_at="2023-09-30")
    client.batch([wrong, dossier("A-2")])
    return client


def test_kinds_of_the_old_schema_are_a_text_with_blanks(warned: Client, database: Database) -> None:
    command.downgrade(migrations.alembic_config(database), BEFORE)
    with database.reading() as session:
        stored = session.execute(text("SELECT warnings FROM dossier ORDER BY code")).scalars().all()
    migrations.upgrade(database)
    assert stored == ["due_before_received finished_before_received", ""]


def test_the_upgrade_keeps_every_kind(warned: Client, database: Database) -> None:
    before = warned.get("/api/v1/quality", unit="H23").json
    command.downgrade(migrations.alembic_config(database), BEFORE)
    migrations.upgrade(database)
    assert warned.get("/api/v1/quality", unit="H23").json == before


def test_the_order_of_life_is_there_again_after_a_downgrade(warned: Client, database: Database) -> None:
    command.downgrade(migrations.alembic_config(database), BEFORE)
    with database.reading() as session:
        stored = session.execute(text("SELECT life FROM dossier ORDER BY code")).scalars().all()
    migrations.upgrade(database)
    assert stored == [7, 3]
