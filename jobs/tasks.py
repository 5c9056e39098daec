"""The jobs: thin shells around use cases; each owns its transactions."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from service.components import Components
from service.domain.calendar.local_time import local_day
from service.ingest import tally_recount
from service.ingest.rework.duplicates import search
from service.reporting import source_status
from service.store import catalogue, dossiers, job_runs, sources
from service.store.duplicates import recoded as recoded_dossiers
from service.store.source_rhythm import learn_hours

_log = logging.getLogger("tthc.jobs")
_MARKED_AT_ONCE = 200
"""Dossiers that one transaction marks; pushes wait for it."""


def verify_tallies(service: Components, _now: datetime) -> dict[str, int]:
    """Recount the tallies from the dossiers, and report how many rows are off."""
    off = 0
    with service.database.reading(patient=True) as session:
        for part in tally_recount.recount(session):
            lines = part.lines()
            if not off:
                _log.error("tally rows are off, first: %s", lines[0])
            off += len(lines)
    _log.info("tallies were counted anew, rows off: %d", off)
    return {"rows_off": off}


def source_rhythm(service: Components, now: datetime) -> dict[str, int]:
    """Measure the usual gap between the pushes of each source, with the versions that are new since the last run."""
    with service.database.writing() as session:
        read = int(job_runs.last_result(session, "source-rhythm", now).get("newest_version", 0))
        newest = learn_hours(session, read, now)
        known = source_status.measure(session, catalogue.work_calendar(session, service.hours), now)
    return {"newest_version": newest, "sources_with_rhythm": known}


def calendar_coverage(service: Components, now: datetime) -> dict[str, int]:
    """Say whether the calendars of this and the next year are confirmed, and warn of a year that is not."""
    with service.database.reading() as session:
        years = catalogue.coverage(session, service.hours, local_day(now).year)
    for year in years:
        if not year.confirmed:
            _log.warning("calendar of %d is not confirmed: flask --app wsgi calendar import FILE.csv", year.year)
    return {f"confirmed_{year.year}": int(year.confirmed) for year in years}


def duplicate_candidates(service: Components, now: datetime) -> dict[str, int]:
    """Mark dossiers that a source may have sent under two codes; search for pairs that two sources may have sent."""
    with service.database.reading() as session:
        ids = [source.id for source in sources.all_sources(session)]
    recoded = 0
    for source_id in ids:
        with service.database.reading(patient=True) as session:
            marked, changing = recoded_dossiers.find_recoded(session, source_id)
        recoded += len(marked)
        for first in range(0, len(changing), _MARKED_AT_ONCE):
            with service.database.writing() as session:
                sources.lock_for_push(session, source_id)
                for code in changing[first : first + _MARKED_AT_ONCE]:
                    recoded_dossiers.mark(session, source_id, code, recoded=code in marked)
    states = Counter(pair.state for pair in search(service, now))
    return {"recoded": recoded, "candidates": states["candidate"], "confirmed": states["confirmed"]}


def version_retention(service: Components, now: datetime) -> dict[str, int]:
    """Delete versions that are older than the setting and only repeat the version before them; off by default."""
    days = service.settings.version_retention_days
    if not days:
        return {"deleted": 0}
    with service.database.reading() as session:
        newest = dossiers.newest_version(session)
    before = now - timedelta(days=days)
    deleted = 0
    for after in range(0, newest, dossiers.STEP):
        with service.database.writing() as session:
            deleted += dossiers.purge_step(session, after, before)
    _log.info("superseded versions deleted: %d", deleted)
    return {"deleted": deleted}
