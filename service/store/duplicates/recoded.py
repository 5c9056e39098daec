"""Find dossiers that a source may have sent again under another code, and mark them with a warning."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import and_, func, literal_column, select, update
from sqlalchemy.orm import Session

from models.dossiers import Dossier, DossierVersion
from service.store.sql import dialect
from service.store.stored_json import read_kinds, write_kinds

CROWD = 20
"""When more dossiers than this share unit, procedure and moment of receipt, the moment says nothing about them.

Example: a source that writes 08:00 for every dossier of the day.
"""

RECODED = "recoded"
_HAS_TIME = {
    "sqlite": "(received_at + 25200000000) % 86400000000 <> 0",
    "postgresql": "CAST(received_at AT TIME ZONE INTERVAL '7 hours' AS time) <> '00:00'",
}
"""The condition that a receipt has a time of day. Many dossiers share a bare date, so it says nothing."""


class _Member(NamedTuple):
    """A dossier that shares unit, procedure and moment of receipt with others, and the request that created it."""

    code: str
    unit_code: str
    procedure_code: str
    received_at: datetime
    ended_at: datetime | None
    request_id: str


def find_recoded(session: Session, source_id: int) -> tuple[set[str], list[str]]:
    """Return which of a source's dossiers may be earlier ones, and of which the warning is to be set or taken away."""
    recoded = {code for members in _alike(session, source_id) for code in _later_ones(members)}
    has_kind = Dossier.warning_kinds.contains(f'"{RECODED}"', autoescape=True)
    of_source = select(Dossier.code).where(Dossier.source_id == source_id, Dossier.warning_kinds.is_not(None), has_kind)
    marked = set(session.scalars(of_source))
    return recoded, sorted(recoded ^ marked)


def _alike(session: Session, source_id: int) -> Iterator[list[_Member]]:
    """Yield groups of up to CROWD dossiers that share unit, procedure and receipt, as they were first filed."""
    key = Dossier.unit_code, Dossier.procedure_code, Dossier.received_at
    shared = (
        select(Dossier.code, *key, Dossier.ended_at, func.count().over(partition_by=key).label("alike"))
        .where(Dossier.source_id == source_id, Dossier.received_at.is_not(None), has_time(session))
        .subquery()
    )
    first = (
        select(func.min(DossierVersion.id))
        .where(DossierVersion.source_id == source_id, DossierVersion.code == shared.c.code)
        .correlate(shared)
        .scalar_subquery()
    )
    *columns, alike = shared.c
    statement = (
        select(*columns, DossierVersion.request_id)
        .join(DossierVersion, DossierVersion.id == first)
        .where(alike.between(2, CROWD))
        .order_by(*columns[1:4], DossierVersion.id)
    )
    members = map(_Member._make, session.execute(statement))
    for _, same in groupby(members, key=lambda member: member[1:4]):
        yield list(same)


def has_time(session: Session) -> Any:
    """Return the condition that a dossier's receipt is a moment, not a bare date."""
    return literal_column(_HAS_TIME[dialect(session)])


def _later_ones(members: list[_Member]) -> Iterator[str]:
    """Yield the codes of dossiers that may be an earlier member: of another request, and of one end if both ended."""
    for place, later in enumerate(members):
        others = [earlier for earlier in members[:place] if earlier.request_id != later.request_id]
        if any(None in (one.ended_at, later.ended_at) or one.ended_at == later.ended_at for one in others):
            yield later.code


def mark(session: Session, source_id: int, code: str, *, recoded: bool) -> None:
    """Set the warning on a dossier, or take it away; the caller holds the source's lock."""
    mine = and_(Dossier.source_id == source_id, Dossier.code == code)
    others = read_kinds(session.scalar(select(Dossier.warning_kinds).where(mine))) - {RECODED}
    kinds = write_kinds(others | {RECODED} if recoded else others)
    session.execute(update(Dossier).where(mine).values(warning_kinds=kinds))
