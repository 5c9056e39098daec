"""The statements that count: flows from the tallies, and the rule over a span from the dossiers.

`count_dossiers` is the counting rule in SQL. A dossier counts if it was received by `m` and has not
ended before `start`; tests hold it against a recount in Python over the versions.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import TextClause, bindparam, func, literal, select, text
from sqlalchemy.orm import Session

from models.base import Instant
from models.tallies import DayTally, MonthTally
from service.domain.ages import AGES
from service.domain.counts import FLOWS, Counts
from service.domain.standing import RECEIVED_FLOW, SPAN_LIMITS

Group = Any
Counted = dict[Group, Counts]


@dataclass(frozen=True)
class Span:
    """A span of time to count over: [start, m], and until when a dossier counts as due soon."""

    start: datetime
    m: datetime
    soon: datetime


_GROUP_COLUMNS: dict[str | None, str] = {
    None: "CAST(NULL AS VARCHAR)",
    "unit": "d.unit_code",
    "field": "d.field_key",
    "procedure": "d.procedure_code",
    "channel": "d.channel",
    "age": "CASE {} ELSE {} END".format(
        " ".join(f"WHEN d.received_at >= :age{number} THEN {number}" for number in range(len(AGES) - 1)), len(AGES) - 1
    ),
}

# The units come as one value, however many they are.
_MINE = {
    "sqlite": "IN (SELECT value FROM json_each(:units))",
    "postgresql": "= ANY(:units)",
}

# Candidates: the unfinished dossiers, and of each span class those that ended late enough: what was
# open at m and took at most `limit` ended within `limit` after m. So a past moment costs what it
# answers, not everything since. Each candidate has one state at m; Python adds them up.
_COUNT = """
WITH span_class(number, until) AS (VALUES {spans}),
candidate AS (
  SELECT {key} AS key, d.source_id, d.code, d.channel, d.received_at, d.due_at, d.ended_at, d.outcome,
         d.reception_limit, d.has_pauses
  FROM dossier d
  WHERE d.unit_code {mine} AND d.span IS NULL AND d.received_at <= :m
  UNION ALL
  SELECT {key}, d.source_id, d.code, d.channel, d.received_at, d.due_at, d.ended_at, d.outcome,
         d.reception_limit, d.has_pauses
  FROM span_class s JOIN dossier d ON d.span = s.number
  WHERE d.unit_code {mine} AND d.ended_at >= :start AND d.ended_at <= s.until AND d.received_at <= :m
)
SELECT c.key, c.channel, c.received_at >= :start AS fresh, c.reception_limit IS NOT NULL AS received_late,
       CASE WHEN c.ended_at <= :m THEN c.outcome
            WHEN p.in_time THEN 'paused_in_time'
            WHEN p.source_id IS NOT NULL THEN 'paused_overdue'
            WHEN c.due_at IS NULL THEN 'open_no_deadline'
            WHEN c.due_at < :m THEN 'open_overdue'
            WHEN c.due_at <= :soon THEN 'due_soon'
            ELSE 'open_in_time' END AS state,
       count(*) AS number
FROM candidate c
LEFT JOIN paused_span p ON c.has_pauses AND p.source_id = c.source_id AND p.code = c.code
     AND p.start <= :m AND (p."end" IS NULL OR p."end" > :m)
GROUP BY 1, 2, 3, 4, 5
"""

_RECEPTION_OVERDUE = """
SELECT {key} AS key, count(*) AS number
FROM dossier d
WHERE d.unit_code {mine} AND d.reception_limit < :m
  AND (coalesce(d.received_at, d.ended_at) IS NULL OR coalesce(d.received_at, d.ended_at) > :m)
GROUP BY 1
"""

_WARNED = """
SELECT d.warnings, count(*) AS number
FROM dossier d
WHERE d.warnings <> '' AND d.unit_code {mine}
GROUP BY 1
"""

_NEWEST_CHANGE = """
SELECT max((SELECT max(v.changed_at) FROM dossier_version v
            WHERE v.unit_code = u.code AND v.changed_at <= :until)) AS newest
FROM unit u WHERE u.code {mine}
"""

_ALSO: dict[str, tuple[str, ...]] = {
    "open_no_deadline": ("open_no_deadline", "open_in_time"),
    "due_soon": ("due_soon", "open_in_time"),
}
"""States that are a part of another one."""


def _units(session: Session, units: Collection[str]) -> Any:
    """Return the units as one bound value."""
    return orjson.dumps(list(units)).decode() if _dialect(session) == "sqlite" else list(units)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _prepared(session: Session, statement: str, group: str | None, *moments: str) -> TextClause:
    """Return a statement for the session's database, with its moments typed."""
    spans = ", ".join(f"({number}, :until{number})" for number in range(len(SPAN_LIMITS)))
    written = statement.format(key=_GROUP_COLUMNS[group], mine=_MINE[_dialect(session)], spans=spans)
    return text(written).bindparams(*(bindparam(name, type_=Instant) for name in moments))


