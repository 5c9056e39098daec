"""SQL that SQLite and PostgreSQL write differently, and fast inserts of many rows: executemany, and COPY.

SQLAlchemy's own bulk insert looks at each value of each row, which takes most of its time. Here rows are tuples that go
straight to the driver.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import orjson
import psycopg
from sqlalchemy import ColumnClause, Dialect, Insert, Select, Table, bindparam, column, literal, select, text, types
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from models.base import Instant, microseconds


def insert_rows(session: Session, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows given as tuples in the order of `columns`, in the session's transaction."""
    if not rows:
        return
    if dialect(session) == "sqlite":
        marks = ", ".join("?" * len(columns))
        statement = f'INSERT INTO "{table.name}" ({_names(columns)}) VALUES ({marks})'  # noqa: S608 - names of ours
        session.connection().exec_driver_sql(statement, _as_stored(table, columns, rows))
    else:
        _copy_into_postgresql(session, table, columns, rows)


def update_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[tuple[Sequence[Any], Sequence[Any]]]
) -> None:
    """Update rows of SQLite, given as (before, after); the first two columns are the key.

    Only columns that change are named, so that SQLite leaves the indexes of the others alone.
    """
    by_places: dict[tuple[int, ...], list[tuple[Any, ...]]] = {}
    for before, after in rows:
        if changed := [place for place, value in enumerate(after) if value != before[place]]:
            places = (*changed, 0, 1)
            by_places.setdefault(places, []).append(tuple(after[place] for place in places))
    for places, values in by_places.items():
        *names, first, second = (columns[place] for place in places)
        changes = ", ".join(f'"{name}" = ?' for name in names)
        statement = f'UPDATE "{table.name}" SET {changes} WHERE "{first}" = ? AND "{second}" = ?'  # noqa: S608 - names of ours
        session.connection().exec_driver_sql(statement, _as_stored(table, (*names, first, second), values))


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def execute_many(session: Session, statement: Insert, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Run an INSERT of SQLite for rows given as tuples in the order of the table's columns."""
    session.connection().exec_driver_sql(_compiled(statement), _as_stored(table, table.columns.keys(), rows))


@lru_cache
def _compiled(statement: Insert) -> str:
    return str(statement.compile(dialect=sqlite_dialect()))


_FOR_SQLITE: dict[Any, Callable[..., Any]] = {Instant: microseconds, types.Date: date.isoformat, types.Boolean: int}


def _as_stored(table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    kinds = [_FOR_SQLITE.get(type(table.c[name].type)) for name in columns]
    places = [(place, stored) for place, stored in enumerate(kinds) if stored]
    return [_replaced(row, places) for row in rows]


def _replaced(row: Sequence[Any], places: Sequence[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    values = list(row)
    for place, stored in places:
        if (value := values[place]) is not None:
            values[place] = stored(value)
    return tuple(values)


def _copy_into_postgresql(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    driver: Any = session.connection().connection.driver_connection
    statement = f'COPY "{table.name}" ({_names(columns)}) FROM STDIN (FORMAT BINARY)'
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(_type_names(session.get_bind().dialect, table, tuple(columns)))
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:  # as from any other statement: a full disk, a server that goes away
        raise DBAPIError.instance(statement, None, error, psycopg.Error) from error


@lru_cache
def _type_names(postgresql: Dialect, table: Table, columns: tuple[str, ...]) -> list[str]:
    """Return the names of columns' types without their lengths, as psycopg knows them; binary COPY casts nothing."""
    types = (table.c[name].type.compile(dialect=postgresql) for name in columns)
    return [str(name).partition("(")[0].lower() for name in types]


def dialect(session: Session) -> str:
    """Return the name of a session's database: sqlite or postgresql."""
    return session.get_bind().dialect.name


def among(column: Any, values: Collection[Any] | None = None) -> Any:
    """Return the condition that a column has one of some values; all values are sent as one parameter.

    values: None in a statement that is made once; each execution then gives them as the list `among`.
    """
    kind = types.ARRAY(types.Text if isinstance(column.type, types.String) else column.type)
    listed = kind.with_variant(types.JSON(), "sqlite")
    return _Among(column, bindparam("among", type_=listed) if values is None else literal(list(values), listed))


class _Among(FunctionElement[Any]):
    """It has no type: SQLite would be asked if a Boolean is 1, and use no index."""

    inherit_cache = True


@compiles(_Among)
def _compiled_among(condition: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in condition.clauses)
    if compiler.dialect.name != "sqlite":
        return f"{column} = ANY({values})"
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts


def upsert(session: Session, table: Table) -> Any:
    """Return an INSERT for the session's database that can carry ON CONFLICT."""
    return insert_of(dialect(session), table)


def insert_of(database: str, table: Table) -> Any:
    """Return an INSERT for a database (a dialect's name) that can carry ON CONFLICT."""
    return sqlite_insert(table) if database == "sqlite" else pg_insert(table)


def raise_moments(session: Session, table: Table, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, which come in the order of their keys; in those that exist raise a moment, the column `name`."""
    if rows:
        session.execute(_raising(dialect(session), table, name), rows)


@lru_cache
def _raising(database: str, table: Table, name: str) -> Any:
    statement = insert_of(database, table)
    later, raised = statement.excluded[name] > table.c[name], {name: statement.excluded[name]}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=raised, where=later)


def from_json(table: Table) -> Select[Any]:
    """Return a query of PostgreSQL for the rows in the parameter `rows` (see `as_json`), in their order."""
    names: list[ColumnClause[Any]] = [column(name) for name in table.columns.keys()]  # noqa: SIM118 - a collection of columns, not a dict
    return select(*names).select_from(text(f"json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))"))


def as_json(table: Table, rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as the JSON array that `from_json` reads."""
    return orjson.dumps([dict(zip(table.columns.keys(), row, strict=True)) for row in rows]).decode()
