"""Sessions and look-ups of the national sync format."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from models import filing
from models.catalogue import Procedure, Source, UnitRow
from models.national import NationalSession
from service.domain.dossier import Snapshot
from service.domain.units import national_procedure
from service.usecases.history import current_state
from service.usecases.sources import KnownSource


def open_session(session: Session, source_id: int, now: datetime, life: timedelta) -> str:
    """Open a session for a source whose key was right and return its token; expired ones are swept out."""
    session.execute(delete(NationalSession).where(NationalSession.expires_at <= now))
    token = secrets.token_urlsafe(32)
    key_id = session.scalars(select(Source.key_id).where(Source.id == source_id)).one()
    session.add(
        NationalSession(
            token_hash=_hash(token), source_id=source_id, key_id=key_id, created_at=now, expires_at=now + life
        )
    )
    session.flush()
    return token


def source_of_session(session: Session, token: str, now: datetime) -> KnownSource | None:
    """Return the source behind a session; None when it is unknown, expired, or its key was rotated."""
    row = session.execute(
        select(Source.id, Source.code, Source.ok_code, Source.disabled_at)
        .join(NationalSession, NationalSession.source_id == Source.id)
        .where(
            NationalSession.token_hash == _hash(token),
            NationalSession.expires_at > now,
            NationalSession.key_id == Source.key_id,
        )
    ).first()
    return KnownSource(row.id, row.code, row.ok_code, row.disabled_at is not None) if row else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def find_dossier(session: Session, source_id: int, code: str) -> tuple[Snapshot, dict[str, str | None]] | None:
    """Return a source's dossier as it stands, with the names of its procedure and unit; None when unknown."""
    row = filing.current_rows(session, source_id, [code]).get(code)
    if row is None:
        return None
    state = current_state(session, row)
    names = {
        "procedure_name": session.scalar(select(Procedure.name).where(Procedure.code == state.procedure_code)),
        "unit_name": session.scalar(select(UnitRow.name).where(UnitRow.code == row.unit_code)),
    }
    return state, names


def find_procedure(session: Session, code: str) -> dict[str, Any] | None:
    """Return a procedure by its code, with or without the local suffix; a named one is preferred."""
    national = national_procedure(code)
    near = or_(Procedure.code.in_([code, national]), Procedure.code.startswith(f"{national}.", autoescape=True))
    variants = [row for row in session.scalars(select(Procedure).where(near)) if _same(row.code, national)]
    if not variants:
        return None
    best = min(variants, key=lambda row: (row.name is None, row.code != code, row.code != national, row.code))
    return {
        "code": best.code,
        "name": best.name,
        "field_code": best.field_code,
        "field_name": best.field_name,
    }


def _same(code: str, national: str) -> bool:
    return national_procedure(code) == national
