"""Dossiers of two sources that may be the same: searched for, listed, decided on."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import combinations, groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import String, and_, column, delete, func, insert, literal_column, or_, select, values
from sqlalchemy.orm import Session

from models.base import table_of
from models.dossiers import Dossier, DuplicatePair
from service.domain.units import UnitTree
from service.store import sources
from service.store.duplicates.recoded import CROWD, has_time
from service.store.sql import dialect

CANDIDATE, CONFIRMED, REFUSED = "candidate", "confirmed", "refused"
BY_CODE, BY_RECEIPT, BY_HAND = "national_code", "receipt", "named"
"""Why two are a pair: the same national code, the same receipt (moment, procedure, unit), or a person named them."""

_PAIR = table_of(DuplicatePair)
_KEY = _PAIR.c.source_id, _PAIR.c.code, _PAIR.c.other_source_id, _PAIR.c.other_code
_SECOND = {"sqlite": "received_at / 1000000", "postgresql": "date_trunc('second', received_at)"}
_NAMES = Dossier.source_id, Dossier.code


class Named(NamedTuple):
    """A dossier by its source and code."""

    source_id: int
    code: str


class Pair(NamedTuple):
    """Two dossiers; of a confirmed pair the first counts, and the second is merged."""

    first: Named
    second: Named
    state: str
    reason: str

    @property
    def both(self) -> frozenset[Named]:
        """Return the two dossiers without their order."""
        return frozenset(self[:2])


def search(session: Session, tree: UnitTree) -> dict[frozenset[Named], str]:
    """Return every two counted dossiers of different sources that may be the same, with the reason (BY_…)."""
    coded_and_received = Dossier.national_code.is_not(None), Dossier.received_at.is_not(None)
    coded = select(*_NAMES, Dossier.national_code).where(*coded_and_received)
    candidates = dict.fromkeys(map(_both, _received_alike(session, tree)), BY_RECEIPT)
    return candidates | dict.fromkeys(map(_both, _alike(session, coded, "national_code")), BY_CODE)


def _both(rows: tuple[Any, Any]) -> frozenset[Named]:
    return frozenset(Named(*row[:2]) for row in rows)


def keep_candidates(session: Session, candidates: Mapping[frozenset[Named], str]) -> None:
    """Store candidates, and delete stored ones that no longer are candidates; what a person decided stays."""
    known = {pair.both: pair for pair in pairs(session)}
    for both, pair in known.items():
        if pair.state == CANDIDATE and both not in candidates:
            forget(session, pair)
    for both in candidates.keys() - known.keys():
        first, second = sorted(both)
        keep(session, Pair(first, second, CANDIDATE, candidates[both]), None)


def _received_alike(session: Session, tree: UnitTree) -> Iterator[tuple[Any, Any]]:
    """Yield dossiers received in the same second for the same procedure under one unit, or a unit and its successor.

    A dossier of a dissolved unit has a row for its own unit and one for each successor (`place`).
    """
    second: Any = literal_column(_SECOND[dialect(session)]).label("second")
    columns = *_NAMES, Dossier.procedure_code, second, Dossier.unit_code
    moments = and_(Dossier.received_at.is_not(None), has_time(session))
    rows: Any = select(*columns, Dossier.unit_code.label("place")).where(moments)
    if successions := [(code, successor) for code in tree.units for successor in tree.successors(code)]:
        later = values(column("unit", String), column("successor", String)).data(successions).cte("succession")
        moved = select(*columns, later.c.successor).join(later, later.c.unit == Dossier.unit_code).where(moments)
        rows = rows.union_all(moved)
    for one, other in _alike(session, rows, "place", "procedure_code", "second"):
        if one.place in (one.unit_code, other.unit_code):
            yield one, other


def _alike(session: Session, rows: Any, *key: str) -> Iterator[tuple[Any, Any]]:
    """Yield every two rows of different sources with the same key, unless more than CROWD rows have that key."""
    table = rows.subquery()
    same = [table.c[name] for name in key]
    alike = func.count().over(partition_by=same).label("alike")
    sources_of = (bound(table.c.source_id).over(partition_by=same) for bound in (func.min, func.max))
    least, most = (bound.label(name) for bound, name in zip(sources_of, ("least", "most"), strict=True))
    shared = select(table, alike, least, most).subquery()
    wanted = select(shared).where(shared.c.alike.between(2, CROWD), shared.c.least < shared.c.most)
    members = session.execute(wanted.order_by(*(shared.c[name] for name in key), shared.c.source_id, shared.c.code))
    for _, some in groupby(members, key=attrgetter(*key)):
        yield from ((one, other) for one, other in combinations(some, 2) if one.source_id != other.source_id)


def pairs(session: Session) -> list[Pair]:
    """Return every stored pair, in the order of sources and codes."""
    rows = session.execute(select(*_KEY, _PAIR.c.state, _PAIR.c.reason).order_by(*_KEY))
    return [Pair(Named(*row[:2]), Named(*row[2:4]), *row[4:]) for row in rows]


def keep(session: Session, pair: Pair, decided_at: datetime | None) -> None:
    """Store a pair in place of what was stored of the two dossiers."""
    forget(session, pair)
    session.execute(insert(_PAIR).values((*pair.first, *pair.second, pair.state, pair.reason, decided_at)))


def forget(session: Session, pair: Pair) -> None:
    """Delete the stored pair of two dossiers, in either order."""
    orders = ((*pair.first, *pair.second), (*pair.second, *pair.first))
    matches = (and_(*(a == b for a, b in zip(_KEY, order, strict=True))) for order in orders)
    session.execute(delete(_PAIR).where(or_(*matches)))


def row_of(session: Session, named: Named) -> Dossier | None:
    """Return the row of a dossier, None when there is none."""
    return session.get(Dossier, named, populate_existing=True)


def find(session: Session, text: str) -> list[Named]:
    """Return the dossiers that a person may mean: SOURCE/CODE, or the code alone."""
    known = sources.all_sources(session)
    begins = [(source, f"{source.code}/") for source in known]
    may_be = [Named(source.id, text.removeprefix(start)) for source, start in begins if text.startswith(start)]
    may_be += [Named(source.id, text) for source in known]
    return [named for named in may_be if row_of(session, named)]
