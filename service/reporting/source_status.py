"""Learn each source's usual rhythm from when its news became known, and say how silent it is."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from models.base import Base
from models.dossiers import DossierVersion
from models.sources import Source, SourceHour, SourceRhythm
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.source_status import REMEMBERED, is_silent, silence, usual_gap
from service.store.sql import upsert

_HOUR: Table = Base.metadata.tables["source_hour"]
_RHYTHM: Table = Base.metadata.tables["source_rhythm"]
_AT_ONCE = 5000


def learn_hours(session: Session, after_version: int, now: datetime) -> int:
    """Note the hours of the versions after this one; return the newest version that was read."""
    newest = session.scalar(select(func.max(DossierVersion.id))) or 0
    rows = session.execute(
        select(DossierVersion.source_id, DossierVersion.known_at)
        .where(DossierVersion.id > after_version, DossierVersion.id <= newest)
        .where(DossierVersion.known_at > now - REMEMBERED)
        .execution_options(yield_per=_AT_ONCE)
    )
    hours = {(source, known_at.replace(minute=0, second=0, microsecond=0)) for source, known_at in rows}
    if hours:
        statement = upsert(session, _HOUR).on_conflict_do_nothing()
        session.execute(statement, [{"source_id": source, "hour": hour} for source, hour in sorted(hours)])
    session.execute(delete(SourceHour).where(SourceHour.hour <= now - REMEMBERED))
    return newest


def measure(session: Session, work: WorkCalendar, now: datetime) -> int:
    """Work out every source's usual gap anew; return how many sources have a rhythm."""
    hours: defaultdict[int, list[datetime]] = defaultdict(list)
    for row in session.execute(select(SourceHour.source_id, SourceHour.hour).order_by(SourceHour.hour)):
        hours[row.source_id].append(row.hour)
    gaps = {source: gap for source, found in hours.items() if (gap := usual_gap(found, work)) is not None}
    session.execute(delete(SourceRhythm))
    if gaps:
        rows = [
            {"source_id": source, "usual_gap_seconds": int(gap.total_seconds()), "measured_at": now}
            for source, gap in sorted(gaps.items())
        ]
        session.execute(upsert(session, _RHYTHM), rows)
    return len(gaps)


@dataclass(frozen=True)
class SourceStatus:
    """How long ago a source pushed, in time and in working time; what is usual; and whether it is silent."""

    source: str
    since_push: timedelta | None
    silent_for: timedelta
    usual_gap: timedelta | None
    silent: bool


def source_statuses(session: Session, work: WorkCalendar, now: datetime) -> list[SourceStatus]:
    """Return the pulse of every source that may push; one that never pushed is waited for since it was added."""
    rows = session.execute(
        select(Source.code, Source.last_push_at, Source.created_at, SourceRhythm.usual_gap_seconds)
        .outerjoin(SourceRhythm, SourceRhythm.source_id == Source.id)
        .where(Source.disabled_at.is_(None))
        .order_by(Source.code)
    )
    return [_pulse(work, now, *row) for row in rows]


def _pulse(
    work: WorkCalendar, now: datetime, code: str, pushed: datetime | None, added: datetime, gap_seconds: int | None
) -> SourceStatus:
    usual = timedelta(seconds=gap_seconds) if gap_seconds is not None else None
    silent_for = silence(pushed or added, now, work)
    since = max(now - pushed, timedelta(0)) if pushed else None
    return SourceStatus(code, since, silent_for, usual, is_silent(silent_for, usual))
