"""The migrations make what the models say, on both databases."""

import shutil
from pathlib import Path

from alembic import command
from sqlalchemy import inspect

from models.base import Base
from service.store import migrations
from service.store.database import Database
from service.store.dossiers import DOSSIER, DossierRow


def test_autogenerate_finds_no_difference(database: Database) -> None:
    command.check(migrations.alembic_config(database))


def test_every_table_is_there(database: Database) -> None:
    names = set(inspect(database.engine).get_table_names())
    assert set(Base.metadata.tables) <= names


def test_four_upgrades_at_once_all_end_well(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    with ThreadPoolExecutor(1) as pool:  # alembic's context is one a process: processes are for ops tests
        list(pool.map(lambda _: migrations.upgrade(Database(url)), range(4)))
    assert migrations.current(Database(url)) == migrations.head()


def test_a_dossier_row_mirrors_its_table() -> None:
    assert list(DossierRow._fields) == [column.name for column in DOSSIER.columns]


def test_an_upgrade_can_be_undone(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "down.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    command.downgrade(migrations.alembic_config(database), "base")
    assert migrations.current(database) is None
