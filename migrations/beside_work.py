"""Indexes that are built, and rows that are changed in parts, while questions and pushes go on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from alembic import op
from sqlalchemy import Connection, text

_PATIENT_SECONDS = 24 * 3600.0


def create_index(
    name: str, table: str, columns: list[str], where: str | None = None, *, in_place_of: str | None = None
) -> None:
    """Create an index, and drop the one that it replaces (in_place_of); on PostgreSQL CONCURRENTLY.

    That needs the work of the migrations before to be committed first, so a migration that calls this does nothing
    else. It may be run again: an invalid index of this name, left behind by an attempt that failed, is dropped first.
    """
    options: dict[str, Any] = {"sqlite_where": text(where), "postgresql_where": text(where)} if where else {}
    if op.get_context().dialect.name == "sqlite":
        op.drop_index(name, table, if_exists=True)
        op.create_index(name, table, columns, **options)
        if in_place_of:
            op.drop_index(in_place_of, table, if_exists=True)
        return
    # Below there is no transaction, and behind a pooler a search path lasts only for one: so the schema is named.
    options["schema"] = None if op.get_context().as_sql else op.get_bind().scalar(text("SELECT current_schema()"))
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")  # CONCURRENTLY waits for open transactions, and nobody waits for it
        op.drop_index(name, table, schema=options["schema"], if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        if in_place_of:
            op.drop_index(in_place_of, table, schema=options["schema"], if_exists=True, postgresql_concurrently=True)
        op.execute("RESET lock_timeout")
        op.execute("RESET statement_timeout")


@contextmanager
def transactions() -> Iterator[Callable[[], AbstractContextManager[Connection]]]:
    """Give a function that begins a transaction for some of the rows; on SQLite that is the migration's own.

    The work of the migrations before is committed first, so the migration must be repeatable from its beginning. A
    transaction waits for a row as long as it takes, because a wait for one row stops nobody who needs another.
    """
    bind, context = op.get_bind(), op.get_context()
    if context.dialect.name == "sqlite":
        yield lambda: nullcontext(bind)
        return
    patient = bind.engine.execution_options(lock_seconds=_PATIENT_SECONDS, answer_seconds=_PATIENT_SECONDS)
    with context.autocommit_block():
        yield patient.begin
