"""Bring the database to the newest schema, and say whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.store.database import Database

_ROOT = Path(__file__).resolve().parents[2]


def alembic_config(database: Database) -> Config:
    """Return the configuration under which Alembic works on a database."""
    config = Config(str(_ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(_ROOT / "migrations"))
    config.attributes["database"] = database
    return config


def upgrade(database: Database) -> None:
    """Apply every missing migration; RuntimeError if the database is not at the head afterwards."""
    command.upgrade(alembic_config(database), "head")
    if current(database) != head():
        raise RuntimeError(f"database is at {current(database)}, not at {head()}: the upgrade did not commit")


def current(database: Database) -> str | None:
    """Return the revision of the database, None for a new one."""
    with database.reading() as session:  # takes no lock: a long write must not make a replica unready
        return MigrationContext.configure(session.connection()).get_current_revision()


def head() -> str | None:
    """Return the newest revision that this code knows."""
    config = Config()
    config.set_main_option("script_location", str(_ROOT / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head()
