"""The rule in SQL: how the dossiers stand at a moment, and the newest change.

A dossier counts if it was received by `m` and has not ended before `start`; tests hold it against
a recount in Python over the versions. What whole days add up to comes from store.tallies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import add
from typing import Any

import orjson
from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from models.base import Instant
from service.domain.calendar.local_time import MICROSECOND
from service.domain.dossier.evaluation import DURATION_CLASS_LIMITS, Outcome
from service.domain.statistics.counting_rule import RECEIVED_FLOW
from service.domain.statistics.counts import FIELD_NAMES, Counts
from service.domain.statistics.questions import AGES
from service.store.sql import dialect

CountsByGroup = dict[Any, Counts]
"""Counts by group; None is the one group of a total."""


def sum_by_group(
    rows: Iterable[Sequence[Any]], names: Sequence[str], groups: Mapping[Any, Any] | None
) -> CountsByGroup:
    """Add up rows of a key and the counts of these names, by key or by the group that a key has in `groups`.

    A row whose first count is null, the sum of nothing, adds nothing.
    """
    found: dict[Any, list[int]] = {}
    for key, *numbers in rows:
        if numbers[0] is None:
            continue
        group = key if groups is None else groups[key]
        found[group] = list(map(add, found[group], numbers)) if group in found else numbers
    return {group: Counts(**dict(zip(names, numbers, strict=True))) for group, numbers in found.items()}


# The units come as one value, however many they are.
_AMONG = {
    "sqlite": "{column} IN (SELECT value FROM json_each(:units))",
    "postgresql": "{column} = ANY(:units)",
}


@dataclass(frozen=True)
class Members:
    """Units, and under which group each counts.

    all_units: that they are all there are, which needs no condition.
    """

    groups: Mapping[str, str]
    all_units: bool = False

    def condition(self, database: str, column: str) -> str:
        """Return the SQL that says that a column is one of the units; to be used with `bound`."""
        return "true" if self.all_units else _AMONG[database].format(column=column)

    def bound(self, database: str) -> dict[str, Any]:
        """Return the parameter that `condition` needs."""
        if self.all_units:
            return {}
        units = sorted(self.groups)
        return {"units": orjson.dumps(units).decode() if database == "sqlite" else units}


@dataclass(frozen=True)
class CountWindow:
    """A span of time to count over: [start, m], and until when a dossier counts as due soon.

    horizon: until when `due_by_horizon` counts, where it is asked for.
    """

    start: datetime
    m: datetime
    soon: datetime
    horizon: datetime | None = None


_KEYS = {
    None: "NULL",
    "unit": "d.unit_code",
    "field": "d.field_key",
    "procedure": "d.procedure_code",
    "channel": "d.channel",
    "age": "CASE {} ELSE {} END".format(
        " ".join(f"WHEN d.received_at >= :age{number} THEN {number}" for number in range(len(AGES) - 1)), len(AGES) - 1
    ),
}

# Each dossier that may count, with its state at m: null while it is open, else the name of its count.
# First the unfinished ones that never paused: an index alone answers, as for those with pauses.
# Then of each span class those that ended late enough: what was open at m and took at most `limit`
# ended within `limit` after m, so a past moment costs what it answers, not everything since. Last
# those that wait to be received.
_COUNT = """
SELECT {outer_key} AS key, {columns}
FROM (
  SELECT {key} AS key, {facts}, NULL AS state
  FROM dossier d
  WHERE {mine} AND d.span IS NULL AND d.has_pauses = false AND d.received_at <= :m
  UNION ALL
  SELECT {key}, {facts}, CASE WHEN {paused} END
  FROM dossier d LEFT JOIN paused_span p ON {pause}
  WHERE {mine} AND d.span IS NULL AND d.has_pauses = true AND d.received_at <= :m
  UNION ALL
  SELECT {key}, {facts}, CASE WHEN d.ended_at <= :m THEN d.outcome WHEN {paused} END
  FROM (VALUES {spans}) s JOIN dossier d ON d.span = s.column1 LEFT JOIN paused_span p ON d.has_pauses AND {pause}
  WHERE {mine} AND d.ended_at >= :start AND d.ended_at <= s.column2 AND d.received_at <= :m
  UNION ALL
  SELECT {key}, NULL, NULL, NULL, NULL, 'reception_overdue'
  FROM dossier d
  WHERE {mine} AND d.reception_limit < :m
    AND (coalesce(d.received_at, d.ended_at) IS NULL OR coalesce(d.received_at, d.ended_at) > :m)
) d {grouping}
"""

_PARTS = {
    "facts": "d.received_at, d.channel, d.reception_limit, d.due_at",
    "paused": "p.in_time THEN 'paused_in_time' WHEN NOT p.in_time THEN 'paused_overdue'",
    "pause": 'p.source_id = d.source_id AND p.code = d.code AND p.start <= :m AND (p."end" IS NULL OR p."end" > :m)',
    "spans": ", ".join(f"({number}, :until{number})" for number in range(len(DURATION_CLASS_LIMITS))),
}

_FRESH = "received_at >= :start"

_TESTS = {
    "carried_over": "received_at < :start",
    **{name: f"{_FRESH} AND channel = {channel}" for channel, name in RECEIVED_FLOW.items()},
    "reception_late": f"{_FRESH} AND reception_limit IS NOT NULL",
    **{name: f"state = '{name}'" for name in (*Outcome, "paused_in_time", "paused_overdue", "reception_overdue")},
    "open_in_time": "state IS NULL AND (due_at IS NULL OR due_at >= :m)",
    "open_no_deadline": "state IS NULL AND due_at IS NULL",
    "open_overdue": "state IS NULL AND due_at < :m",
    "due_soon": "state IS NULL AND due_at BETWEEN :m AND :soon",
    "due_by_horizon": "state IS NULL AND due_at BETWEEN :m AND :horizon",
}

_COLUMNS = ", ".join(f"count(*) FILTER (WHERE {_TESTS[name]}) AS {name}" for name in FIELD_NAMES)

_NEWEST_CHANGE = """
SELECT max(CASE WHEN u.newest_change <= :until THEN u.newest_change
           ELSE (SELECT max(v.changed_at) FROM dossier_version v
                 WHERE v.unit_code = u.unit_code AND v.changed_at <= :until) END) AS newest
