"""Recount every tally from the dossiers, and mend those that are off, while pushes go on."""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter, sub
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.orm import Session
from tqdm import tqdm

from models.tallies import DAY, MONTH, NEWS
from service.domain.calendar.local_time import local_iso
from service.domain.statistics.counts import FLOWS
from service.ingest.tallies import Key, TallyChanges
from service.store import tallies as stored
from service.store.database import Database, commit_soon

_AT_ONCE = 50
"""Rows that are mended in one transaction, so that a push waits for few of them."""


class TallyDifference(NamedTuple):
    """A tally row that is not what the dossiers say; an absent row is all zeros."""

    table: Table
    key: Key
    have: list[int]
    want: list[int]

    def __str__(self) -> str:
        """Return which row, and each flow that is off: `late 3 ≠ 2`, published and recounted."""
        flows = zip(FLOWS, self.have, self.want, strict=True)
        off = [f"{name} {has} ≠ {should}" for name, has, should in flows if has != should]
        row = f"{self.table.name} {' '.join(map(str, self.key))}: {', '.join(off)}"
        return f"{row} (đã công bố ≠ đếm lại; published ≠ recounted)"


class Recount(NamedTuple):
    """What is off: tally rows of one unit, or, as the last part of a recount, units whose newest change is too old."""

    tallies: list[TallyDifference]
    units_behind: list[dict[str, Any]]

    def lines(self) -> list[str]:
        behind = [f"{NEWS.name} {row['unit_code']}: < {local_iso(row['newest_change'])}" for row in self.units_behind]
        return [*map(str, self.tallies), *behind]


def recount(session: Session, progress: bool = False) -> Iterator[Recount]:
    """Compare what is stored with the dossiers, in one snapshot and in the memory that one unit needs.

    Yields what is off, unit by unit, and nothing when all agree. Mend each part when it comes, so that no list grows.
    """
    rows = tqdm(stored.tallied_dossiers(session), desc="Đếm lại hồ sơ", unit=" hồ sơ", disable=not progress)
    counted: set[str] = set()
    for unit, dossiers in groupby(rows, key=attrgetter("unit_code")):
        counted.add(unit)
        yield from _of_unit(session, unit, dossiers)
    for unit in sorted(stored.tallied_units(session) - counted):
        yield from _of_unit(session, unit, ())
    if behind := stored.units_behind(session):
        yield Recount([], behind)


def mend(database: Database, recounted: Recount) -> None:
    """Add to each row that is off what it lacked in the snapshot of the recount, a few rows in a transaction.

    Pushes that were filed since the snapshot have added their own part, which stays. A push waits for the few rows of
    one transaction at most. The result of one recount must be used only once.
    """
    for table, differences in groupby(recounted.tallies, key=attrgetter("table")):
        while some := list(islice(differences, _AT_ONCE)):
            with database.writing() as session:
                commit_soon(session)
                added = ((*row.key, *map(sub, row.want, row.have)) for row in some)
                stored.add_to_tallies(session, table, added)
    with database.writing() as session:
        stored.keep_newest(session, recounted.units_behind)


def _of_unit(session: Session, unit: str, dossiers: Iterable[Any]) -> Iterator[Recount]:
    changes, off = TallyChanges(), list[TallyDifference]()
    for dossier in dossiers:
        changes.add(dossier)
    nothing = [0] * len(FLOWS)
    for table, rows in ((DAY, changes.days()), (MONTH, changes.months())):
        kept = stored.stored_flows(session, table, unit)
        recounted = {key: list(amounts) for key, amounts in rows}
        for key in sorted(kept.keys() | recounted.keys()):
            have, want = kept.get(key, nothing), recounted.get(key, nothing)
            if have != want:
                off.append(TallyDifference(table, key, have, want))
    if off:
        yield Recount(off, [])
