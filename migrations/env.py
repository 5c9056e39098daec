"""Run migrations on SQLite and PostgreSQL: all in one transaction, one process at a time."""

from alembic import context
from sqlalchemy import Connection, delete, insert, inspect, text

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
from service.environment import load_settings
from service.store import migrations
from service.store.database import Database

_LOCK = 7_402_023  # any number that nothing else on the server locks
_LONGEST = 24 * 3600.0  # seconds: a large table takes as long as it takes


def _write_compatible(connection: Connection) -> None:
    """Say which programs work on the schema that the migrations made."""
    revision = context.get_context().get_current_revision()
    table = CompatibleRevision.__table__
    if revision is None or not inspect(connection).has_table(CompatibleRevision.__tablename__):
        return
    connection.execute(delete(table))
    names = migrations.compatible_revisions(revision)
    connection.execute(insert(table), [{"schema_revision": revision, "revision": name} for name in names])


def _run() -> None:
    database = context.config.attributes.get("database") or Database(load_settings().database_url)
    with database.engine.connect().execution_options(answer_seconds=_LONGEST) as connection:
        if database.is_sqlite:
            # A table that is rebuilt must not take its referrers' rows along; the pragma only
            # works outside a transaction.
            driver = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=database.is_sqlite,
            compare_type=True,
            transactional_ddl=True,  # SQLite can, though Alembic does not expect it
        )
        with context.begin_transaction():
            if not database.is_sqlite:
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                # Whoever waits for a table lets everybody behind it wait, too: give up soon, and try again later.
                connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            context.run_migrations()
            _write_compatible(connection)
            if database.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError("the migration would break references between tables; nothing was changed")
        if database.is_sqlite:
            driver.execute("PRAGMA foreign_keys=ON")


_run()
