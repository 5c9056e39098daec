"""Recount every tally from the dossiers, and write them anew when asked."""

from collections.abc import Iterator

from sqlalchemy import Table
from sqlalchemy.orm import Session
from tqdm import tqdm

from models.tallies import DAY, MONTH, NEWS
from service.domain.calendar.local_time import local_iso
from service.domain.statistics.counts import FLOWS
from service.ingest.tallies import Key, TallyChanges, as_rows
from service.store import tallies as stored


def verify(session: Session, *, repair: bool = False, progress: bool = False) -> list[str]:
    """Return a line for every tally row that differs from what the dossiers say.

    With `repair` the rows are written as recounted; the session must then be a writing one, and
    pushes that have not written their tallies yet wait.
    """
    if repair:
        stored.hold_tallies(session)
    changes = recount(session, progress)
    differences: list[str] = []
    for table, rows in ((DAY, changes.day_rows()), (MONTH, changes.month_rows())):
        lines = list(_differences(session, table, rows))
        differences += lines
        if repair and lines:
            stored.rewrite(session, table, as_rows(table.primary_key.columns.keys(), rows))
    behind = stored.units_behind(session)
    if repair:
        stored.keep_newest(session, behind)
    return differences + [f"{NEWS.name} {row['unit_code']}: < {local_iso(row['newest_change'])}" for row in behind]


def recount(session: Session, progress: bool = False) -> TallyChanges:
    """Add up the contributions of all dossiers, in one pass."""
    changes = TallyChanges()
    dossiers = stored.tallied_dossiers(session)
    for dossier in tqdm(dossiers, desc="Đếm lại hồ sơ", unit=" hồ sơ", disable=not progress):
        changes.add(dossier)
    return changes


def _differences(session: Session, table: Table, recounted: dict[Key, list[int]]) -> Iterator[str]:
    """Tell the rows whose stored flows are not the recounted ones; an absent row is all zeros."""
    kept = stored.stored_flows(session, table)
    nothing = [0] * len(FLOWS)
    for key in sorted(kept.keys() | recounted.keys()):
        have, want = kept.get(key, nothing), recounted.get(key, nothing)
        if have != want:
            parts = [
                f"{name} {is_} ≠ {should}" for name, is_, should in zip(FLOWS, have, want, strict=True) if is_ != should
            ]
            yield f"{table.name} {' '.join(map(str, key))}: {', '.join(parts)}"
