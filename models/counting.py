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
from service.domain.localtime import MICROSECOND
from service.domain.standing import RECEIVED_FLOW, SPAN_LIMITS, Outcome

Group = Any
Counted = dict[Group, Counts]


@dataclass(frozen=True)
class Span:
    """A span of time to count over: [start, m], and until when a dossier counts as due soon."""

    start: datetime
    m: datetime
    soon: datetime
    horizon: datetime | None = None


_GROUP_COLUMNS: dict[str | None, str] = {
    None: "NULL",
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

# Each dossier that may count, with its one state at m. First the unfinished ones that never paused:
# an index alone answers. Then those with pauses, and of each span class those that ended late
# enough: what was open at m and took at most `limit` ended within `limit` after m, so a past moment
# costs what it answers, not everything since.
_COUNT = """
WITH span_class(number, until) AS (VALUES {spans}),
candidate AS (
  SELECT d.* FROM dossier d
  WHERE d.unit_code {mine} AND d.span IS NULL AND d.has_pauses = true AND d.received_at <= :m
  UNION ALL
  SELECT d.* FROM span_class s JOIN dossier d ON d.span = s.number
  WHERE d.unit_code {mine} AND d.ended_at >= :start AND d.ended_at <= s.until AND d.received_at <= :m
),
stated AS (
  SELECT {key} AS key, d.channel, d.received_at, d.due_at, d.reception_limit,
         CASE WHEN d.due_at IS NULL THEN 'no_due' WHEN d.due_at < :m THEN 'overdue'
              WHEN d.due_at <= :soon THEN 'soon' ELSE 'open' END AS state
  FROM dossier d
  WHERE d.unit_code {mine} AND d.span IS NULL AND d.has_pauses = false AND d.received_at <= :m
  UNION ALL
  SELECT {key}, d.channel, d.received_at, d.due_at, d.reception_limit,
         CASE WHEN d.ended_at <= :m THEN d.outcome
              WHEN p.in_time THEN 'paused'
              WHEN p.source_id IS NOT NULL THEN 'paused_overdue'
              WHEN d.due_at IS NULL THEN 'no_due' WHEN d.due_at < :m THEN 'overdue'
              WHEN d.due_at <= :soon THEN 'soon' ELSE 'open' END
  FROM candidate d
  LEFT JOIN paused_span p ON d.has_pauses AND p.source_id = d.source_id AND p.code = d.code
       AND p.start <= :m AND (p."end" IS NULL OR p."end" > :m)
)
SELECT {columns} FROM stated {grouping}
"""

_FRESH = "received_at >= :start"
_CONDITIONS = {
    "carried_over": "received_at < :start",
    **{name: f"{_FRESH} AND channel = {channel}" for channel, name in RECEIVED_FLOW.items()},
    **{outcome.value: f"state = '{outcome.value}'" for outcome in Outcome},
    "open_in_time": "state IN ('open', 'soon', 'no_due')",
    "open_no_deadline": "state = 'no_due'",
    "open_overdue": "state = 'overdue'",
    "paused_in_time": "state = 'paused'",
    "paused_overdue": "state = 'paused_overdue'",
    "due_soon": "state = 'soon'",
    "due_by_horizon": "state IN ('open', 'soon') AND due_at <= :horizon",
    "reception_late": f"{_FRESH} AND reception_limit IS NOT NULL",
}
_COLUMNS = ", ".join(f"count(*) FILTER (WHERE {test}) AS {name}" for name, test in _CONDITIONS.items())

_RECEPTION_OVERDUE = """
SELECT {key} AS key, count(*) AS number
FROM dossier d
WHERE d.unit_code {mine} AND d.reception_limit < :m
  AND (coalesce(d.received_at, d.ended_at) IS NULL OR coalesce(d.received_at, d.ended_at) > :m)
{grouping}
"""

_NEWEST_CHANGE = """
SELECT max((SELECT max(v.changed_at) FROM dossier_version v
            WHERE v.unit_code = u.code AND v.changed_at <= :until)) AS newest
FROM unit u WHERE u.code {mine}
"""


def _units(session: Session, units: Collection[str]) -> Any:
    """Return the units as one bound value."""
    return orjson.dumps(list(units)).decode() if _dialect(session) == "sqlite" else list(units)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _prepared(session: Session, statement: str, group: str | None, *moments: str) -> TextClause:
    """Return a statement for the session's database, with its moments typed."""
    written = statement.format(
        key=_GROUP_COLUMNS[group],
        mine=_MINE[_dialect(session)],
        spans=", ".join(f"({number}, :until{number})" for number in range(len(SPAN_LIMITS))),
        columns=f"key, {_COLUMNS}" if group else f"NULL AS key, {_COLUMNS}",
        grouping="GROUP BY key" if group else "",
    )
    return text(written).bindparams(*(bindparam(name, type_=Instant) for name in moments))


def count_dossiers(session: Session, units: Collection[str], span: Span, group: str | None) -> Counted:
    """Count the dossiers of these units over [start, m] by the rule, by group (None: one group None).

    The group "age" is the position in AGES of a dossier's age at m.
    """
    untils = {f"until{number}": span.m + limit for number, limit in enumerate(SPAN_LIMITS)}
    ages = {f"age{number}": age.since(span.m) for number, age in enumerate(AGES[:-1])} if group == "age" else {}
    statement = _prepared(session, _COUNT, group, "start", "m", "soon", "horizon", *untils, *ages)
    mine = _units(session, units)
    horizon = span.horizon or span.m - MICROSECOND  # without one, nothing open is due by it
    moments = {"start": span.start, "m": span.m, "soon": span.soon, "horizon": horizon, **untils, **ages}
    names = tuple(_CONDITIONS)
    counted: Counted = {
        key: Counts(**dict(zip(names, numbers, strict=True)))
        for key, *numbers in session.execute(statement, {"units": mine, **moments})
    }
    waiting = _prepared(session, _RECEPTION_OVERDUE, group, "m", *ages)
    for key, number in session.execute(waiting, {"units": mine, "m": span.m, **ages}):
        counted.setdefault(key, Counts()).reception_overdue = number
    return counted


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
