"""Run migrations, one process at a time: on SQLite all in one transaction, on PostgreSQL each in one of its own.

A table that a migration changes is locked until its transaction ends, so no other migration shares it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from time import sleep
from typing import Any

from alembic import context
from alembic.script import ScriptDirectory
from sqlalchemy import delete, insert, inspect, text

import models.audit
import models.catalogue
import models.dossiers
import models.job_runs
import models.schema
import models.sources
import models.tallies
import models.views  # noqa: F401 - the tables register themselves
from models.base import Base
from models.schema import CompatibleRevision
from service.database_url import shown
from service.domain.errors import Unavailable
from service.environment import load_settings
from service.store import migrations
from service.store.database import Database

_log = logging.getLogger("tthc.migrations")
_LOCK = 7_402_023  # any number that nothing else on the server locks
_PAUSE_SECONDS = 1.0
_LONGEST = 24 * 3600.0  # seconds: a large table takes as long as it takes


def _compatible_revisions(revision: str) -> list[str]:
    """Return the revisions whose programs work on a schema: all since the last migration marked BREAKING."""
    heads = []
    for script in ScriptDirectory.from_config(migrations.alembic_config()).walk_revisions("base", revision):
        heads.append(script.revision)
        if getattr(script.module, "BREAKING", False):
            break
    return heads


def _write_compatible(ctx: Any, heads: set[str], **_: Any) -> None:
    """Store which programs work on the schema that a migration made."""
    connection, revision = ctx.connection, next(iter(heads), None)
    table = CompatibleRevision.__table__
    if revision is None or not inspect(connection).has_table(CompatibleRevision.__tablename__):
        return
    connection.execute(delete(table))
    names = _compatible_revisions(revision)
    connection.execute(insert(table), [{"schema_revision": revision, "revision": name} for name in names])


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Keep other processes from migrating, by a lock that outlives the transactions of the migrations.

    CREATE INDEX CONCURRENTLY waits for every transaction that holds a snapshot. So a process that waits for the lock
    rolls back each time; in the process that has it the SET below ends the snapshot of the SELECT.
    """
    with database.engine.connect() as connection:
        while not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}):
            connection.rollback()
            sleep(_PAUSE_SECONDS)
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield


def _mark(database: Database) -> Path | None:
    """Return the file whose presence says that a SQLite database was in use here, so that its loss is noticed."""
    return Path(f"{database.url.database}.in-use") if database.is_sqlite else None


def _tell_beginning(database: Database) -> None:
    """Log that a new, empty database begins; refuse if one was in use here, because that one is lost."""
    mark = _mark(database)
    if mark is not None and mark.exists():
        raise Unavailable(
            f"{database.url.database}: tệp số liệu đã mất, hãy phục hồi bản sao lưu; để bắt đầu lại từ đầu, xóa {mark}"
            f" (the database file is lost: restore a backup; to begin anew, remove {mark.name})"
        )
    _log.warning("a new, empty database begins: %s", shown(database.url))


def _run() -> None:
    database = context.config.attributes.get("database") or Database(load_settings().database_url)
    alone = nullcontext() if database.is_sqlite else _alone(database)
    # A migration that waits for a table makes everybody behind it wait, too: it gives up soon, and is tried again.
    options = {"answer_seconds": _LONGEST} | ({} if database.is_sqlite else {"lock_seconds": 0.5})
    with alone, database.engine.connect().execution_options(**options) as connection:
        if database.is_sqlite:
            # With foreign keys on, dropping a table to rebuild it would delete the rows that refer to it. The pragma
            # only works outside of a transaction.
            driver = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=database.is_sqlite,
            compare_type=True,
            transactional_ddl=True,  # SQLite can, though Alembic does not expect it
            transaction_per_migration=not database.is_sqlite,
            on_version_apply=_write_compatible,
        )
        before = context.get_context().get_current_revision()
        if before is None:
            _tell_beginning(database)
        with context.begin_transaction():
            context.run_migrations()
            # Of ten million dossiers this takes two seconds, and each start would wait for it.
            is_changed = database.is_sqlite and context.get_context().get_current_revision() != before
            if is_changed and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError("the migration would break references between tables; nothing was changed")
        if database.is_sqlite:
            driver.execute("PRAGMA foreign_keys=ON")
    if (mark := _mark(database)) is not None:
        with suppress(OSError):  # `doctor` and /readyz tell of a folder that cannot be written
            mark.touch()


_run()
