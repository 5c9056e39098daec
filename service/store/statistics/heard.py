"""On which local days units were heard, and how much they usually receive: coverage follows from both."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from functools import reduce
from operator import add
from threading import Lock
from typing import Any

from cachetools import TTLCache
from sqlalchemy import bindparam, func, or_, select, text, update
from sqlalchemy.orm import Session

from models.base import table_of
from models.catalogue import UnitHeard, UnitRow
from models.tallies import MONTH, SOURCE_NEWS
from service.domain.statistics.counting_rule import RECEIVED_FLOW
from service.store.sql import among, dialect, raise_moments, upsert
from service.store.statistics.groups import Members

_UNIT, _HEARD = table_of(UnitRow), table_of(UnitHeard)
_NOTED = select(_HEARD.c.unit_code).where(among(_HEARD.c.unit_code), _HEARD.c.day == bindparam("on"))
_SEEN = {"sqlite": "SELECT max(id) FROM dossier_version", "postgresql": "SELECT CAST(pg_current_snapshot() AS text)"}
"""The state of the database that a session sees: when it is as before, the dossiers are as before."""
_CACHE: TTLCache[Any, Mapping[str, int]] = TTLCache(maxsize=256, ttl=60)
_LOCK = Lock()


def record_heard(session: Session, codes: Iterable[str], day: date) -> None:
    """Note that these units were heard on a local day, in the order of their codes.

    Only the first record of a day writes anything, so that most requests lock no unit.
    """
    heard = {*codes}
    if new := sorted(heard.difference(session.scalars(_NOTED, {"among": sorted(heard), "on": day}))):
        statement = upsert(session, _HEARD).on_conflict_do_nothing()
        session.execute(statement, [{"unit_code": code, "day": day} for code in new])
        earlier = or_(_UNIT.c.heard_on.is_(None), _UNIT.c.heard_on < day)
        session.execute(update(_UNIT).where(among(_UNIT.c.code, new), earlier).values(heard_on=day))


def days_heard(session: Session, codes: Collection[str], since: date) -> dict[str, set[date]]:
    """Return the local days, from `since` on, on which each of these units was heard."""
    statement = select(_HEARD.c.unit_code, _HEARD.c.day).where(among(_HEARD.c.unit_code, codes))
    days: defaultdict[str, set[date]] = defaultdict(set)
    for code, day in session.execute(statement.where(_HEARD.c.day >= since)):
        days[code].add(day)
    return days


def record_told(session: Session, source_id: int, until: Mapping[str, datetime]) -> None:
    """Raise the moments until which a source has told about units; they are written in the order of the codes."""
    rows = [{"source_id": source_id, "unit_code": code, "told_until": at} for code, at in sorted(until.items())]
    raise_moments(session, SOURCE_NEWS, "told_until", rows)


def usual_receipts(session: Session, members: Members, first: date, after: date) -> Mapping[str, int]:
    """Return how many dossiers each unit received in the civil months of [first, after).

    The sums are cached for a minute, under the state of the database that this session sees.
    """
    seen = session.connection().exec_driver_sql(_SEEN[dialect(session)]).scalar()  # often: so nothing is compiled
    key = (session.get_bind().engine.pool, seen, frozenset(members.groups), first, after)
    with _LOCK:
        receipts: Mapping[str, int] | None = _CACHE.get(key)
    if receipts is None:
        receipts = _receipts(session, members, first, after)
        with _LOCK:
            _CACHE[key] = receipts
    return receipts


def _receipts(session: Session, members: Members, first: date, after: date) -> dict[str, int]:
    database = dialect(session)
    received = reduce(add, (MONTH.c[name] for name in RECEIVED_FLOW.values()))
    statement = select(MONTH.c.unit_code, func.sum(received)).where(text(members.condition(database, "unit_code")))
    statement = statement.where(MONTH.c.dimension == "", MONTH.c.month >= bindparam("first"))
    statement = statement.where(MONTH.c.month < bindparam("after")).group_by(MONTH.c.unit_code)
    rows = session.execute(statement, {"first": first, "after": after} | members.bound(database))
    return {code: count for code, count in rows}  # noqa: C416 - a row is no pair to the types
