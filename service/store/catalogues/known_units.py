"""What a request asks of the units that it names: each is looked up once, so none reads them all."""

from collections.abc import Iterable
from datetime import date
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import table_of
from models.catalogue import UnitRow
from service.domain.units import parent_by_prefix
from service.store import catalogue
from service.store.sql import among

_UNIT = table_of(UnitRow)
_ASKED = select(_UNIT.c.code, _UNIT.c.valid_to, _UNIT.c.parent_code, _UNIT.c.successor_codes)
_ASKED = _ASKED.where(among(_UNIT.c.code))
MOST_PROVISIONAL = 20_000
"""So many units that no import names may there be: each question reads all units."""


class KnownUnits:
    """The units that a request names. top: the unit to which its source is bound, None for every unit."""

    def __init__(self, session: Session, top: str | None) -> None:
        self.top = top
        self.tree = partial(catalogue.unit_tree, session)
        self._session = session
        self._units: dict[str, tuple[date | None, str | None, str] | None] = {}
        self._new: set[str] = set()
        self._room: int | None = None

    def load(self, codes: Iterable[str]) -> None:
        """Look up units that were not looked up before; of a bound source also those above, level by level."""
        coming = {code for code in codes if code not in self._units}
        while coming:
            rows = self._session.execute(_ASKED, {"among": list(coming)})
            self._units |= dict.fromkeys(coming) | {code: (day, above, after) for code, day, above, after in rows}
            coming = (
                {code for known in coming for code in self._above(known)} - self._units.keys() if self.top else set()
            )

    def __contains__(self, code: str) -> bool:
        self.load([code])
        return self._units[code] is not None

    def dissolved_on(self, code: str) -> date | None:
        """Return the last day of a unit, None while it exists."""
        return unit[0] if code in self and (unit := self._units[code]) else None

    def allows(self, code: str) -> bool:
        """Say whether the source may send about a unit: one below its own, or one that such a unit succeeded.

        An unknown unit belongs where its code says: H23.45.77 lies below H23.45.
        """
        chain = [code]
        for one in chain if self.top else ():
            self.load([one])
            chain += [above for above in self._above(one) if above not in chain]
        return self.top is None or self.top in chain

    def _above(self, code: str) -> list[str]:
        last_day, parent, successors = self._units[code] or (None, parent_by_prefix(code), "")
        return [one for one in (parent, *(successors.split(";") if last_day else ())) if one]

    def has_room(self, code: str) -> bool:
        """Say whether a unit is known, or may be added by this request."""
        if code in self or code in self._new:
            return True
        if self._room is None:
            made_up = select(func.count()).select_from(_UNIT).where(_UNIT.c.provisional)
            self._room = MOST_PROVISIONAL - self._session.scalars(made_up).one()
        if is_room := len(self._new) < self._room:
            self._new.add(code)
        return is_room
