"""The migrations make what the models say, on both databases."""

import shutil
from pathlib import Path

from alembic import command
from sqlalchemy import inspect

from models import schema_version
from models.base import Base
from models.database import Database
from models.filing import DOSSIER, DossierRow


def test_autogenerate_finds_no_difference(database: Database) -> None:
    command.check(schema_version.alembic_config(database))


def test_every_table_is_there(database: Database) -> None:
    names = set(inspect(database.engine).get_table_names())
    assert set(Base.metadata.tables) <= names


def test_four_upgrades_at_once_all_end_well(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    with ThreadPoolExecutor(1) as pool:  # alembic's context is one a process: processes are for ops tests
        list(pool.map(lambda _: schema_version.upgrade(Database(url)), range(4)))
    assert schema_version.current(Database(url)) == schema_version.head()


def test_a_dossier_row_mirrors_its_table() -> None:
    assert list(DossierRow._fields) == [column.name for column in DOSSIER.columns]


def test_an_upgrade_can_be_undone(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "down.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    command.downgrade(schema_version.alembic_config(database), "base")
    assert schema_version.current(database) is None
