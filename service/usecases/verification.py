"""Recount every tally from the dossiers, and write them anew when asked."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, delete, insert, select, text
from sqlalchemy.orm import Session
from tqdm import tqdm

from models.filing import DOSSIER
from models.tallies import DAY, MONTH
from service.domain.counts import FLOWS
from service.usecases.tallying import Key, TallyMoves, as_rows

_AT_ONCE = 5000


def verify(session: Session, *, repair: bool = False, progress: bool = False) -> list[str]:
    """Return a line for every tally row that differs from what the dossiers say.

    With `repair` the rows are written as recounted; the session must then be a writing one, and
    pushes that have not written their tallies yet wait.
    """
    if repair and session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE tally_day, tally_month IN EXCLUSIVE MODE"))
    moves = recount(session, progress)
    differences: list[str] = []
    for table, rows in ((DAY, moves.day_rows()), (MONTH, moves.month_rows())):
        found = list(_differences(session, table, rows))
        differences += [line for _, line in found]
        if repair and found:
            _rewrite(session, table, rows)
    return differences


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
