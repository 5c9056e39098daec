"""The plain SQL that gives the same numbers: one pass over the dossiers with a FILTER a count.

It runs on the product's own table, where state and outcome have been worked out at the door
already: only the aggregation is measured, not the rules.
"""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

_CLOSED = "(ended_at IS NOT NULL AND ended_at <= :m)"
_COUNTS = f"""
  count(*) FILTER (WHERE received_at < :start) AS carried_over,
  count(*) FILTER (WHERE received_at >= :start AND channel = 2) AS received_online,
  count(*) FILTER (WHERE received_at >= :start AND channel = 1) AS received_direct,
  count(*) FILTER (WHERE received_at >= :start AND channel = 3) AS received_postal,
  count(*) FILTER (WHERE {_CLOSED} AND outcome = 'early') AS early,
  count(*) FILTER (WHERE {_CLOSED} AND outcome = 'on_time') AS on_time,
  count(*) FILTER (WHERE {_CLOSED} AND outcome = 'late') AS late,
  count(*) FILTER (WHERE {_CLOSED} AND outcome = 'no_deadline') AS no_deadline,
  count(*) FILTER (WHERE {_CLOSED} AND outcome = 'withdrawn') AS withdrawn,
  count(*) FILTER (WHERE {_CLOSED} AND outcome = 'stopped') AS stopped,
  count(*) FILTER (WHERE NOT {_CLOSED} AND NOT has_pauses AND (due_at IS NULL OR due_at >= :m)) AS open_in_time,
  count(*) FILTER (WHERE NOT {_CLOSED} AND NOT has_pauses AND due_at < :m) AS open_overdue,
  count(*) FILTER (WHERE NOT {_CLOSED} AND has_pauses) AS paused
FROM dossier
WHERE (unit_code = :unit OR unit_code LIKE :below)
  AND received_at <= :m AND (ended_at IS NULL OR ended_at >= :start)"""

_MONTH = {
    "sqlite": "strftime('%Y-%m', {} / 1000000 + 25200, 'unixepoch')",
    "postgresql": "to_char({} + interval '7 hours', 'YYYY-MM')",
}


def statements(dialect: str, group: str | None) -> list[str]:
    """Return the SQL for a total or a group; a month's flows need two passes, one by each date."""
    if group == "month":
        received, ended = (_MONTH[dialect].format(column) for column in ("received_at", "ended_at"))
        return [f"SELECT {month} AS key, {_COUNTS} GROUP BY 1" for month in (received, ended)]
    column = {None: "NULL", "unit": "unit_code", "field": "field_key", "channel": "channel"}[group]
    return [f"SELECT {column} AS key, {_COUNTS}{' GROUP BY 1' if group else ''}"]


def run(session: Session, group: str | None, unit: str, start: Any, m: Any) -> list[Any]:
    """Run the plain SQL and return its rows."""
    rows: list[Any] = []
    bound = {"unit": unit, "below": f"{unit}.%", "start": start, "m": m}
    for statement in statements(session.get_bind().dialect.name, group):
        rows += session.execute(text(statement), bound).all()
    return rows
