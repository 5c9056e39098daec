"""The log of what operators did: an entry is written before each act, and completed when the act has ended."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit import AuditEntry

_ACT, _ACTOR = AuditEntry.act.type.length, AuditEntry.actor.type.length


def begin(session: Session, actor: str, act: str, now: datetime) -> int:
    """Write that an operator (actor) begins an act, and return the entry's number."""
    entry = AuditEntry(at=now, actor=actor[:_ACTOR], act=act[:_ACT])
    session.add(entry)
    session.flush()
    return entry.id


def end(session: Session, number: int, outcome: str) -> None:
    """Write how the act ended."""
    session.get_one(AuditEntry, number).outcome = outcome


def last(session: Session, count: int) -> Sequence[AuditEntry]:
    """Return the newest entries, oldest first."""
    newest = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(count)).all()
    return newest[::-1]
