"""The statements that count: flows from the tallies, and the rule over a span from the dossiers.

`count_dossiers` is the counting rule in SQL. A dossier counts if it was received by `m` and has not
ended before `start`; tests hold it against a recount in Python over the versions.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.catalogue import UnitRow
from models.dossiers import Dossier, DossierVersion, PausedSpanRow
from models.tallies import DayTally, MonthTally
from service.domain.counts import FLOWS, Counts
from service.domain.standing import SPAN_LIMITS
from service.domain.statuses import Channel

Group = Any
Counted = dict[Group, Counts]
GroupBy = str | ColumnElement[Any] | None
"""What to count by: a column by its name, any expression over a dossier, or nothing."""

_GROUP_COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "unit": Dossier.unit_code,
    "field": Dossier.field_key,
    "procedure": Dossier.procedure_code,
    "channel": Dossier.channel,
}


@dataclass(frozen=True)
class Span:
    """A span of time to count over: [start, m], and until when a dossier counts as due soon."""

    start: datetime
    m: datetime
    soon: datetime


def count_dossiers(session: Session, units: Collection[str], span: Span, group: GroupBy) -> Counted:
    """Count the dossiers of these units over [start, m] by the rule, by group (None: one group None)."""
    if not units:
        return {}
    candidates = _candidates(units, span, group)
    d = candidates.c
    paused = PausedSpanRow
    live = or_(d.ended_at.is_(None), d.ended_at > span.m)
    closed, fresh = ~live, d.received_at >= span.start
    working = and_(live, paused.in_time.is_(None))
    in_time = or_(d.due_at.is_(None), d.due_at >= span.m)
    conditions: dict[str, ColumnElement[bool]] = {
        **{f"received_{channel.api_name}": and_(fresh, d.channel == channel.value) for channel in Channel},
        **{name: and_(closed, d.outcome == name) for name in FLOWS[3:9]},
        "reception_late": and_(fresh, d.reception_limit.is_not(None)),
        "carried_over": ~fresh,
        "open_in_time": and_(working, in_time),
        "open_no_deadline": and_(working, d.due_at.is_(None)),
        "open_overdue": and_(working, ~in_time),
        "paused_in_time": and_(live, paused.in_time.is_(True)),
        "paused_overdue": and_(live, paused.in_time.is_(False)),
        "due_soon": and_(working, d.due_at >= span.m, d.due_at <= span.soon),
    }
    covers = and_(
        d.has_pauses.is_(True),
        paused.source_id == d.source_id,
        paused.code == d.code,
        paused.start <= span.m,
        or_(paused.end.is_(None), paused.end > span.m),
    )
    columns: list[Any] = [func.count(case((test, 1))).label(name) for name, test in conditions.items()]
    statement = select(d.key.label("key"), *columns).select_from(candidates.outerjoin(paused, covers))
    counted = {row.key: _counts(row, list(conditions)) for row in session.execute(statement.group_by(d.key))}
    for key, overdue in _count_reception_overdue(session, units, span.m, group):
        counted.setdefault(key, Counts()).reception_overdue = overdue
    return counted


def _candidates(units: Collection[str], span: Span, group: GroupBy) -> Any:
    """Select what may count: unfinished dossiers, and of each span class those that ended late enough.

    A dossier that was open at m and took at most `limit` ended within `limit` after m.
    """
    columns: list[Any] = [
        _group_column(group).label("key"),
        Dossier.source_id,
        Dossier.code,
        Dossier.channel,
        Dossier.received_at,
        Dossier.due_at,
        Dossier.ended_at,
        Dossier.outcome,
        Dossier.reception_limit,
        Dossier.has_pauses,
    ]
    mine = and_(Dossier.unit_code.in_(units), Dossier.received_at <= span.m)
    parts: list[Select[Any]] = [select(*columns).where(mine, Dossier.span.is_(None))]
    for number, limit in enumerate(SPAN_LIMITS):
        ended = Dossier.span == number, Dossier.ended_at >= span.start
        last = number == len(SPAN_LIMITS) - 1
        bounds = ended if last else (*ended, Dossier.ended_at <= span.m + limit)
        parts.append(select(*columns).where(mine, *bounds))
    return union_all(*parts).subquery("candidate")


def _group_column(group: GroupBy) -> ColumnElement[Any]:
    if isinstance(group, str):
        return _GROUP_COLUMNS[group].expression
    return literal(None) if group is None else group


def by_age(limits: Sequence[datetime]) -> ColumnElement[Any]:
    """Return the position of the first limit that a dossier was received at or after; their number if none."""
    return case(
        *((Dossier.received_at >= limit, literal(position)) for position, limit in enumerate(limits)),
        else_=literal(len(limits)),
    )


def _count_reception_overdue(
    session: Session, units: Collection[str], m: datetime, group: GroupBy
) -> Iterator[tuple[Group, int]]:
    """Count what was submitted and neither received nor refused at m, past its time for reception."""
    key = _group_column(group).label("key")
    answered = func.coalesce(Dossier.received_at, Dossier.ended_at)
    statement = (
        select(key, func.count())
        .where(
            Dossier.unit_code.in_(units),
            Dossier.reception_limit < m,
            or_(answered.is_(None), answered > m),
        )
        .group_by(key)
    )
    for row in session.execute(statement):
        yield row[0], row[1]


def _counts(row: Row[Any], names: list[str]) -> Counts:
    return Counts(**{name: getattr(row, name) for name in names})


def day_flows(session: Session, units: Collection[str], first: date, after: date, by: str | None = None) -> Counted:
    """Sum the flows of whole days [first, after); `by` is None, "unit" or "day"."""
    if first >= after or not units:
        return {}
    keys: dict[str | None, Any] = {None: literal(None), "unit": DayTally.unit_code, "day": DayTally.day}
    where = DayTally.unit_code.in_(units), DayTally.day >= first, DayTally.day < after
    return _sum_flows(session, DayTally, keys[by], where)


def month_flows(
    session: Session,
    units: Collection[str],
    first: date,
    after: date,
    by: str | None = None,
    dimension: str = "",
) -> Counted:
    """Sum the flows of whole civil months [first, after), in total or of a dimension.

    `by` is None, "unit", "month" or "key" (the field or channel).
    """
    if first >= after or not units:
        return {}
    keys: dict[str | None, Any] = {
        None: literal(None),
        "unit": MonthTally.unit_code,
        "month": MonthTally.month,
        "key": MonthTally.key,
    }
    where = (
        MonthTally.dimension == dimension,
        MonthTally.unit_code.in_(units),
        MonthTally.month >= first,
        MonthTally.month < after,
    )
    return _sum_flows(session, MonthTally, keys[by], where)


def _sum_flows(session: Session, table: type[DayTally] | type[MonthTally], key: Any, where: tuple[Any, ...]) -> Counted:
    sums = [func.sum(getattr(table, name)).label(name) for name in FLOWS]
    statement = select(key.label("key"), *sums).where(*where)
    if key is not None:
        statement = statement.group_by(key)
    return {
        row.key: Counts(**{name: int(getattr(row, name) or 0) for name in FLOWS}) for row in session.execute(statement)
    }


def newest_change(session: Session, units: Collection[str], until: datetime) -> datetime | None:
    """Return the newest moment at which something changed in these units, not after `until`.

    One probe of an index per unit, whatever the number of versions.
    """
    newest = (
        select(func.max(DossierVersion.changed_at))
        .where(DossierVersion.unit_code == UnitRow.code, DossierVersion.changed_at <= until)
        .scalar_subquery()
    )
    return session.scalar(select(func.max(newest)).select_from(UnitRow).where(UnitRow.code.in_(units)))


def warned(session: Session, units: Collection[str]) -> dict[str, int]:
    """Count the dossiers of these units by what they were warned about, as stored."""
    statement = (
        select(Dossier.warnings, func.count().label("dossiers"))
        .where(Dossier.warnings != "", Dossier.unit_code.in_(units))
        .group_by(Dossier.warnings)
    )
    return {row.warnings: row.dossiers for row in session.execute(statement)}
