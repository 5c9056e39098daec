"""The statements of ingest: read the touched dossiers, append versions, write rows and tallies.

Nothing here decides; usecases.ingest has decided already which rows are new and which change.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnClause,
    Select,
    Table,
    Text,
    any_,
    column,
    delete,
    insert,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from models.base import Base, dialect
from models.bulk import insert_rows
from models.dossiers import Dossier, DossierVersion, PausedSpanRow
from models.tallies import NEWS

DOSSIER: Table = Base.metadata.tables["dossier"]
VERSION: Table = Base.metadata.tables["dossier_version"]
PAUSED: Table = Base.metadata.tables["paused_span"]


class DossierRow(NamedTuple):
    """A row of the dossier table, in the order of its columns; see models.dossiers.Dossier."""

    source_id: int
    code: str
    unit_code: str
    procedure_code: str
    field_key: str | None
    channel: int
    status: int
    received_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    span: int | None
    has_pauses: bool
    reception_limit: datetime | None
    changed_at: datetime
    known_at: datetime
    life: int
    digest: str
    steps: str | None
    deadline: str | None
    warnings: str


def _among(session: Session, column: Any, codes: Sequence[str]) -> Any:
    """Say that a column is one of some codes; PostgreSQL takes them as one value, which is faster to send."""
    if dialect(session) == "sqlite":
        return column.in_(codes)
    return column == any_(literal(list(codes), ARRAY(Text)))


def current_rows(session: Session, source_id: int, codes: Sequence[str]) -> dict[str, DossierRow]:
    """Return the stored rows of these dossiers of a source, by code."""
    statement = select(DOSSIER).where(Dossier.source_id == source_id, _among(session, Dossier.code, codes))
    return {row.code: DossierRow(*row) for row in session.execute(statement)}


def known_digests(session: Session, source_id: int, codes: Sequence[str]) -> set[tuple[str, str]]:
    """Return (code, digest) of every version of these dossiers."""
    statement = select(DossierVersion.code, DossierVersion.digest).where(
        DossierVersion.source_id == source_id, _among(session, DossierVersion.code, codes)
    )
    return {(code, digest) for code, digest in session.execute(statement)}


def payloads(session: Session, source_id: int, wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the payload of the version with this digest, for each (code, digest)."""
    statement = select(DossierVersion.code, DossierVersion.payload).where(
        DossierVersion.source_id == source_id,
        tuple_(DossierVersion.code, DossierVersion.digest).in_(list(wanted)),
    )
    return dict(session.execute(statement).all())


def snapshots_of(session: Session, source_id: int, code: str) -> list[tuple[datetime, str, str]]:
    """Return (changed_at, digest, payload) of every snapshot of a dossier that is kept."""
    statement = select(DossierVersion.changed_at, DossierVersion.digest, DossierVersion.payload).where(
        DossierVersion.source_id == source_id, DossierVersion.code == code, DossierVersion.kind == "snapshot"
    )
    return [(changed_at, digest, payload) for changed_at, digest, payload in session.execute(statement)]


class VersionRow(NamedTuple):
    """A version to append; see models.dossiers.DossierVersion."""

    source_id: int
    code: str
    kind: str
    result: str
    unit_code: str
    changed_at: datetime
    known_at: datetime
    request_id: str
    digest: str
    payload: str


def append_versions(session: Session, rows: Sequence[VersionRow]) -> None:
    """Append versions."""
    insert_rows(session, VERSION, VersionRow._fields, rows)


def write_dossiers(session: Session, source_id: int, changed: Sequence[str], rows: Sequence[DossierRow]) -> None:
    """Write the rows of a source's dossiers, new ones and those of `changed`, which are there already."""
    if changed:
        session.execute(delete(DOSSIER).where(Dossier.source_id == source_id, _among(session, Dossier.code, changed)))
    insert_rows(session, DOSSIER, DossierRow._fields, rows)


def replace_paused_spans(
    session: Session, source_id: int, had: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Take away the paused spans of the dossiers that had some, and write the new ones."""
    if had:
        session.execute(
            delete(PAUSED).where(PausedSpanRow.source_id == source_id, _among(session, PausedSpanRow.code, had))
        )
    if rows:
        session.execute(insert(PAUSED), rows)


def upsert(session: Session, table: Table) -> Any:
    """Return the INSERT of the session's database that can carry ON CONFLICT."""
    return sqlite_insert(table) if dialect(session) == "sqlite" else pg_insert(table)


def keep_newest(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep the newest change of each unit; rows come sorted by unit."""
    if not rows:
        return
    statement = upsert(session, NEWS)
    stored, given = NEWS.c.newest_change, statement.excluded.newest_change
    statement = statement.on_conflict_do_update(
        index_elements=["unit_code"], set_={"newest_change": given}, where=given > stored
    )
    session.execute(statement, rows)


def add_to_tallies(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add integer flows to tally rows, making those that are missing; rows come sorted by key."""
    if not rows:
        return
    statement = upsert(session, table)
    statement = statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key.columns],
        set_={c.name: c + statement.excluded[c.name] for c in table.columns if not c.primary_key},
    )
    if dialect(session) == "sqlite":
        session.execute(statement, rows)
    else:
        session.execute(statement.from_select(table.columns.keys(), _as_table(table, rows)))


def _as_table(table: Table, rows: Sequence[Mapping[str, Any]]) -> Select[Any]:
    """Return rows as a query of PostgreSQL, which takes them as one value and keeps their order."""
    source = text(f"json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))")
    names: list[ColumnClause[Any]] = [column(name) for name in table.columns.keys()]  # noqa: SIM118 - a collection of columns, not a dict
    return select(*names).select_from(source.bindparams(rows=orjson.dumps(rows).decode()))