FROM unit_news u WHERE {mine}
"""


def count_dossiers(session: Session, members: Members, span: CountWindow, by: str | None) -> CountsByGroup:
    """Count the dossiers of these units over [start, m] by the rule, in total or by group.

    `by` is None, "unit" (by the members' groups), "field", "procedure", "channel" or "age" (the
    position in AGES of a dossier's age at m).
    """
    horizon = span.horizon or span.m - MICROSECOND  # without one, nothing open is due by it
    moments = {"start": span.start, "m": span.m, "soon": span.soon, "horizon": horizon}
    moments |= {f"until{number}": span.m + limit for number, limit in enumerate(DURATION_CLASS_LIMITS)}
    if by == "age":
        moments |= {f"age{number}": age.since(span.m) for number, age in enumerate(AGES[:-1])}
    database = dialect(session)
    statement = _count_statement(members.condition(database, "d.unit_code"), by, tuple(moments))
    rows = session.execute(statement, moments | members.bound(database)).all()
    return sum_by_group(rows, FIELD_NAMES, members.groups if by == "unit" else None)


@lru_cache(maxsize=64)
def _count_statement(mine: str, by: str | None, moments: tuple[str, ...]) -> TextClause:
    outer, grouping = ("key", "GROUP BY key") if by else ("NULL", "")
    written = _COUNT.format(outer_key=outer, grouping=grouping, key=_KEYS[by], mine=mine, columns=_COLUMNS, **_PARTS)
    return text(written).bindparams(*(bindparam(name, type_=Instant) for name in moments))


def newest_change(session: Session, members: Members, until: datetime) -> datetime | None:
    """Return the newest moment at which something changed in these units, not after `until`.

    What is kept per unit answers for now; an earlier moment takes one probe of an index per unit.
    """
    database = dialect(session)
    statement = _newest_statement(members.condition(database, "u.unit_code"))
    newest: datetime | None = session.scalar(statement, {"until": until} | members.bound(database))
    return newest


@lru_cache(maxsize=4)
def _newest_statement(mine: str) -> Any:
    written = text(_NEWEST_CHANGE.format(mine=mine)).bindparams(bindparam("until", type_=Instant))
    return written.columns(newest=Instant)
