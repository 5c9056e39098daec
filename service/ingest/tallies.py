"""Move the tallies by (new contribution − old contribution) of every dossier that changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from models.tallies import DAY, MONTH
from service.domain.dossier.statuses import Channel
from service.domain.statistics.counting_rule import TalliedDossier, flows
from service.domain.statistics.counts import FLOWS
from service.store.tallies import add_to_tallies, keep_newest

_INDEX = {name: position for position, name in enumerate(FLOWS)}
_CHANNEL_KEY = {int(channel): channel.api_name for channel in Channel}
Key = tuple[Any, ...]


class LocatedDossier(TalliedDossier, Protocol):
    """A dossier whose flows can be placed: it also has a unit and a field."""

    @property
    def unit_code(self) -> str: ...
    @property
    def field_key(self) -> str | None: ...


class TallyChanges:
    """What a request, or a recount, adds to the tallies; collected first, rolled up once."""

    def __init__(self) -> None:
        """Begin with nothing moved."""
        self._moves: defaultdict[Key, int] = defaultdict(int)
        self._newest: dict[str, datetime] = {}

    def add(self, dossier: LocatedDossier, sign: int = 1) -> None:
        """Add a dossier's contribution, or take it away with sign -1."""
        unit, field, channel = dossier.unit_code, dossier.field_key, dossier.channel
        moves = self._moves
        for day, flow in flows(dossier):
            moves[unit, field, channel, day, flow] += sign

    def heard(self, unit: str, changed_at: datetime) -> None:
        """Note that something changed in a unit."""
        if unit not in self._newest or self._newest[unit] < changed_at:
            self._newest[unit] = changed_at

    def units(self) -> Iterable[str]:
        """Return the units in which something changed."""
        return self._newest

    def day_rows(self) -> dict[Key, list[int]]:
        """Return the moves by (unit, day)."""
        rows: dict[Key, list[int]] = {}
        for (unit, _, _, day, flow), amount in self._moves.items():
            _add(rows, (unit, day), flow, amount)
        return rows

    def month_rows(self) -> dict[Key, list[int]]:
        """Return the moves by (dimension, unit, month, key)."""
        months: defaultdict[Key, int] = defaultdict(int)
        firsts: dict[date, date] = {}
        for (unit, field, channel, day, flow), amount in self._moves.items():
            month = firsts.get(day) or firsts.setdefault(day, day.replace(day=1))
            months[unit, field, channel, month, flow] += amount
        rows: dict[Key, list[int]] = {}
        for (unit, field, channel, month, flow), amount in months.items():
            _add(rows, ("", unit, month, ""), flow, amount)
            _add(rows, ("field", unit, month, field or ""), flow, amount)
            _add(rows, ("channel", unit, month, _CHANNEL_KEY[channel]), flow, amount)
        return rows

    def write(self, session: Session) -> None:
        """Apply the moves, in the order of their keys: every writer takes its locks in the same order."""
        for table, rows in ((DAY, self.day_rows()), (MONTH, self.month_rows())):
            add_to_tallies(session, table, as_rows(table.primary_key.columns.keys(), rows))
        keep_newest(session, [{"unit_code": u, "newest_change": at} for u, at in sorted(self._newest.items())])


def _add(rows: dict[Key, list[int]], key: Key, flow: str, amount: int) -> None:
    row = rows.get(key)
    if row is None:
        row = rows[key] = [0] * len(FLOWS)
    row[_INDEX[flow]] += amount


def as_rows(key_names: list[str], rows: Mapping[Key, list[int]]) -> list[dict[str, Any]]:
    """Return tally rows as mappings, sorted by key, without those that move nothing."""
    return [
        {**dict(zip(key_names, key, strict=True)), **dict(zip(FLOWS, amounts, strict=True))}
        for key, amounts in sorted(rows.items())
        if any(amounts)
    ]
