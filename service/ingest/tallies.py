"""Move the tallies by (new contribution − old contribution) of every dossier that changed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

from sqlalchemy.orm import Session

from models.tallies import DAY, MONTH
from service.domain.dossier.statuses import Channel
from service.domain.statistics.counting_rule import TalliedDossier, flows
from service.domain.statistics.counts import FLOWS
from service.store.tallies import TALLIED, add_to_tallies, keep_newest

_INDEX = {name: position for position, name in enumerate(FLOWS)}
_CHANNEL_KEY = {int(channel): channel.api_name for channel in Channel}
_tallied = attrgetter(*TALLIED)
_NOTHING = [0] * len(FLOWS)
Key = tuple[Any, ...]


class LocatedDossier(TalliedDossier, Protocol):
    """A dossier whose flows can be placed: it also has a unit and a field."""

    @property
    def unit_code(self) -> str: ...
    @property
    def field_key(self) -> str | None: ...


class TallyChanges:
    """What a request, or a recount, adds to the tallies: flows by the key of each row."""

    def __init__(self) -> None:
        self.days: defaultdict[Key, list[int]] = defaultdict(_NOTHING.copy)
        self.months: defaultdict[Key, list[int]] = defaultdict(_NOTHING.copy)
        self._newest: dict[str, datetime] = {}

    def add(self, dossier: LocatedDossier, sign: int = 1) -> None:
        """Add a dossier's contribution, or take it away with sign -1."""
        unit, field, channel = dossier.unit_code, dossier.field_key or "", _CHANNEL_KEY[dossier.channel]
        months = self.months
        for day, flow in flows(dossier):
            place, month = _INDEX[flow], day.replace(day=1)
            self.days[unit, day][place] += sign
            months["", unit, month, ""][place] += sign
            months["field", unit, month, field][place] += sign
            months["channel", unit, month, channel][place] += sign

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

    def write(self, session: Session) -> None:
        """Apply the moves, in the order of their keys: every writer takes its locks in the same order."""
        for table, rows in ((DAY, self.days), (MONTH, self.months)):
            add_to_tallies(session, table, ((*key, *rows[key]) for key in sorted(rows) if any(rows[key])))
        keep_newest(session, [{"unit_code": u, "newest_change": at} for u, at in sorted(self._newest.items())])
