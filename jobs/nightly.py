"""The jobs: thin shells around use cases; each owns its transactions."""

import logging
from datetime import datetime, timedelta

from service.domain.localtime import local_day
from service.http.context import Service
from service.usecases import catalogue, jobruns, retention, rhythm, verification

_log = logging.getLogger("tthc.jobs")


def verify_tallies(service: Service, _now: datetime) -> dict[str, int]:
    """Recount the tallies from the dossiers, and report how many rows are off."""
    with service.database.reading() as session:
        differences = verification.verify(session)
    if differences:
        _log.error("tally rows off: %d, first: %s", len(differences), differences[0])
    else:
        _log.info("tallies agree with the dossiers")
    return {"rows_off": len(differences)}


def source_rhythm(service: Service, now: datetime) -> dict[str, int]:
    """Learn in which rhythm each source usually sends, from the versions that are new since the last run."""
    with service.database.writing() as session:
        read = int(jobruns.last_facts(session, "source-rhythm").get("newest_version", 0))
        newest = rhythm.learn_hours(session, read, now)
        known = rhythm.measure(session, catalogue.work_calendar(session, service.hours), now)
    return {"newest_version": newest, "sources_with_rhythm": known}


def calendar_coverage(service: Service, now: datetime) -> dict[str, int]:
    """Say whether the holidays and swaps of this and the next year are known."""
    with service.database.reading() as session:
        found = catalogue.coverage(session, service.hours, local_day(now).year)
    for year in found:
        if not year.confirmed:
            _log.warning("calendar of %d is not confirmed: flask --app wsgi calendar import FILE.csv", year.year)
    return {f"confirmed_{year.year}": int(year.confirmed) for year in found}


def version_retention(service: Service, now: datetime) -> dict[str, int]:
    """Let superseded versions go that are older than the setting allows; off by default."""
    days = service.settings.version_retention_days
    if not days:
        return {"deleted": 0}
    with service.database.reading() as session:
        newest = retention.newest_version(session)
    before = now - timedelta(days=days)
    deleted = 0
    for after in range(0, newest, retention.STEP):
        with service.database.writing() as session:
            deleted += retention.purge_step(session, after, before)
    _log.info("superseded versions deleted: %d", deleted)
    return {"deleted": deleted}
