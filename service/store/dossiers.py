"""The statements of ingest: read dossiers and their versions, append versions, write rows and paused intervals.

Nothing here decides; the resolver has decided already which rows are new and which change.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from models.base import table_of
from models.catalogue import Field
from models.dossiers import Dossier, DossierVersion, PausedIntervalRow
from service.domain.dossier.computed_deadline import ComputedDeadline
from service.domain.dossier.snapshot import ProgressStep
from service.domain.dossier.versions import Life, Version, in_order, repeats
from service.store import stored_json
from service.store.sql import among, dialect, insert_rows, update_rows

DOSSIER = table_of(Dossier)
VERSION = table_of(DossierVersion)
PAUSED = table_of(PausedIntervalRow)


class DossierRow(NamedTuple):
    """Where a dossier stands, as models.dossiers.Dossier keeps it, decoded."""

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
    has_pauses: bool
    reception_limit: datetime | None
    changed_at: datetime
    known_at: datetime
    digest: str
    catalogue_version: int | None = None
    national_code: str | None = None
    merged: bool = False
    merged_received_at: datetime | None = None
    end_known_at: datetime | None = None
    lateness: int | None = None
    steps: tuple[ProgressStep, ...] = ()
    deadline: ComputedDeadline | None = None
    warnings: frozenset[str] = frozenset()


MAX_DURATION_CLASS = 7
DURATION_CLASS_LIMITS = (*(timedelta(days=4**n) for n in range(MAX_DURATION_CLASS)), timedelta(days=150 * 366))
"""The longest duration of each class: 1, 4, 16, … days; the last holds all that 1990 to 2100 allow."""

COLUMNS = (*DossierRow._fields[:-1], "warning_kinds", "span")


def _encoded(row: DossierRow) -> tuple[Any, ...]:
    """Return a row as it is stored: the values of COLUMNS."""
    *values, steps, deadline, kinds = row
    received_at, ended_at = row.received_at, row.ended_at
    duration_class = bisect_left(DURATION_CLASS_LIMITS, ended_at - received_at) if received_at and ended_at else None
    encoded = stored_json.write_steps(steps), stored_json.write_deadline(deadline), stored_json.write_kinds(kinds)
    return (*values, *encoded, duration_class)


def _decoded(stored: Sequence[Any]) -> DossierRow:
    *values, steps, deadline, kinds = stored
    decoded = stored_json.read_steps(steps), stored_json.read_deadline(deadline), stored_json.read_kinds(kinds)
    return DossierRow._make((*values, *decoded))


_CURRENT = select(*(DOSSIER.c[name] for name in COLUMNS if name != "span"))
_CURRENT = _CURRENT.where(DOSSIER.c.source_id == bindparam("source"), among(DOSSIER.c.code))
_FILED = select(*(VERSION.c[name] for name in ("id", "code", "kind", "payload", "known_at", "digest")))
_FILED = _FILED.where(VERSION.c.source_id == bindparam("source"), among(VERSION.c.code)).order_by(VERSION.c.id)


def current_rows(session: Session, source_id: int, codes: Sequence[str]) -> dict[str, DossierRow]:
    """Return the stored rows of these dossiers of a source, by code."""
    rows = session.execute(_CURRENT, {"source": source_id, "among": codes})
    return {row[1]: _decoded(row) for row in rows}


class FiledVersions(NamedTuple):
    """The snapshots of a dossier in the order of filing, and when the newest of all its events became known.

    earlier: what was filed before each deletion by the source. steps: those filed since the last deletion.
    """

    snapshots: list[Version]
    known_at: datetime
    earlier: Sequence[Life] = ()
    steps: Sequence[ProgressStep] = ()


def filed_versions(
    session: Session, source_id: int, codes: Sequence[str], numbers: dict[int, int] | None = None
) -> dict[str, FiledVersions]:
    """Return every snapshot that is stored of these dossiers, by code.

    numbers: a dictionary to fill with the row ids of snapshots, by `id(version)`.
    """
    by_code: dict[str, FiledVersions] = {}
    for number, code, kind, payload, known_at, digest in session.execute(_FILED, {"source": source_id, "among": codes}):
        before = by_code.get(code) or FiledVersions([], known_at)
        filed = before if known_at <= before.known_at else before._replace(known_at=known_at)
        by_code[code] = _with_event(filed, code, kind, payload, known_at, digest)
        if numbers is not None and kind == "snapshot":
            numbers[id(by_code[code].snapshots[-1])] = number
    return by_code


def _with_event(
    filed: FiledVersions, code: str, kind: str, payload: str, known_at: datetime, digest: str
) -> FiledVersions:
    if kind == "snapshot":
        filed.snapshots.append(Version(stored_json.from_payload(code, payload), known_at, digest))
    elif kind == "step":
        return filed._replace(steps=(*filed.steps, stored_json.read_step(payload)))
    elif kind == "delete":
        life = Life(filed.snapshots, filed.steps, known_at)
        return filed._replace(earlier=(*filed.earlier, life), snapshots=[], steps=())
    return filed


def lacking(
    session: Session, source_id: int, procedures: Sequence[str], earlier_fields: Sequence[str], after: str
) -> list[str]:
    """Return the next codes of a source's dossiers to which the catalogue may give what they lack.

    procedures: their national codes. A dossier lacks something when it has no due moment, or when its field is unknown
    to the catalogue or came from an earlier import (earlier_fields). after: the last code that was looked at.
    """
    known_field = exists().where(Field.code == Dossier.field_key)
    statement = (
        select(Dossier.code)
        .where(
            Dossier.source_id == source_id,
            Dossier.code > after,
            among(Dossier.procedure_code, procedures),
            or_(
                and_(Dossier.due_at.is_(None), Dossier.received_at.is_not(None)),
                Dossier.field_key.is_(None),
                ~known_field,
                among(Dossier.field_key, earlier_fields),
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


def versions_of(session: Session, source_id: int, code: str) -> list[VersionRow]:
    """Return every stored version of a dossier, in the order in which they became known."""
    mine = select(*(VERSION.c[name] for name in VersionRow._fields))
    mine = mine.where(VERSION.c.source_id == source_id, VERSION.c.code == code).order_by(VERSION.c.id)
    return list(map(VersionRow._make, session.execute(mine)))


def write_dossiers(
    session: Session,
    source_id: int,
    versions: Sequence[VersionRow],
    rows: Sequence[tuple[DossierRow | None, DossierRow]],
) -> None:
    """Append versions, and write the rows of a source's dossiers. rows: each before (None: it is new) and after."""
    insert_rows(session, VERSION, VersionRow._fields, versions)
    encoded = [(before and _encoded(before), _encoded(row)) for before, row in rows]
    changed = [(before, row) for before, row in encoded if before]
    if changed and dialect(session) == "sqlite":
        update_rows(session, DOSSIER, COLUMNS, changed)
        encoded = [(before, row) for before, row in encoded if not before]
    elif changed:
        codes = [row[1] for _, row in changed]
        session.execute(delete(DOSSIER).where(DOSSIER.c.source_id == source_id, among(DOSSIER.c.code, codes)))
    insert_rows(session, DOSSIER, COLUMNS, [row for _, row in encoded])


