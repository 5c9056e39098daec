"""The public status of the system: which units were heard on which days, the last recount, the version."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from service import __version__
from service.domain.calendar.local_time import local_clock, local_day
from service.domain.units import Unit
from service.http.request import components, now
from service.pages.charts.bars import runs
from service.reporting.report import counting_of_all
from service.schemas.question_input import choice
from service.store import catalogue, job_runs
from service.store.statistics.heard import days_heard

DAYS = 90
SHOWN = 400
"""How many units the page lists at most, silent ones first."""


def status_values() -> dict[str, Any]:
    """Return what the template of the page shows."""
    lang = choice("lang", request.args.get("lang"), ("vi", "en"))
    today = local_day(now())
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    with components().database.reading() as session:
        heard = counting_of_all(session, now(), components().hours, components().settings).coverage.heard()
        units = _units(session, heard, days[0])
        lines = _lines(session, units[:SHOWN], heard, days)
        work = catalogue.work_calendar(session, components().hours)
        recount = _recount(session, now())
    return {
        "lang": lang,
        "expected": len(heard),
        "silent": sum(not was_heard for was_heard in heard.values()),
        "others": len(units) - len(heard),
        "within": components().settings.coverage_working_days,
        "lines": lines,
        "left_out": len(units) - len(lines),
        "days": DAYS,
        "worked": runs([work.is_working_day(day) for day in days]),
        "recount": recount,
        "version": __version__,
    }


def _units(session: Session, heard: dict[str, bool], since: date) -> list[Unit]:
    """Return the units that should send, and others that were heard since a day; silent ones first, then by name."""
    known = catalogue.unit_tree(session).units.values()
    shown = (unit for unit in known if unit.code in heard or (unit.heard_on is not None and unit.heard_on >= since))
    return sorted(catalogue.by_name(shown), key=lambda unit: heard.get(unit.code, True))


def _lines(session: Session, units: list[Unit], heard: dict[str, bool], days: list[date]) -> list[dict[str, Any]]:
    heard_on = days_heard(session, [unit.code for unit in units], days[0])
    lines = []
    for unit in units:
        was_heard = [day in heard_on.get(unit.code, ()) for day in days]
        state = {"silent": not heard.get(unit.code, True), "other": unit.code not in heard}
        lines.append({"unit": unit, **state, "days_heard": sum(was_heard), "drawn": runs(was_heard)})
    return lines


def _recount(session: Session, moment: datetime) -> dict[str, Any] | None:
    for job in job_runs.states(session, moment):
        if job.job == "verify-tallies" and job.last_success:
            return {"ended": local_clock(job.last_success), "agrees": not job.result.get("rows_off")}
    return None
