"""What a request asks of the units that it names: each is looked up once, so none reads them all."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import table_of
from models.catalogue import UnitRow
from models.sources import Source
from models.tallies import SOURCE_NEWS
from service.domain.calendar.local_time import local_day
from service.domain.units import ancestors_by_prefix, parent_by_prefix
from service.store import catalogue
from service.store.sql import among

_UNIT = table_of(UnitRow)
_ASKED = select(_UNIT.c.code, _UNIT.c.valid_to, _UNIT.c.parent_code, _UNIT.c.successor_codes)
_ASKED = _ASKED.where(among(_UNIT.c.code))
MOST_PROVISIONAL = 20_000
"""So many units that no import names may a source tell of, a bound one a tenth, and all together twice as many: each
question reads all units."""


class KnownUnits:
    """The units that a request of a source names. top: the unit to which it is bound, None for every unit."""

    def __init__(self, session: Session, source: Source, now: datetime) -> None:
        self.top, self._source_id, self._today = source.unit_code, source.id, local_day(now)
        self.tree = partial(catalogue.unit_tree, session)
        self._session = session
        self._units: dict[str, tuple[date | None, str | None, str] | None] = {}
        self._new: set[str] = set()
        self._room: int | None = None

    def load(self, codes: Iterable[str]) -> None:
        """Look up units that were not looked up before, and level by level those around them."""
        coming = {code for code in codes if code not in self._units}
        while coming:
            rows = self._session.execute(_ASKED, {"among": list(coming)})
            self._units |= dict.fromkeys(coming) | {code: (day, above, after) for code, day, above, after in rows}
            asked = (code for code in coming if self.top or self._units[code] is None)
            coming = {one for code in asked for one in (*self._above(code), *self._after(code))} - self._units.keys()

    def __contains__(self, code: str) -> bool:
        self.load([code])
        return self._units[code] is not None

    def dissolved_on(self, code: str) -> date | None:
        """Return the last day of a unit, None while it exists."""
        return unit[0] if code in self and (unit := self._units[code]) else None

    def allows(self, code: str) -> bool:
        """Say whether the source may send about a unit: one below its own, or one that such a unit has succeeded.

        An unknown unit belongs where its code says: H23.45.77 lies below H23.45.
        """
        self.load([code])
        chain = [code]
        for follow in (self._after, self._above) if self.top else ():  # who succeeded it, then what is above these
            for one in chain:
                chain += [another for another in follow(one) if another not in chain]
        return self.top is None or self.top in chain

    def _above(self, code: str) -> list[str]:
        unit = self._units[code]
        parent = unit[1] if unit else parent_by_prefix(code)
        return [parent] if parent else []

    def _after(self, code: str) -> list[str]:
        last_day, _, successors = self._units[code] or (None, None, "")
        return successors.split(";") if successors and last_day and last_day < self._today else []

    def has_room(self, code: str) -> bool:
        """Say whether a unit is known, or may be added by this request with those above it."""
        new = {one for one in (code, *ancestors_by_prefix(code)) if one not in self} - self._new
        if new and self._room is None:
            made_up = select(func.count()).select_from(_UNIT).where(_UNIT.c.provisional)
            mine = select(SOURCE_NEWS.c.unit_code).where(SOURCE_NEWS.c.source_id == self._source_id).cte(recursive=True)
            mine = mine.union(select(_UNIT.c.parent_code).where(_UNIT.c.code == mine.c.unit_code))  # and those above
            of_mine = made_up.where(_UNIT.c.code.in_(select(mine.c.unit_code)))
            counts = select(made_up.scalar_subquery(), of_mine.scalar_subquery())
            of_all, told = self._session.execute(counts).one()
            self._room = min(MOST_PROVISIONAL // (10 if self.top else 1) - told, 2 * MOST_PROVISIONAL - of_all)
        is_room = not new or len(self._new) + len(new) <= (self._room or 0)
        self._new |= new if is_room else set()
        return is_room
