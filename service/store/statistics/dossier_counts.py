"""Counts that no tally holds, from the dossiers themselves: domain.statistics.counting_rule in SQL."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from models.base import Instant
from service.domain.calendar.local_time import day_start
from service.domain.dossier.lateness import Lateness
from service.domain.statistics.counting_rule import CountWindow
from service.domain.statistics.counts import COHORT, FLOWS, LATENESS
from service.store.counting import PAUSED_THEN, TESTS, grouped, keys
from service.store.sql import dialect
from service.store.statistics.groups import LOCAL_DAY, CountsByGroup, Members

Names = tuple[str, ...]

_FLOWS = Path(__file__).with_name("flows.sql").read_text("utf-8")

_COHORT = Path(__file__).with_name("cohort.sql").read_text("utf-8")

_LATENESS = """
  SELECT {ended_key}d.lateness FROM dossier d
  WHERE {mine} AND d.lateness IS NOT NULL AND d.ended_at BETWEEN :start AND :until
"""

_COUNT = "SELECT {outer}{columns} FROM ({rows}) d {grouping}"

_TESTS = {
    **TESTS,
    **{name: f"state = '{name}'" for name in COHORT},
    **{name: f"(lateness & {Lateness[name].value}) > 0" for name in LATENESS},
}


def dossier_flows(session: Session, members: Members, days: tuple[date, date], by: Names = ()) -> CountsByGroup:
    """Count the flows of the local days of [first, after); by: as in count_dossiers, and "moment" (the day)."""
    first, after = days
    if first >= after:
        return {}
    return _count(session, members, _FLOWS, FLOWS, {"start": day_start(first), "after": day_start(after)}, by)


def count_cohort(
    session: Session, members: Members, window: CountWindow, as_of: datetime, by: Names = ()
) -> CountsByGroup:
    """Count the dossiers due in the window, as they are at `as_of`; "moment" in `by`: the local due day."""
    moments = {"start": window.start, "until": window.counted_until, "as_of": as_of}
    return _count(session, members, _COHORT, COHORT, moments, by)


def count_lateness(session: Session, members: Members, window: CountWindow, by: Names = ()) -> CountsByGroup:
    """Count what dossiers that ended in the window count as beside their outcomes; "moment": the day of the end."""
    return _count(session, members, _LATENESS, LATENESS, {"start": window.start, "until": window.counted_until}, by)


def _count(
    session: Session, members: Members, dossiers: str, names: Names, moments: Mapping[str, datetime], by: Names
) -> CountsByGroup:
    database, grouping = dialect(session), members.by(by)
    mine = members.dossier_condition(database)
    statement = _statement(database, dossiers, mine, grouping.columns, names, tuple(moments))
    rows = session.connection().execute(statement, {**moments, **members.dossier_bound(database)}).all()
    return grouping.sum(rows, names)


@lru_cache(maxsize=256)
def _statement(database: str, dossiers: str, mine: str, by: Names, names: Names, moments: Names) -> TextClause:
    days = {name: LOCAL_DAY[database].format(moment=f"d.{name}_at") for name in ("received", "ended", "due")}
    rows = dossiers.format(
        mine=mine,
        paused=PAUSED_THEN.format(moment=":as_of"),
        **{f"{name}_key": keys(by, day) for name, day in days.items()},
    )
    columns, parts = ", ".join(f"count(*) FILTER (WHERE {_TESTS[name]}) AS {name}" for name in names), grouped(by)
    return text(_COUNT.format(columns=columns, rows=rows, **parts)).bindparams(
        *(bindparam(name, type_=Instant) for name in moments)
    )
