"""The flows of whole days, counted from the dossiers: for questions that no tally answers."""

from datetime import date
from functools import lru_cache

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from models.base import Instant
from service.domain.calendar.local_time import day_start
from service.domain.statistics.counts import FLOWS
from service.store.counting import TESTS, grouped, keys
from service.store.sql import dialect
from service.store.statistics.groups import LOCAL_DAY, CountsByGroup, Members

# A dossier flows in on the day of its receipt and out on the day of its end; `state` is the name of a count, or null.
_FLOWS = """
SELECT {outer}{columns}
FROM (
  SELECT {received_key}d.received_at, d.channel, d.reception_limit, d.due_at, false AS ended_late, 'received' AS state
  FROM dossier d
  WHERE {mine} AND d.received_at >= :start AND d.received_at < :after
  UNION ALL
  SELECT {ended_key}NULL, d.channel, NULL, d.due_at, d.ended_at > d.due_at, d.outcome
  FROM dossier d
  WHERE {mine} AND d.received_at IS NOT NULL AND d.ended_at >= :start AND d.ended_at < :after
) d {grouping}
"""

_COLUMNS = ", ".join(f"count(*) FILTER (WHERE {TESTS[name]}) AS {name}" for name in FLOWS)


def dossier_flows(
    session: Session, members: Members, span: tuple[date, date], by: tuple[str, ...] = ()
) -> CountsByGroup:
    """Count the flows of the local days of [first, after); `by` as in count_dossiers, and "moment" (the day)."""
    first, after = span
    if first >= after:
        return {}
    database, grouping = dialect(session), members.by(by)
    statement = _statement(database, members.dossier_condition(database), grouping.columns)
    bounds = {"start": day_start(first), "after": day_start(after)}
    rows = session.execute(statement, bounds | members.dossier_bound(database)).all()
    return grouping.sum(rows, FLOWS)


@lru_cache(maxsize=64)
def _statement(database: str, mine: str, by: tuple[str, ...]) -> TextClause:
    day = LOCAL_DAY[database]
    received, ended = (keys(by, day.format(moment=f"d.{name}")) for name in ("received_at", "ended_at"))
    written = _FLOWS.format(received_key=received, ended_key=ended, **grouped(by), mine=mine, columns=_COLUMNS)
    return text(written).bindparams(bindparam("start", type_=Instant), bindparam("after", type_=Instant))