def count_dossiers(session: Session, units: Collection[str], span: Span, group: str | None) -> Counted:
    """Count the dossiers of these units over [start, m] by the rule, by group (None: one group None).

    The group "age" is the position in AGES of a dossier's age at m.
    """
    untils = {f"until{number}": _latest_end(span.m, number) for number in range(len(SPAN_LIMITS))}
    ages = {f"age{number}": age.since(span.m) for number, age in enumerate(AGES[:-1])} if group == "age" else {}
    statement = _prepared(session, _COUNT, group, "start", "m", "soon", *untils, *ages)
    mine = _units(session, units)
    counted: Counted = {}
    bound = {"units": mine, "start": span.start, "m": span.m, "soon": span.soon, **untils, **ages}
    for key, channel, fresh, received_late, state, number in session.execute(statement, bound):
        counts = counted.setdefault(key, Counts())
        for name in _ALSO.get(state, (state,)):
            setattr(counts, name, getattr(counts, name) + number)
        name = RECEIVED_FLOW[channel] if fresh else "carried_over"
        setattr(counts, name, getattr(counts, name) + number)
        if fresh and received_late:
            counts.reception_late += number
    waiting = _prepared(session, _RECEPTION_OVERDUE, group, "m", *ages)
    for key, number in session.execute(waiting, {"units": mine, "m": span.m, **ages}):
        counted.setdefault(key, Counts()).reception_overdue = number
    return counted


def _latest_end(m: datetime, number: int) -> datetime:
    """Return the latest end of a dossier of a span class that was open at m."""
    return m + SPAN_LIMITS[number]


def warned(session: Session, units: Collection[str]) -> dict[str, int]:
    """Count the dossiers of these units by what they were warned about, as stored."""
    statement = _prepared(session, _WARNED, None)
    return {row.warnings: row.number for row in session.execute(statement, {"units": _units(session, units)})}


def newest_change(session: Session, units: Collection[str], until: datetime) -> datetime | None:
    """Return the newest moment at which something changed in these units, not after `until`.

    One probe of an index per unit, whatever the number of versions.
    """
    statement = _prepared(session, _NEWEST_CHANGE, None, "until").columns(newest=Instant)
    newest: datetime | None = session.scalar(statement, {"units": _units(session, units), "until": until})
    return newest


def day_flows(session: Session, units: Collection[str], first: date, after: date, by: str | None = None) -> Counted:
    """Sum the flows of whole days [first, after); `by` is None, "unit" or "day"."""
    if first >= after:
        return {}
    keys: dict[str | None, Any] = {None: literal(None), "unit": DayTally.unit_code, "day": DayTally.day}
    where = _are_mine(session, DayTally, units), DayTally.day >= first, DayTally.day < after
    return _sum_flows(session, DayTally, keys[by], where)


def month_flows(
    session: Session,
    units: Collection[str],
    first: date,
    after: date,
    by: str | None = None,
    dimension: str = "",
) -> Counted:
    """Sum the flows of whole civil months [first, after), in total or of a dimension.

    `by` is None, "unit", "month" or "key" (the field or channel).
    """
    if first >= after:
        return {}
    keys: dict[str | None, Any] = {
        None: literal(None),
        "unit": MonthTally.unit_code,
        "month": MonthTally.month,
        "key": MonthTally.key,
    }
    where = (
        MonthTally.dimension == dimension,
        _are_mine(session, MonthTally, units),
        MonthTally.month >= first,
        MonthTally.month < after,
    )
    return _sum_flows(session, MonthTally, keys[by], where)


def _are_mine(session: Session, table: type[DayTally] | type[MonthTally], units: Collection[str]) -> Any:
    """Say that a tally row belongs to one of these units."""
    condition = text(f"{table.__tablename__}.unit_code {_MINE[_dialect(session)]}")
    return condition.bindparams(units=_units(session, units))


def _sum_flows(session: Session, table: type[DayTally] | type[MonthTally], key: Any, where: tuple[Any, ...]) -> Counted:
    sums = [func.sum(getattr(table, name)).label(name) for name in FLOWS]
    statement = select(key.label("key"), *sums).where(*where)
    if key is not None:
        statement = statement.group_by(key)
    return {
        row.key: Counts(**{name: int(getattr(row, name) or 0) for name in FLOWS}) for row in session.execute(statement)
    }
