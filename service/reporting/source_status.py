"""How long each source has been silent, compared with the gap between its pushes that is usual for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.source_status import is_silent, silence, usual_gap
from service.store import source_rhythm


def measure(session: Session, work: WorkCalendar, now: datetime) -> int:
    """Work out every source's usual gap anew; return how many sources have one."""
    hours = source_rhythm.hours_by_source(session)
    gaps = {source: gap for source, heard in hours.items() if (gap := usual_gap(heard, work)) is not None}
    source_rhythm.replace_gaps(session, gaps, now)
    return len(gaps)


class SourceStatus(NamedTuple):
    """When a source last pushed, the working time since then, its usual gap, if it is silent, when its key ends."""

    source: str
    pushed_at: datetime | None
    silent_for: timedelta
    usual_gap: timedelta | None
    silent: bool
    key_until: datetime | None


def source_statuses(session: Session, work: WorkCalendar, now: datetime) -> Iterator[SourceStatus]:
    """Yield the status of every source that may push; for one that never pushed, time counts from its addition."""
    for source, pushed_at, added_at, seconds, key_until in source_rhythm.last_pushes(session):
        silent_for = silence(pushed_at or added_at, now, work)
        gap = None if seconds is None else timedelta(seconds=seconds)
        yield SourceStatus(source, pushed_at, silent_for, gap, is_silent(silent_for, gap), key_until)
