"""Move the tallies by (new contribution − old contribution) of every dossier that changed."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, MutableSequence
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Protocol

from sqlalchemy.orm import Session

from models.tallies import DAY, MONTH
from service.domain.dossier.statuses import Channel
from service.domain.statistics.counting_rule import TalliedDossier, flows
from service.domain.statistics.counts import FLOWS
from service.store.tallies import DIMENSIONS, TALLIED, add_to_tallies, keep_newest

_INDEX = {name: position for position, name in enumerate(FLOWS)}
_CHANNEL_KEY = {int(channel): channel.api_name for channel in Channel}
_tallied = attrgetter(*TALLIED)
Key = tuple[Any, ...]
Flows = MutableSequence[int]


class _ByKey(dict[Any, Flows]):
    """Flows by the last part of their key, none to begin with."""

    def __missing__(self, key: Any) -> Flows:
        self[key] = none = array("i", _NOTHING)
        return none


_NOTHING = bytes(array("i").itemsize * len(FLOWS))


class LocatedDossier(TalliedDossier, Protocol):
    """A dossier whose flows can be placed: it also has a unit and a field."""

    @property
    def unit_code(self) -> str: ...
    @property
    def field_key(self) -> str | None: ...


class _UnitChanges:
    """The flows of one unit: by day; by month and field, and by month and channel, of which one is the month's sum."""

    __slots__ = ("by_channel", "by_field", "days")

    def __init__(self) -> None:
        self.days = _ByKey()
        self.by_field: defaultdict[date, _ByKey] = defaultdict(_ByKey)
        self.by_channel: defaultdict[date, _ByKey] = defaultdict(_ByKey)

    def months(self, dimension: str) -> dict[date, _ByKey]:
        """Return the flows by month, and by what the dimension tells dossiers apart by; "" is all of a month."""
        if dimension:
            return self.by_field if dimension == "field" else self.by_channel
        return {
            month: _ByKey({"": array("i", map(sum, zip(*channels.values(), strict=True)))})
            for month, channels in self.by_channel.items()
        }


class TallyChanges:
    """What a request, or a recount, adds to the tallies, as nested dictionaries by the parts of a row's key.

    A request may touch every unit on every day of a year; tuples as keys would take twice the memory.
    """

    def __init__(self) -> None:
        self._units: defaultdict[str, _UnitChanges] = defaultdict(_UnitChanges)
        self._newest: dict[str, datetime] = {}

    def add(self, dossier: LocatedDossier, sign: int = 1) -> None:
        """Add a dossier's contribution, or take it away with sign -1."""
        unit, field, channel = self._units[dossier.unit_code], dossier.field_key or "", _CHANNEL_KEY[dossier.channel]
        for day, flow in flows(dossier):
            place, month = _INDEX[flow], _first_of_month(day)
            unit.days[day][place] += sign
            unit.by_field[month][field][place] += sign
            unit.by_channel[month][channel][place] += sign

    def replace(self, before: LocatedDossier, after: LocatedDossier) -> None:
        """Take away what a dossier contributed before, and add what it does now."""
        if _tallied(before) != _tallied(after):
            self.add(before, -1)
            self.add(after)

    def record_change(self, unit: str, changed_at: datetime) -> None:
        """Note that something changed in a unit."""
        if unit not in self._newest or self._newest[unit] < changed_at:
            self._newest[unit] = changed_at

    def units(self) -> Iterable[str]:
        """Return the units in which something changed."""
        return self._newest

    def days(self) -> Iterator[tuple[Key, Flows]]:
        """Yield the flows of units and days, in the order of their keys."""
        for code in sorted(self._units):
            for day, moved in sorted(self._units[code].days.items()):
                yield (code, day), moved

    def months(self) -> Iterator[tuple[Key, Flows]]:
        """Yield the flows of months, in the order of their keys."""
        for dimension in sorted(DIMENSIONS):
            for code in sorted(self._units):
                for month, keys in sorted(self._units[code].months(dimension).items()):
                    for key, moved in sorted(keys.items()):
                        yield (dimension, code, month, key), moved

    def write(self, session: Session) -> None:
        """Apply the moves, in the order of their keys: every writer takes its locks in the same order."""
        for table, rows in ((DAY, self.days()), (MONTH, self.months())):
            add_to_tallies(session, table, ((*key, *moved) for key, moved in rows if any(moved)))
        keep_newest(session, [{"unit_code": u, "newest_change": at} for u, at in sorted(self._newest.items())])


@lru_cache(maxsize=8192)
def _first_of_month(day: date) -> date:
    return day.replace(day=1)
