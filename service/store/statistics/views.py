"""Views of units, summed by minute, local day, civil month and all time."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from models.base import EPOCH, table_of
from models.views import UnitViews
from service.domain.calendar.local_time import day_start, local_day
from service.store.sql import upsert

VIEWS = table_of(UnitViews)
NOW = timedelta(minutes=5)
"""How long a view counts as one of now."""
_KEPT = {"minute": timedelta(hours=1), "day": timedelta(days=40)}

View = tuple[str, str, datetime]
"""A unit's code, what was viewed (widget or page), and the minute."""


def spans(moment: datetime) -> dict[str, datetime]:
    """Return the beginning of the minute, local day and civil month that hold a moment, and that of all time."""
    today = local_day(moment)
    return {
        "minute": moment.replace(second=0, microsecond=0),
        "day": day_start(today),
        "month": day_start(today.replace(day=1)),
        "all": EPOCH,
    }


def add_views(session: Session, counted: Mapping[View, int], now: datetime) -> None:
    """Add views, in the order of the rows' keys; delete sums that are too old to be asked for."""
    sums: Counter[tuple[str, datetime, str, str]] = Counter()
    for (unit, kind, minute), views in counted.items():
        for span, start in spans(minute).items():
            sums[span, start, unit, kind] += views
    statement = upsert(session, VIEWS)
    statement = statement.on_conflict_do_update(
        index_elements=list(VIEWS.primary_key), set_={"views": VIEWS.c.views + statement.excluded.views}
    )
    names = VIEWS.columns.keys()
    session.execute(statement, [dict(zip(names, (*key, sums[key]), strict=True)) for key in sorted(sums)])
    too_old = ((VIEWS.c.span == span) & (VIEWS.c.start < now - kept) for span, kept in _KEPT.items())
    session.execute(delete(VIEWS).where(or_(*too_old)))


def views_of(session: Session, unit: str, now: datetime) -> defaultdict[str, Counter[str]]:
    """Return how often a unit was viewed, by kind and span: the spans that hold `now`, and the last five minutes."""
    by_kind: defaultdict[str, Counter[str]] = defaultdict(Counter)
    starts = spans(now) | {"minute": now - NOW}
    within = ((VIEWS.c.span == span) & (VIEWS.c.start >= start) for span, start in starts.items())
    statement = select(VIEWS.c.kind, VIEWS.c.span, func.sum(VIEWS.c.views)).where(VIEWS.c.unit_code == unit)
    statement = statement.where(or_(*within)).group_by(VIEWS.c.kind, VIEWS.c.span)
    for kind, span, views in session.execute(statement):
        by_kind[kind][span] = int(views)
    return by_kind


def views_of_all_time(session: Session) -> dict[tuple[str, str], int]:
    """Return how often each unit was viewed, by its code and what was viewed."""
    statement = select(VIEWS.c.unit_code, VIEWS.c.kind, VIEWS.c.views).where(VIEWS.c.span == "all")
    return {(unit, kind): views for unit, kind, views in session.execute(statement)}
