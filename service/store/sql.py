"""What SQLite and PostgreSQL say differently, and the fast way to insert many rows: COPY, or plain executemany.

SQLAlchemy's own bulk insert spends most of its time on each value of each row; here the rows come
as tuples in the order of the table's columns and go straight to the driver.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import ARRAY, ColumnClause, Select, String, Table, Text, any_, column, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from models.base import Instant, microseconds


def insert_rows(session: Session, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows given as tuples in the order of `columns`, in the session's transaction."""
    if not rows:
        return
    if dialect(session) == "sqlite":
        _insert_into_sqlite(session, table, columns, rows)
    else:
        _copy_into_postgresql(session, table, columns, rows)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _insert_into_sqlite(session: Session, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    marks = ", ".join("?" * len(columns))
    statement = f'INSERT INTO "{table.name}" ({_names(columns)}) VALUES ({marks})'  # noqa: S608 - names of ours
    moments = [place for place, name in enumerate(columns) if isinstance(table.c[name].type, Instant)]
    session.connection().exec_driver_sql(statement, [_plain(row, moments) for row in rows])


def _plain(row: Sequence[Any], moments: Sequence[int]) -> tuple[Any, ...]:
    """Return a row with its moments as SQLite stores them."""
    values = list(row)
    for place in moments:
        if (moment := values[place]) is not None:
            values[place] = microseconds(moment)
    return tuple(values)


def _copy_into_postgresql(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    driver: Any = session.connection().connection.driver_connection
    statement = f'COPY "{table.name}" ({_names(columns)}) FROM STDIN'
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def dialect(session: Session) -> str:
    """Return the name of a session's database: sqlite or postgresql."""
    return session.get_bind().dialect.name


def among(session: Session, column: Any, values: Collection[Any]) -> Any:
    """Say that a column is one of some codes or numbers; they travel as one value, however many they are."""
    if dialect(session) == "sqlite":
        each = func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
        return column.in_(select(each.c.value))
    kind = Text if isinstance(column.type, String) else column.type
    return column == any_(literal(list(values), ARRAY(kind)))


def upsert(session: Session, table: Table) -> Any:
    """Return the INSERT of the session's database that can carry ON CONFLICT."""
    return sqlite_insert(table) if dialect(session) == "sqlite" else pg_insert(table)


def as_table(table: Table, rows: Sequence[Mapping[str, Any]]) -> Select[Any]:
    """Return rows as a query of PostgreSQL, which takes them as one value and keeps their order."""
    source = text(f"json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))")
    names: list[ColumnClause[Any]] = [column(name) for name in table.columns.keys()]  # noqa: SIM118 - a collection of columns, not a dict
    return select(*names).select_from(source.bindparams(rows=orjson.dumps(rows).decode()))
