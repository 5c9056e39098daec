"""The migrations make what the models say, on both databases."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from models.base import Base
from service.store import migrations
from service.store.database import Database
from service.store.dossiers import COLUMNS, DOSSIER
from tests.ops.processes import ROOT


def test_autogenerate_finds_no_difference(database: Database) -> None:
    command.check(migrations.alembic_config(database))


def test_every_table_is_there(database: Database) -> None:
    names = set(inspect(database.engine).get_table_names())
    assert set(Base.metadata.tables) <= names


def test_four_upgrades_at_once_all_end_well(database_url: str, tmp_path: Path) -> None:
    """Four processes begin together on a database that has no table yet."""
    url = empty_database(database_url, tmp_path)
    command_line = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    environ = {**os.environ, "DATABASE_URL": url, "TTHC_LOG_LEVEL": "ERROR"}
    upgrades = [subprocess.Popen(command_line, cwd=ROOT, env=environ, stderr=subprocess.PIPE) for _ in range(4)]
    ends = [(upgrade.communicate(timeout=120)[1].decode(), upgrade.returncode) for upgrade in upgrades]
    assert [code for _, code in ends] == [0, 0, 0, 0], ends
    database = Database(url)
    assert migrations.state(database).current == migrations.head()
    database.engine.dispose()


def empty_database(database_url: str, place: Path) -> str:
    """Give the address of a database of the same kind without any table."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{place / 'new.sqlite3'}"
    database = Database(database_url)
    name = f"{database.url.database}_new"
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    database.engine.dispose()
    return database.url.set(database=name).render_as_string(hide_password=False)


def test_a_dossier_row_is_written_to_every_column_of_its_table() -> None:
    assert sorted(COLUMNS) == sorted(column.name for column in DOSSIER.columns)


def test_an_upgrade_can_be_undone(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "down.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    command.downgrade(migrations.alembic_config(database), "base")
    assert migrations.state(database).current is None


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            "tally_month WHERE dimension = '' AND month > '2025' AND month < '2026'",
            "(dimension=? AND month>? AND month<?)",
        ),
        ("tally_day WHERE day >= '2025-03-01' AND day < '2025-03-14'", "ix_tally_day_day (day>? AND day<?)"),
    ],
)
def test_a_whole_province_reads_its_own_months_and_days_alone(database: Database, asked: str, told: str) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL reads an empty table whole")
    with database.reading() as session:
        plan = session.execute(text(f"EXPLAIN QUERY PLAN SELECT sum(early) FROM {asked}")).all()
    assert told in str(plan)
