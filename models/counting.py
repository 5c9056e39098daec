"""The rule in SQL: how the dossiers stand at a moment, and the newest change.

A dossier counts if it was received by `m` and has not ended before `start`; tests hold it against
a recount in Python over the versions. What whole days add up to comes from models.flows.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from models.base import Instant
from models.members import Members, bound, condition, dialect
from service.domain.ages import AGES
from service.domain.counts import Counts
from service.domain.standing import RECEIVED_FLOW, SPAN_LIMITS, Outcome

Group = Any
Counted = dict[Group, Counts]


@dataclass(frozen=True)
class Span:
    """A span of time to count over: [start, m], and until when a dossier counts as due soon.

    horizon: until when `due_by_horizon` counts, where it is asked for.
    """

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

# How many dossiers of each group are in each state at m. `fresh`: the channel of those received
# from `start` on; null: carried over. First the unfinished ones that never paused: an index alone
# answers. Then those with pauses, then of each span class those that ended late enough: what was
# open at m and took at most `limit` ended within `limit` after m, so a past moment costs what it
# answers, not everything since. Last those that wait to be received.
_COUNT = """
SELECT {key} AS key, {unfinished} AS state, {fresh} AS fresh, {late} AS reception_late, {near} AS near, count(*)
FROM dossier d
WHERE {mine} AND d.span IS NULL AND d.has_pauses = false AND d.received_at <= :m
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT {key}, {paused}, {fresh}, {late}, {near}, count(*)
FROM dossier d LEFT JOIN paused_span p ON {pause}
WHERE {mine} AND d.span IS NULL AND d.has_pauses = true AND d.received_at <= :m
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT {key}, CASE WHEN d.ended_at <= :m THEN d.outcome ELSE {paused} END, {fresh}, {late}, {near}, count(*)
FROM (VALUES {spans}) s JOIN dossier d ON d.span = s.column1 LEFT JOIN paused_span p ON d.has_pauses AND {pause}
WHERE {mine} AND d.ended_at >= :start AND d.ended_at <= s.column2 AND d.received_at <= :m
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT {key}, 'waiting', NULL, NULL, NULL, count(*)
FROM dossier d
WHERE {mine} AND d.reception_limit < :m
  AND (coalesce(d.received_at, d.ended_at) IS NULL OR coalesce(d.received_at, d.ended_at) > :m)
GROUP BY 1
"""
_UNFINISHED = (
    "CASE WHEN d.due_at IS NULL THEN 'no_due' WHEN d.due_at < :m THEN 'overdue'"
    " WHEN d.due_at <= :soon THEN 'soon' ELSE 'open' END"
)
_PARTS = {
    "unfinished": _UNFINISHED,
    "paused": f"CASE WHEN p.in_time THEN 'paused' WHEN p.in_time = false THEN 'paused_overdue' ELSE {_UNFINISHED} END",
    "pause": 'p.source_id = d.source_id AND p.code = d.code AND p.start <= :m AND (p."end" IS NULL OR p."end" > :m)',
    "fresh": "CASE WHEN d.received_at >= :start THEN d.channel END",
    "late": "CASE WHEN d.received_at >= :start THEN d.reception_limit IS NOT NULL END",
    "spans": ", ".join(f"({number}, :until{number})" for number in range(len(SPAN_LIMITS))),
}

_COUNTS_OF_STATE: dict[str, tuple[str, ...]] = {
    **{outcome.value: (outcome.value,) for outcome in Outcome},
    "open": ("open_in_time",),
    "soon": ("open_in_time", "due_soon"),
    "no_due": ("open_in_time", "open_no_deadline"),
    "overdue": ("open_overdue",),
    "paused": ("paused_in_time",),
    "paused_overdue": ("paused_overdue",),
    "waiting": ("reception_overdue",),
}

_NEWEST_CHANGE = """
SELECT max(CASE WHEN u.newest_change <= :until THEN u.newest_change
           ELSE (SELECT max(v.changed_at) FROM dossier_version v
                 WHERE v.unit_code = u.unit_code AND v.changed_at <= :until) END) AS newest
FROM unit_news u WHERE {mine}
"""


def count_dossiers(session: Session, units: Members, span: Span, group: str | None) -> Counted:
    """Count the dossiers of these units over [start, m] by the rule, by group (None: one group None).

    The group "age" is the position in AGES of a dossier's age at m.
    """
    moments = {"start": span.start, "m": span.m, "soon": span.soon}
    moments |= {f"until{number}": span.m + limit for number, limit in enumerate(SPAN_LIMITS)}
    if group == "age":
        moments |= {f"age{number}": age.since(span.m) for number, age in enumerate(AGES[:-1])}
    if span.horizon:
        moments["horizon"] = span.horizon
    database = dialect(session)
    statement = _count_statement(condition(database, units, "d.unit_code"), group, tuple(moments))
    counted: defaultdict[Group, Counts] = defaultdict(Counts)
    for key, *found in session.execute(statement, moments | bound(database, units)).all():
        _add(counted[key], *found)
    return dict(counted)


@lru_cache(maxsize=64)
def _count_statement(mine: str, group: str | None, moments: tuple[str, ...]) -> TextClause:
    near = "coalesce(d.due_at <= :horizon, false)" if "horizon" in moments else "false"
    written = _COUNT.format(key=_GROUP_COLUMNS[group], mine=mine, near=near, **_PARTS)
    return text(written).bindparams(*(bindparam(name, type_=Instant) for name in moments))


def _add(counts: Counts, state: str, fresh: int | None, reception_late: bool, near: bool, number: int) -> None:
    """Add a number of dossiers that are alike to everything that they count as."""
    names = _COUNTS_OF_STATE[state]
    if state != "waiting":
        names += (RECEIVED_FLOW[fresh] if fresh else "carried_over",)
    if reception_late:
        names += ("reception_late",)
    if near and state in ("open", "soon"):
        names += ("due_by_horizon",)
    for name in names:
        setattr(counts, name, getattr(counts, name) + number)


def newest_change(session: Session, units: Members, until: datetime) -> datetime | None:
    """Return the newest moment at which something changed in these units, not after `until`.

    What is kept per unit answers for now; an earlier moment takes one probe of an index per unit.
    """
    database = dialect(session)
    statement = _newest_statement(condition(database, units, "u.unit_code"))
    newest: datetime | None = session.scalar(statement, {"until": until} | bound(database, units))
    return newest


@lru_cache(maxsize=4)
def _newest_statement(mine: str) -> Any:
    written = text(_NEWEST_CHANGE.format(mine=mine)).bindparams(bindparam("until", type_=Instant))
    return written.columns(newest=Instant)
