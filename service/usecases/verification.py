"""Recount every tally from the dossiers, and write them anew when asked."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, bindparam, delete, func, insert, select, text
from sqlalchemy.orm import Session
from tqdm import tqdm

from models.base import EPOCH, Instant, dialect
from models.dossiers import DossierVersion
from models.filing import DOSSIER, keep_newest
from models.tallies import DAY, MONTH, NEWS
from service.domain.counts import FLOWS
from service.domain.localtime import local_iso
from service.usecases.tallying import Key, TallyMoves, as_rows

_AT_ONCE = 5000


def verify(session: Session, *, repair: bool = False, progress: bool = False) -> list[str]:
    """Return a line for every tally row that differs from what the dossiers say.

    With `repair` the rows are written as recounted; the session must then be a writing one, and
    pushes that have not written their tallies yet wait.
    """
    if repair and dialect(session) == "postgresql":
        session.execute(text("LOCK TABLE tally_day, tally_month, unit_news IN EXCLUSIVE MODE"))
    moves = recount(session, progress)
    differences: list[str] = []
    for table, rows in ((DAY, moves.day_rows()), (MONTH, moves.month_rows())):
        found = list(_differences(session, table, rows))
        differences += [line for _, line in found]
        if repair and found:
            _rewrite(session, table, rows)
    behind = _news_behind(session)
    if repair:
        keep_newest(session, behind)
    return differences + [f"{NEWS.name} {row['unit_code']}: < {local_iso(row['newest_change'])}" for row in behind]


def _news_behind(session: Session) -> list[dict[str, Any]]:
    """Return the newest change of each unit for which an older one, or none, is kept.

    A newer one is right: superseded versions may have been let go.
    """
    newest = func.max(DossierVersion.changed_at).label("newest_change")
    found = select(DossierVersion.unit_code, newest).group_by(DossierVersion.unit_code).subquery()
    kept = func.coalesce(NEWS.c.newest_change, bindparam("never", EPOCH, type_=Instant))
    statement = (
        select(found.c.unit_code, found.c.newest_change)
        .outerjoin(NEWS, NEWS.c.unit_code == found.c.unit_code)
        .where(found.c.newest_change > kept)
        .order_by(found.c.unit_code)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def recount(session: Session, progress: bool = False) -> TallyMoves:
    """Add up the contributions of all dossiers, in one pass."""
    moves = TallyMoves()
    columns = ("unit_code", "field_key", "channel", "received_at", "ended_at", "outcome", "reception_limit")
    statement = select(*(DOSSIER.c[name] for name in columns)).where(DOSSIER.c.received_at.is_not(None))
    rows = session.execute(statement.execution_options(yield_per=_AT_ONCE))
    for row in tqdm(rows, desc="Đếm lại hồ sơ", unit=" hồ sơ", disable=not progress):
        moves.add(row)
    return moves


def _differences(session: Session, table: Table, recounted: dict[Key, list[int]]) -> Iterator[tuple[Key, str]]:
    """Yield the rows whose stored flows are not the recounted ones; an absent row is all zeros."""
    keys = list(table.primary_key.columns)
    stored: dict[Key, list[int]] = {}
    for row in session.execute(select(*keys, *(table.c[name] for name in FLOWS))):
        stored[tuple(row[: len(keys)])] = list(row[len(keys) :])
    nothing = [0] * len(FLOWS)
    for key in sorted(stored.keys() | recounted.keys()):
        have, want = stored.get(key, nothing), recounted.get(key, nothing)
        if have != want:
            parts = [
                f"{name} {is_} ≠ {should}" for name, is_, should in zip(FLOWS, have, want, strict=True) if is_ != should
            ]
            yield key, f"{table.name} {' '.join(map(str, key))}: {', '.join(parts)}"


def _rewrite(session: Session, table: Table, recounted: dict[Key, list[int]]) -> None:
    session.execute(delete(table))
    rows: list[dict[str, Any]] = as_rows(table.primary_key.columns.keys(), recounted)
    if rows:
        session.execute(insert(table), rows)