def replace_paused_intervals(
    session: Session, source_id: int, had: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Delete the paused intervals of the dossiers that had some, and insert rows (code, start, end, in_time)."""
    if had:
        session.execute(
            delete(PAUSED).where(PausedIntervalRow.source_id == source_id, among(PausedIntervalRow.code, had))
        )
    names = ("source_id", "code", "start", "end", "in_time")
    insert_rows(session, PAUSED, names, [(source_id, *row) for row in rows])


LACKING_AT_ONCE = 2000
"""How many dossiers one transaction works out anew; pushes wait for it."""
STEP = 20_000
"""How many versions one transaction looks at; pushes wait for it."""


def newest_version(session: Session) -> int:
    """Return the id of the newest version, 0 when there is none."""
    return session.scalar(select(func.max(DossierVersion.id))) or 0


def purge_step(session: Session, after_version: int, known_before: datetime) -> int:
    """Delete the repetitions among the next STEP versions after this id; return how many were deleted.

    Only versions that became known before a moment go. What a repetition is: domain.dossier.versions.repeats.
    """
    old = select(DossierVersion.source_id, DossierVersion.code).where(
        DossierVersion.id > after_version,
        DossierVersion.id <= after_version + STEP,
        DossierVersion.known_at < known_before,
        DossierVersion.kind == "snapshot",
    )
    last = after_version + STEP
    gone: list[int] = []
    for source_id, code in session.execute(old.distinct()).all():
        numbers: dict[int, int] = {}
        filed = filed_versions(session, source_id, [code], numbers)[code]
        for snapshots, steps, _ in (*filed.earlier, Life(filed.snapshots, filed.steps, filed.known_at)):
            repeated = repeats(in_order(snapshots), [step.moment for step in steps])
            ids = [numbers[id(version)] for version in repeated if version.known_at < known_before]
            gone += [number for number in ids if after_version < number <= last]
    session.execute(delete(DossierVersion).where(among(DossierVersion.id, gone)))
    return len(gone)
