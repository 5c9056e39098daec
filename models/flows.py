"""The flows of whole days and months, summed from the tallies."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, text
from sqlalchemy.orm import Session

from models.counting import Counted
from models.members import Members, bound, condition, dialect
from models.tallies import DAY, MONTH
from service.domain.counts import FLOWS, Counts

_TABLES = {"day": DAY, "month": MONTH}


def day_flows(session: Session, units: Members, first: date, after: date, by: str | None = None) -> Counted:
    """Sum the flows of whole days [first, after); `by` is None, "unit_code" or "day"."""
    return _sum_flows(session, "day", units, first, after, by, {})


def month_flows(
    session: Session, units: Members, first: date, after: date, by: str | None = None, dimension: str = ""
) -> Counted:
    """Sum the flows of whole civil months [first, after), in total or of a dimension.

    `by` is None, "unit_code", "month" or "key" (the field or channel).
    """
    return _sum_flows(session, "month", units, first, after, by, {"dimension": dimension})


def _sum_flows(
    session: Session, grain: str, units: Members, first: date, after: date, by: str | None, also: dict[str, str]
) -> Counted:
    if first >= after:
        return {}
    database = dialect(session)
    table = _TABLES[grain].name
    statement = _statement(grain, condition(database, units, f"{table}.unit_code"), by, tuple(also))
    found = session.execute(statement, {"first": first, "after": after, **also, **bound(database, units)}).all()
    return {key: Counts(**dict(zip(FLOWS, sums, strict=True))) for key, *sums in found if sums[0] is not None}


@lru_cache(maxsize=64)
def _statement(grain: str, mine: str, by: str | None, also: tuple[str, ...]) -> Select[Any]:
    table = _TABLES[grain]
    when = table.c[grain]
    sums = [func.sum(table.c[name]) for name in FLOWS]
    statement = select(table.c[by] if by else literal(None), *sums).where(
        *(table.c[name] == bindparam(name) for name in also),
        text(mine),
        when >= bindparam("first"),
        when < bindparam("after"),
    )
    return statement.group_by(table.c[by]) if by else statement
