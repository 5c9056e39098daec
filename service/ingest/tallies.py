"""Move the tallies by (new contribution − old contribution) of every dossier that changed."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, MutableSequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Protocol

from sqlalchemy.orm import Session

from models.tallies import DAY, MONTH
from service.domain.statistics.counting_rule import TalliedDossier, flows
from service.domain.statistics.counts import FLOWS
from service.store.tallies import CHANNEL_NAMES, TALLIED, add_to_tallies, keep_newest

_INDEX = {name: position for position, name in enumerate(FLOWS)}
_tallied = attrgetter(*TALLIED)
Key = tuple[Any, ...]
Flows = MutableSequence[int]


class _ByKey(dict[Any, Flows]):
    """Flows by the last part of their key; a new key begins with zeros."""

    def __missing__(self, key: Any) -> Flows:
        self[key] = zeros = array("i", _ZEROS)
        return zeros


_ByUnitAndMonth = defaultdict[str, defaultdict[date, _ByKey]]
_ZEROS = bytes(array("i").itemsize * len(FLOWS))


class LocatedDossier(TalliedDossier, Protocol):
    """A dossier with the unit and the field under which its flows are tallied."""

    @property
    def unit_code(self) -> str: ...
    @property
    def field_key(self) -> str | None: ...


class TallyChanges:
    """What a request, or a recount, adds to the tallies: nested dictionaries by the parts of a tally row's key.

    A request may touch every unit on every day of a year; one dictionary by whole keys would take twice the memory.
    """

    def __init__(self) -> None:
        self._days: defaultdict[str, _ByKey] = defaultdict(_ByKey)
        self._by_field: _ByUnitAndMonth = defaultdict(lambda: defaultdict(_ByKey))
        self._by_channel: _ByUnitAndMonth = defaultdict(lambda: defaultdict(_ByKey))
        self._newest: dict[str, datetime] = {}

    def add(self, dossier: LocatedDossier, sign: int = 1) -> None:
        """Add a dossier's contribution, or take it away with sign -1."""
        unit, field, channel = dossier.unit_code, dossier.field_key or "", CHANNEL_NAMES[dossier.channel]
        days, by_field, by_channel = self._days[unit], self._by_field[unit], self._by_channel[unit]
        for day, flow in flows(dossier):
            place, month = _INDEX[flow], day.replace(day=1)
            days[day][place] += sign
            by_field[month][field][place] += sign
            by_channel[month][channel][place] += sign

    def replace(self, before: LocatedDossier, after: LocatedDossier) -> None:
        if _tallied(before) != _tallied(after):
            self.add(before, -1)
            self.add(after)

    def record_change(self, unit: str, changed_at: datetime) -> None:
        if unit not in self._newest or self._newest[unit] < changed_at:
            self._newest[unit] = changed_at

    def units(self) -> Iterable[str]:
        return self._newest

    def days(self) -> Iterator[tuple[Key, Flows]]:
        """Yield the flows of units and days, in the order of their keys."""
        for unit, days in sorted(self._days.items()):
            for day, amounts in sorted(days.items()):
                yield (unit, day), amounts

    def months(self) -> Iterator[tuple[Key, Flows]]:
        """Yield the flows of months, in the order of their keys; all of a month is the sum of its channels."""
        for dimension, units in (("", self._by_channel), ("channel", self._by_channel), ("field", self._by_field)):
            for unit, months in sorted(units.items()):
                for month, keys in sorted(months.items()):
                    by_key = keys if dimension else {"": array("i", map(sum, zip(*keys.values(), strict=True)))}
                    for key, amounts in sorted(by_key.items()):
                        yield (dimension, unit, month, key), amounts

    def write(self, session: Session) -> None:
        """Add the flows to the tallies, in the order of their keys: every writer takes its locks in the same order."""
        for table, rows in ((DAY, self.days()), (MONTH, self.months())):
            add_to_tallies(session, table, ((*key, *amounts) for key, amounts in rows if any(amounts)))
        keep_newest(session, [{"unit_code": unit, "newest_change": at} for unit, at in sorted(self._newest.items())])
