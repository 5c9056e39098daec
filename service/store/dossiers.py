"""The statements of ingest: read the touched dossiers, append versions, write rows and tallies.

Nothing here decides; the resolver has decided already which rows are new and which change.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, exists, func, insert, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.base import table_of
from models.catalogue import Field
from models.dossiers import Dossier, DossierVersion, PausedIntervalRow
from service.store.sql import _among, insert_rows

DOSSIER = table_of(Dossier)
VERSION = table_of(DossierVersion)
PAUSED = table_of(PausedIntervalRow)


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
    catalogue_version: int | None
    warnings: str


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


def versions_of(session: Session, source_id: int, code: str) -> list[DossierVersion]:
    """Return every version of a dossier that is kept, in the order in which they became known."""
    mine = select(DossierVersion).where(DossierVersion.source_id == source_id, DossierVersion.code == code)
    return list(session.scalars(mine.order_by(DossierVersion.id)))


def lacking(
    session: Session, source_id: int, procedures: Sequence[str], earlier_fields: Sequence[str], after: str
) -> list[str]:
    """Return the next codes of a source's dossiers to which the catalogue may give what they lack.

    They are of these procedures (national codes) and have no due moment, or a field that the catalogue does
    not know or gave them before (earlier_fields). after: the last code that was looked at.
    """
    known_field = exists().where(Field.code == Dossier.field_key)
    statement = (
        select(Dossier.code)
        .where(
            Dossier.source_id == source_id,
            Dossier.code > after,
            _among(session, Dossier.procedure_code, procedures),
            or_(
                and_(Dossier.due_at.is_(None), Dossier.received_at.is_not(None)),
                Dossier.field_key.is_(None),
                ~known_field,
                _among(session, Dossier.field_key, earlier_fields),
            ),
        )
        .order_by(Dossier.code)
        .limit(LACKING_AT_ONCE)
    )
    return list(session.scalars(statement))


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
            delete(PAUSED).where(PausedIntervalRow.source_id == source_id, _among(session, PausedIntervalRow.code, had))
        )
    if rows:
        session.execute(insert(PAUSED), rows)


LACKING_AT_ONCE = 2000
"""Dossiers that are worked out anew in one transaction, so that pushes never wait long."""
STEP = 20_000
"""Versions looked at in one transaction, so that pushes never wait long."""


def newest_version(session: Session) -> int:
    """Return the id of the newest version, 0 when there is none."""
    return session.scalar(select(func.max(DossierVersion.id))) or 0


def purge_step(session: Session, after_version: int, known_before: datetime) -> int:
    """Delete what may go among the next versions after this id; return how many went."""
    old, newer = aliased(DossierVersion), aliased(DossierVersion)
    is_newer = or_(
        newer.changed_at > old.changed_at,
        and_(newer.changed_at == old.changed_at, newer.id > old.id),
    )
    superseded = exists().where(newer.source_id == old.source_id, newer.code == old.code, is_newer)
    current = exists().where(Dossier.source_id == old.source_id, Dossier.code == old.code, Dossier.digest == old.digest)
    chosen = select(old.id).where(
        old.id > after_version,
        old.id <= after_version + STEP,
        old.known_at < known_before,
        superseded,
        ~current,
    )
    gone = list(session.scalars(chosen))
    for start in range(0, len(gone), 5000):
        session.execute(delete(DossierVersion).where(DossierVersion.id.in_(gone[start : start + 5000])))
    return len(gone)
