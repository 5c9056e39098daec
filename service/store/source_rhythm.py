"""The hours in which sources sent, and the gap between pushes that is usual for each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, func, select
from sqlalchemy.orm import Session

from models.base import table_of
from models.dossiers import DossierVersion
from models.sources import Source, SourceHour, SourceRhythm
from service.domain.source_status import LOOK_BACK
from service.store.sql import upsert

_HOUR = table_of(SourceHour)
_RHYTHM = table_of(SourceRhythm)
_AT_ONCE = 5000


def learn_hours(session: Session, after_version: int, now: datetime) -> int:
    """Note the hours in which sources sent the versions after this one; return the newest version that was read."""
    newest = session.scalar(select(func.max(DossierVersion.id))) or 0
    rows = session.execute(
        select(DossierVersion.source_id, DossierVersion.known_at)
        .where(DossierVersion.id > after_version, DossierVersion.id <= newest)
        .where(DossierVersion.known_at > now - LOOK_BACK)
        .where(DossierVersion.kind.not_in(("backfill", "merge")))  # these come from an operator, not from the source
        .execution_options(yield_per=_AT_ONCE)
    )
    hours = {(source, known_at.replace(minute=0, second=0, microsecond=0)) for source, known_at in rows}
    if hours:
        statement = upsert(session, _HOUR).on_conflict_do_nothing()
        session.execute(statement, [{"source_id": source, "hour": hour} for source, hour in sorted(hours)])
    session.execute(delete(SourceHour).where(SourceHour.hour <= now - LOOK_BACK))
    return newest


def hours_by_source(session: Session) -> dict[int, list[datetime]]:
    """Return the hours in which each source sent, in order."""
    hours: defaultdict[int, list[datetime]] = defaultdict(list)
    for source, hour in session.execute(select(SourceHour.source_id, SourceHour.hour).order_by(SourceHour.hour)):
        hours[source].append(hour)
    return hours


def replace_gaps(session: Session, gaps: Mapping[int, timedelta], now: datetime) -> None:
    """Store these usual gaps in place of all that are stored."""
    session.execute(delete(SourceRhythm))
    rows = [
        {"source_id": source, "usual_gap_seconds": int(gap.total_seconds()), "measured_at": now}
        for source, gap in sorted(gaps.items())
    ]
    if rows:
        session.execute(upsert(session, _RHYTHM), rows)


def last_pushes(session: Session) -> Sequence[Row[str, datetime | None, datetime, int | None, datetime | None]]:
    """Return the last push of every source that is neither disabled nor a trial, by code."""
    pushed = Source.code, Source.last_push_at, Source.created_at, SourceRhythm.usual_gap_seconds, Source.key_until
    statement = select(*pushed).outerjoin(SourceRhythm, SourceRhythm.source_id == Source.id)
    statement = statement.where(Source.disabled_at.is_(None), Source.is_test.is_(False))
    return session.execute(statement.order_by(Source.code)).all()
