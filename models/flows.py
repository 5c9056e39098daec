"""The flows of whole days and months, summed from the tallies."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, text
from sqlalchemy.orm import Session

from models.base import dialect
from models.counted import Counted, added_up
from models.members import Members
from models.tallies import DAY, MONTH
from service.domain.counts import FLOWS

_TABLES = {"day": DAY, "month": MONTH}
_KEYS = {"unit": "unit_code"}


def day_flows(session: Session, members: Members, first: date, after: date, by: str | None = None) -> Counted:
    """Sum the flows of whole days [first, after); `by` is None, "unit" (by the members' groups) or "day"."""
    return _sum_flows(session, "day", members, {"first": first, "after": after}, by)


def month_flows(
    session: Session, members: Members, first: date, after: date, by: str | None = None, dimension: str = ""
) -> Counted:
    """Sum the flows of whole civil months [first, after), in total or of a dimension.

    `by` is None, "unit" (by the members' groups), "month" or "key" (the field or channel).
    """
    return _sum_flows(session, "month", members, {"first": first, "after": after, "dimension": dimension}, by)


def _sum_flows(session: Session, grain: str, members: Members, bounds: dict[str, Any], by: str | None) -> Counted:
    if bounds["first"] >= bounds["after"]:
        return {}
    database = dialect(session)
    statement = _statement(grain, members.condition(database, "unit_code"), by)
    rows = session.execute(statement, bounds | members.bound(database)).all()
    return added_up(rows, FLOWS, members.groups if by == "unit" else None)


@lru_cache(maxsize=64)
def _statement(grain: str, mine: str, by: str | None) -> Select[Any]:
    table = _TABLES[grain]
    key = table.c[_KEYS.get(by, by)] if by else None
    sums = [func.sum(table.c[name]) for name in FLOWS]
    statement = select(literal(None) if key is None else key, *sums).where(text(mine))
    statement = statement.where(table.c[grain] >= bindparam("first"), table.c[grain] < bindparam("after"))
    if "dimension" in table.c:
        statement = statement.where(table.c.dimension == bindparam("dimension"))
    return statement if key is None else statement.group_by(key)
