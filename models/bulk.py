"""Insert many rows fast: COPY on PostgreSQL, plain executemany on SQLite.

SQLAlchemy's own bulk insert spends most of its time on each value of each row; here the rows come
as tuples in the order of the table's columns and go straight to the driver.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from models.base import Instant, dialect, microseconds


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
