"""Bring the database to the newest schema, and say whether this program can work on the schema that it has."""

import logging
from functools import cache
from pathlib import Path
from time import sleep
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select
from sqlalchemy.exc import InternalError, OperationalError

from models.schema import CompatibleRevision
from service import __version__
from service.domain.errors import Unavailable
from service.store.database import Database
from service.store.engines.unavailable import reason_of

_log = logging.getLogger("tthc.migrations")
_ATTEMPTS = 300
_PAUSE_SECONDS = 2.0
_ROOT = Path(__file__).resolve().parents[2]


class SchemaState(NamedTuple):
    """The schema revision of a database. fits: this program can work on it. newer: this program does not know it."""

    current: str | None
    needed: str
    fits: bool
    newer: bool

    @property
    def advice(self) -> str:
        """Return what to do, "" when there is nothing to do."""
        if self.newer and not self.fits:
            return (
                f"cơ sở dữ liệu ({self.current}) mới hơn chương trình {__version__} ({self.needed}): cài bản mới của"
                " chương trình, rồi db upgrade (the database is newer than the program: install the newer one)"
            )
        todo = "cơ sở dữ liệu chưa có bảng hoặc còn bảng cũ, hãy chạy (no tables yet, or old ones; run)"
        return "" if self.fits else f"{todo}: flask --app wsgi db upgrade"


def state(database: Database) -> SchemaState:
    """Return the schema revision of a database, and whether it fits; takes no lock.

    A newer schema fits when its migrations say so: `compatible_revision` lists the programs that work on it.
    """
    with database.reading() as session:
        connection = session.connection()
        current = MigrationContext.configure(connection).get_current_revision()
        if current is None or current in _known():
            return SchemaState(current, head(), current == head(), newer=False)
        listed = inspect(connection).has_table(CompatibleRevision.__tablename__) and session.scalar(
            select(CompatibleRevision.revision).where(
                CompatibleRevision.schema_revision == current, CompatibleRevision.revision == head()
            )
        )
        return SchemaState(current, head(), bool(listed), newer=True)


def alembic_config(database: Database | None = None) -> Config:
    """Return the configuration under which Alembic works on a database, or only reads the migrations."""
    config = Config()
    config.set_main_option("script_location", str(_ROOT / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["database"] = database
    return config


def upgrade(database: Database) -> SchemaState:
    """Apply every missing migration. A newer schema is left as it is; Unavailable if it does not fit."""
    schema = state(database)
    if schema.newer:
        if not schema.fits:
            raise Unavailable(schema.advice)
        return schema
    _upgrade_between_pushes(database)
    schema = state(database)
    if not schema.fits:
        raise RuntimeError(f"database is at {schema.current}, not at {schema.needed}: the upgrade did not commit")
    return schema


def _upgrade_between_pushes(database: Database) -> None:
    """Apply the migrations, again and again until their tables are free: one that waits makes all others wait, too."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return command.upgrade(alembic_config(database), "head")
        except (OperationalError, InternalError) as error:  # InternalError: the server still ends one that was killed
            reason = reason_of(error)
            if reason is None or reason.name != "locked" or attempt == _ATTEMPTS:
                raise
            _log.warning("a table is in use; the migration is tried again (%d)", attempt)
            sleep(_PAUSE_SECONDS)
    raise AssertionError("the last attempt returns or raises")


@cache
def head() -> str:
    """Return the newest revision that this program knows."""
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert newest is not None
    return newest


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions())
