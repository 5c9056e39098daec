"""Indexes that are built while questions and pushes go on."""

from typing import Any

from alembic import op
from sqlalchemy import text


def create_index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    """Create an index; on PostgreSQL CONCURRENTLY, outside of a transaction.

    What the migrations before did is committed first, so a migration that calls this does nothing else. It may be
    run again: an index of this name, which an attempt that failed leaves behind without use, is dropped first.
    """
    options: dict[str, Any] = {"sqlite_where": text(where), "postgresql_where": text(where)} if where else {}
    if op.get_context().dialect.name == "sqlite":
        op.drop_index(name, table, if_exists=True)
        op.create_index(name, table, columns, **options)
        return
    # Behind a pooler a search path lasts for a transaction: the schema is named, as none begins below.
    options["schema"] = None if op.get_context().as_sql else op.get_bind().scalar(text("SELECT current_schema()"))
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")  # it waits for transactions that are open now, and nobody waits for it
        op.drop_index(name, table, schema=options["schema"], if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute("RESET lock_timeout")
        op.execute("RESET statement_timeout")
