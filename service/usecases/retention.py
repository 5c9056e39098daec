"""Let old, superseded versions go, where the operator sets an age; off by default.

A dossier's current version always stays, and so does its newest one: every number but the history
and what was known at a past moment is the same before and after.
"""

from datetime import datetime

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.dossiers import Dossier, DossierVersion

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
