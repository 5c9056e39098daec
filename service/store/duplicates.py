"""Find dossiers that a source may have sent again under another code, and mark them with a warning."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, func, select, update
from sqlalchemy.orm import Session

from models.dossiers import Dossier, DossierVersion
from service.domain.calendar.local_time import is_bare_date
from service.store.stored_json import read_kinds, write_kinds

CROWD = 20
"""Dossiers of one unit, procedure and moment of receipt beyond which the moment tells nobody apart.

A source that writes 08:00 for everyone gives such moments.
"""

RECODED = "recoded"
_AT_ONCE = 1000


class _Key(NamedTuple):
    """What a dossier shares with the one that it may be."""

    unit_code: str
    procedure_code: str
    received_at: datetime


class _Member(NamedTuple):
    """A dossier that shares its key with others: when it ended, and the request that created it."""

    code: str
    ended_at: datetime | None
    first_version: int
    request_id: str


def mark_recoded(session: Session, source_id: int) -> int:
    """Give the dossiers of a source that may be earlier ones the warning, take it from the others; count them.

    The caller holds the source's lock.
    """
    found = {
        code for key in _shared_keys(session, source_id) for code in _later_ones(_members(session, source_id, key))
    }
    marked = set(session.scalars(_marked(source_id)))
    for code in sorted(found ^ marked):
        _mark(session, source_id, code, recoded=code in found)
    return len(found)


def _shared_keys(session: Session, source_id: int) -> Iterator[_Key]:
    """Yield what some, but not a crowd of dossiers share; a bare date of receipt tells nobody apart."""
    columns = Dossier.unit_code, Dossier.procedure_code, Dossier.received_at
    shared = (
        select(*columns)
        .where(Dossier.source_id == source_id, Dossier.received_at.is_not(None))
        .group_by(*columns)
        .having(func.count().between(2, CROWD))
    )
    for unit_code, procedure_code, received_at in session.execute(shared).all():
        if received_at is not None and not is_bare_date(received_at):
            yield _Key(unit_code, procedure_code, received_at)


def _members(session: Session, source_id: int, key: _Key) -> list[_Member]:
    """Return the dossiers that share a key, in the order in which they were first filed."""
    first = (
        select(func.min(DossierVersion.id))
        .where(DossierVersion.source_id == Dossier.source_id, DossierVersion.code == Dossier.code)
        .correlate(Dossier)
        .scalar_subquery()
    )
    statement = (
        select(Dossier.code, Dossier.ended_at, DossierVersion.id, DossierVersion.request_id)
        .join(DossierVersion, DossierVersion.id == first)
        .where(
            Dossier.source_id == source_id,
            Dossier.unit_code == key.unit_code,
            Dossier.received_at == key.received_at,
            Dossier.procedure_code == key.procedure_code,
        )
        .order_by(DossierVersion.id)
    )
    return [_Member(*row) for row in session.execute(statement)]


def _later_ones(members: list[_Member]) -> Iterator[str]:
    """Yield the dossiers that came after one which they may be: by another request, with the same end if both ended."""
    for place, later in enumerate(members):
        for earlier in members[:place]:
            both_ended = later.ended_at is not None and earlier.ended_at is not None
            if later.request_id != earlier.request_id and (not both_ended or later.ended_at == earlier.ended_at):
                yield later.code
                break


def _marked(source_id: int) -> Select[str]:
    has_kind = Dossier.warning_kinds.contains(f'"{RECODED}"', autoescape=True)
    return select(Dossier.code).where(
        Dossier.source_id == source_id, and_(Dossier.warning_kinds.is_not(None), has_kind)
    )


def _mark(session: Session, source_id: int, code: str, *, recoded: bool) -> None:
    """Add the warning to those of a dossier, or take it away."""
    mine = and_(Dossier.source_id == source_id, Dossier.code == code)
    kinds = read_kinds(session.scalar(select(Dossier.warning_kinds).where(mine))) - {RECODED}
    session.execute(
        update(Dossier).where(mine).values(warning_kinds=write_kinds(kinds | ({RECODED} if recoded else set())))
    )
