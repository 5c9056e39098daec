"""The dossiers that were due in a period, as they are at a later moment: domain.statistics.counting_rule in SQL."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from models.base import Instant
from service.domain.statistics.counting_rule import CountWindow
from service.domain.statistics.counts import COHORT
from service.store.counting import PAUSED_THEN, grouped, keys
from service.store.sql import dialect
from service.store.statistics.groups import LOCAL_DAY, CountsByGroup, Members

# A dossier that was paused twice has two intervals, of which at most one covers a moment.
_COHORT = """
SELECT {outer}{columns}
FROM (
  SELECT {key}CASE
    WHEN d.ended_at <= :as_of THEN CASE
      WHEN d.outcome IN ('early', 'on_time') THEN 'cohort_on_time'
      WHEN d.outcome = 'late' THEN 'cohort_late'
      ELSE 'cohort_excluded' END
    WHEN p.code IS NOT NULL THEN 'cohort_excluded'
    ELSE 'cohort_late' END AS state
  FROM dossier d LEFT JOIN paused_span p ON d.has_pauses AND {pause}
  WHERE {mine} AND d.due_at BETWEEN :start AND :until AND d.received_at <= :as_of
) d {grouping}
"""

_COLUMNS = ", ".join(f"count(*) FILTER (WHERE state = '{name}') AS {name}" for name in COHORT)


def count_cohort(
    session: Session, members: Members, window: CountWindow, as_of: datetime, by: tuple[str, ...] = ()
) -> CountsByGroup:
    """Count the dossiers due in the window, as they are at `as_of`.

    `by`: as in count_dossiers, and "moment", the local day on which a dossier was due.
    """
    database, grouping = dialect(session), members.by(by)
    statement = _statement(database, members.dossier_condition(database), grouping.columns)
    moments = {"start": window.start, "until": window.counted_until, "as_of": as_of}
    rows = session.execute(statement, moments | members.dossier_bound(database)).all()
    return grouping.sum(rows, COHORT)


@lru_cache(maxsize=64)
def _statement(database: str, mine: str, by: tuple[str, ...]) -> TextClause:
    key = keys(by, LOCAL_DAY[database].format(moment="d.due_at"))
    pause = PAUSED_THEN.format(moment=":as_of")
    written = _COHORT.format(key=key, **grouped(by), mine=mine, columns=_COLUMNS, pause=pause)
    return text(written).bindparams(*(bindparam(name, type_=Instant) for name in ("start", "until", "as_of")))
