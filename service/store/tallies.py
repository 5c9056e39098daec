"""The tallies: flows of whole days and months. A push adds to them, a question sums them, a recount mends them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, select, text
from sqlalchemy.orm import Session

from models.base import EPOCH, Instant
from models.dossiers import DossierVersion
from models.sources import Source
from models.tallies import DAY, MONTH, NEWS
from service.domain.dossier.statuses import Channel
from service.domain.statistics.counts import FLOWS
from service.store.dossiers import DOSSIER
from service.store.sql import as_json, dialect, execute_many, from_json, insert_of, raise_moments
from service.store.statistics.groups import CountsByGroup, Members

_AT_ONCE = 1000
"""Rows of one statement: more would be written as JSON in one go, while no other thread has its turn."""
DIMENSIONS = ("", "field", "channel")
"""The dimensions by which tally_month divides dossiers."""
TALLIED = ("unit_code", "field_key", "channel", "received_at", "due_at", "ended_at", "outcome", "reception_limit")
"""The columns of a dossier that its tallies follow from."""
_TABLES = {"day": DAY, "month": MONTH}
_UNITS_IN_ORDER = "unit_code IN (SELECT code FROM unit)"
"""True for all units; with it SQLite reads rows in the order of the key, and groups them without sorting."""
CHANNEL_NAMES: dict[Any, str] = {int(channel): channel.api_name for channel in Channel}


def tallied_flows(
    session: Session, grain: str, members: Members, days: tuple[date, date], by: tuple[str, ...] = ()
) -> CountsByGroup:
    """Sum the flows of the whole days or civil months of [first, after), in total or by some groupings.

    grain: "day" or "month". by: "unit" (by the members' groups), "level", "moment" (the day, or the first of the
    month); for months also "field" or "channel". Members of months may have a filter on the same dimension.
    """
    first, after = days
    if first >= after:
        return {}
    grouping = members.by(by)
    dimension = tallied_dimension(members, by)
    filtered = dimension in members.filters.of_dossiers()
    bounds = {"first": first, "after": after, "dimension": dimension}
    if filtered:
        bounds["keys"] = [CHANNEL_NAMES.get(key, key) for key in members.only(dimension)]
    database = dialect(session)
    mine = members.condition(database, "unit_code")
    if members.all_units and database == "sqlite" and "unit" in grouping.columns:
        mine = _UNITS_IN_ORDER
    statement = _statement(grain, mine, grouping.columns, filtered)
    return grouping.sum(session.connection().execute(statement, bounds | members.bound(database)).all(), FLOWS)


def tallied_dimension(members: Members, by: tuple[str, ...]) -> str:
    """Return the dimension that groupings and filters need, "" for none; ValueError when tallies do not have it."""
    needed = members.about_dossiers(by)
    if len(needed) > 1 or not needed <= {"field", "channel"}:
        raise ValueError(f"no tally divides dossiers by {sorted(needed)}")
    return next(iter(needed), "")


@lru_cache(maxsize=128)
def _statement(grain: str, mine: str, by: tuple[str, ...], filtered: bool) -> Select[Any]:
    table = _TABLES[grain]
    columns = {"unit": "unit_code", "moment": grain, "field": "key", "channel": "key"}
    keys = [table.c[columns[name]] for name in by]
    statement = select(*keys, *(func.sum(table.c[name]) for name in FLOWS)).where(text(mine)).group_by(*keys)
    statement = statement.where(table.c[grain] >= bindparam("first"), table.c[grain] < bindparam("after"))
    if grain == "month":
        statement = statement.where(table.c.dimension == bindparam("dimension"))
    return statement.where(table.c.key.in_(bindparam("keys", expanding=True))) if filtered else statement


def keep_newest(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise the newest change of each unit; rows come sorted by unit."""
    raise_moments(session, NEWS, "newest_change", rows)


def add_to_tallies(session: Session, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Add rows (*key, *flows), sorted by key, to a tally table; rows that are missing are inserted."""
    statement = _addition(table, database := dialect(session))
    stream = iter(rows)
    while some := list(islice(stream, _AT_ONCE)):
        if database == "sqlite":
            execute_many(session, statement, table, some)
        else:
            session.execute(statement, {"rows": as_json(table, some)})


@lru_cache
def _addition(table: Table, database: str) -> Any:
    statement: Any = insert_of(database, table)
    if database != "sqlite":
        statement = statement.from_select(table.columns.keys(), from_json(table))
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key.columns],
        set_={c.name: c + statement.excluded[c.name] for c in table.columns if not c.primary_key},
    )


def tallied_dossiers(session: Session, source_id: int | None = None) -> Iterable[Any]:
    """Return the TALLIED columns of every counted dossier, unit by unit, read in small parts."""
    statement = select(*(DOSSIER.c[name] for name in TALLIED)).where(DOSSIER.c.received_at.is_not(None))
    if source_id is not None:
        statement = statement.where(DOSSIER.c.source_id == source_id)
    return session.execute(statement.order_by(DOSSIER.c.unit_code).execution_options(yield_per=_AT_ONCE))


def tallied_units(session: Session) -> set[str]:
    """Return the units that have tally rows."""
    return {unit for table in (DAY, MONTH) for unit in session.scalars(select(table.c.unit_code).distinct())}


def stored_flows(session: Session, table: Table, unit: str) -> dict[tuple[Any, ...], list[int]]:
    """Return the flows of every row of a unit in a tally table, by the row's key."""
    keys = list(table.primary_key.columns)
    flows = (table.c[name] for name in FLOWS)
    statement = select(*keys, *flows).where(table.c.unit_code == unit)
    if "dimension" in table.c:
        statement = statement.where(table.c.dimension.in_(DIMENSIONS))  # the key begins with it
    return {tuple(row[: len(keys)]): list(row[len(keys) :]) for row in session.execute(statement)}


def units_behind(session: Session) -> list[dict[str, Any]]:
    """Return the newest change by its versions of each unit for which an older change, or none, is stored.

    A newer change that is stored is right: the versions that made it may have been deleted.
    """
    newest = func.max(DossierVersion.changed_at).label("newest_change")
    counted = DossierVersion.source_id.not_in(select(Source.id).where(Source.is_test))
    by_unit = select(DossierVersion.unit_code, newest).where(counted).group_by(DossierVersion.unit_code).subquery()
    kept = func.coalesce(NEWS.c.newest_change, bindparam("never", EPOCH, type_=Instant))
    statement = (
        select(by_unit.c.unit_code, by_unit.c.newest_change)
        .outerjoin(NEWS, NEWS.c.unit_code == by_unit.c.unit_code)
        .where(by_unit.c.newest_change > kept)
        .order_by(by_unit.c.unit_code)
    )
    return [dict(row) for row in session.execute(statement).mappings()]
