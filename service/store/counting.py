"""The counting rule in SQL: how the dossiers stand at a moment, and the newest change.

domain.statistics.counting_rule has the same rule in Python; a contract test compares the two. The flows of whole days
come from store.tallies.
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from models.base import Instant
from service.domain.calendar.local_time import MICROSECOND
from service.domain.dossier.evaluation import Outcome
from service.domain.statistics.counting_rule import LATE_PART, RECEIVED_FLOW, CountWindow
from service.domain.statistics.counts import COHORT, FIELD_NAMES, LATENESS
from service.domain.statistics.questions import AGES
from service.store.dossiers import DURATION_CLASS_LIMITS
from service.store.sql import dialect
from service.store.statistics.groups import CountsByGroup, Members

_KEYS = {
    "unit": "d.unit_code",
    "field": "d.field_key",
    "procedure": "d.procedure_code",
    "channel": "d.channel",
    "age": "CASE {} ELSE {} END".format(
        " ".join(f"WHEN d.received_at >= :age{number} THEN {number}" for number in range(len(AGES) - 1)), len(AGES) - 1
    ),
}

_COUNT = Path(__file__).with_name("counting.sql").read_text("utf-8")

PAUSED_THEN = (
    'p.source_id = d.source_id AND p.code = d.code AND p.start <= {moment} AND (p."end" IS NULL OR p."end" > {moment})'
)
"""The condition that a paused interval `p` of a dossier `d` covers a moment."""

_TOLD_UNTIL = """CASE WHEN d.due_at < :until THEN (
    SELECT n.told_until FROM source_news n WHERE n.source_id = d.source_id AND n.unit_code = d.unit_code) END"""
"""The moment of the source's last record or heartbeat of a dossier's unit; read only where it may be overdue."""

_CONFIRMED = "CASE WHEN d.due_at < (SELECT min(m.told_until) FROM source_news m WHERE {}) THEN :until ELSE {} END"
_JOINED = "LEFT JOIN source_news n ON n.source_id = d.source_id AND n.unit_code = d.unit_code"
_NEWS = {
    "sqlite": {"joined": "", "news": _CONFIRMED.format("{}", _TOLD_UNTIL)},
    "postgresql": {"joined": _JOINED, "news": "n.told_until"},
}
"""The same moment for dossiers by the ten thousand. A look at a row for each costs SQLite as much as all the rest, so
what was due before the least of these moments of all the units is confirmed without it. PostgreSQL joins. (Each
dossier that counts has such a row: its source tells about the dossier's unit when it is filed.)
"""

_PARTS = {
    "facts": "d.received_at, d.channel, d.reception_limit, d.due_at",
    "told_until": _TOLD_UNTIL,
    "paused": "p.in_time THEN 'paused_in_time' WHEN NOT p.in_time THEN 'paused_overdue'",
    "pause": PAUSED_THEN.format(moment=":until"),
    "spans": " OR ".join(
        f"d.span = {number} AND d.ended_at BETWEEN :start AND :limit{number}"
        for number in range(len(DURATION_CLASS_LIMITS))
    ),
}

_RECEIVED = "received_at >= :start"

_PAUSED = ("paused_in_time", "paused_overdue")

TESTS = {
    "carried_over": "received_at < :start",
    **{name: f"{_RECEIVED} AND channel = {channel}" for channel, name in RECEIVED_FLOW.items()},
    "reception_late": f"{_RECEIVED} AND reception_limit IS NOT NULL",
    **{name: f"state = '{name}'" for name in (*Outcome, *_PAUSED, "reception_overdue", "merged")},
    **{part: f"state = '{name}' AND ended_late" for name, part in LATE_PART.items()},
    "open_in_time": "state IS NULL AND (due_at IS NULL OR due_at >= :until)",
    "open_no_deadline": "state IS NULL AND due_at IS NULL",
    "open_overdue": "state IS NULL AND due_at < :until",
    "overdue_confirmed": "state IS NULL AND due_at < :until AND told_until > due_at",
    "due_soon": "state IS NULL AND due_at BETWEEN :until AND :soon",
    "due_by_horizon": "state IS NULL AND due_at BETWEEN :until AND :horizon",
}

COUNTED = tuple(name for name in FIELD_NAMES if name not in (*COHORT, *LATENESS))
"""The counts of the counting rule; statistics.dossier_counts has the others."""

_OPEN_NOW = ("open_in_time", "open_no_deadline", "open_overdue", "due_soon", "due_by_horizon")
_OPEN = ("carried_over", *RECEIVED_FLOW.values(), "reception_late", *_OPEN_NOW)
_COUNTED_OF = {
    "unfinished_before": ("carried_over", *_OPEN_NOW, "overdue_confirmed"),
    "unfinished": (*_OPEN, "overdue_confirmed"),
    "unfinished_with_pauses": (*_OPEN, "overdue_confirmed", *_PAUSED),
    "closed": (*_OPEN, "overdue_confirmed", *_PAUSED, *Outcome, *LATE_PART.values()),
    "waiting": ("reception_overdue",),
    "merged": ("merged",),
}
"""The counts to which each kind of dossier in counting.sql may add."""

_COLUMNS = {
    kind: ", ".join(f"count(*) FILTER (WHERE {TESTS[name]})" if name in names else "0" for name in COUNTED)
    for kind, names in _COUNTED_OF.items()
}

_NEWEST_CHANGE = Path(__file__).with_name("newest_change.sql").read_text("utf-8")


def count_dossiers(session: Session, members: Members, window: CountWindow, by: tuple[str, ...] = ()) -> CountsByGroup:
    """Count the dossiers of these units over a window by the rule, in total or by one grouping or more.

    by: "unit" (by the members' groups), "level", "field", "procedure", "channel", "age" (a dossier's class of age at
    the window's end, as its position in AGES).
    """
    until = window.counted_until
    horizon = window.horizon or until - MICROSECOND  # without a horizon nothing open is due by it
    opened = window.opened or window.start
    moments = {"start": window.start, "until": until, "soon": window.soon, "horizon": horizon, "opened": opened}
    moments |= {f"limit{number}": until + limit for number, limit in enumerate(DURATION_CLASS_LIMITS)}
    if "age" in by:
        moments |= {f"age{number}": age.since(until) for number, age in enumerate(AGES[:-1])}
    database, grouping = dialect(session), members.by(by)
    least = members.condition(database, "m.unit_code")
    statement = _count_statement(database, members.dossier_condition(database), least, grouping.columns, tuple(moments))
    rows = session.connection().execute(statement, moments | members.dossier_bound(database)).all()
    return grouping.sum(rows, COUNTED)


@lru_cache(maxsize=128)
def _count_statement(database: str, mine: str, least: str, by: tuple[str, ...], moments: tuple[str, ...]) -> TextClause:
    news = {name: written.format(least) for name, written in _NEWS[database].items()}
    written = _COUNT.format(key=keys(by), **grouped(by), mine=mine, **news, **_COLUMNS, **_PARTS)
    return text(written).bindparams(*(bindparam(name, type_=Instant) for name in moments))


def keys(by: tuple[str, ...], moment: str = "") -> str:
    """Return the columns by which dossiers `d` are grouped; moment: the SQL for the grouping "moment"."""
    columns = {**_KEYS, "moment": moment}
    return "".join(f"{columns[name]} AS key{number}, " for number, name in enumerate(by))


def grouped(by: tuple[str, ...]) -> dict[str, str]:
    """Return what a statement needs to group by `keys`: its first columns (outer), and its GROUP BY (grouping)."""
    names = ", ".join(f"key{number}" for number in range(len(by)))
    return {"outer": f"{names}, " if by else "", "grouping": f"GROUP BY {names}" if by else ""}


def newest_change(session: Session, members: Members, until: datetime) -> datetime | None:
    """Return the newest moment, not after `until`, at which something changed in these units.

    The newest change of each unit is stored. Only for a unit that has changed after `until` versions are searched.
    """
    database = dialect(session)
    statement = _newest_statement(members.condition(database, "u.unit_code"))
    newest: datetime | None = session.connection().scalar(statement, {"until": until} | members.bound(database))
    return newest


@lru_cache(maxsize=4)
def _newest_statement(mine: str) -> Any:
    written = text(_NEWEST_CHANGE.format(mine=mine)).bindparams(bindparam("until", type_=Instant))
    return written.columns(newest=Instant)
