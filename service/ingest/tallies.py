"""Move the tallies by (new contribution − old contribution) of every dossier that changed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Table, bindparam, delete, func, insert, select, text
from sqlalchemy.orm import Session
from tqdm import tqdm

from models.base import EPOCH, Instant
from models.dossiers import DossierVersion
from models.tallies import DAY, MONTH, NEWS
from service.domain.calendar.local_time import local_iso
from service.domain.dossier.statuses import Channel
from service.domain.statistics.counting_rule import TalliedDossier, flows
from service.domain.statistics.counts import FLOWS
from service.store.dossiers import DOSSIER
from service.store.sql import dialect
from service.store.tallies import add_to_tallies, keep_newest

_INDEX = {name: position for position, name in enumerate(FLOWS)}
_CHANNEL_KEY = {int(channel): channel.api_name for channel in Channel}
Key = tuple[Any, ...]


class Placed(TalliedDossier, Protocol):
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

    def add(self, dossier: Placed, sign: int = 1) -> None:
        """Add a dossier's contribution, or take it away with sign -1."""
        unit, field, channel = dossier.unit_code, dossier.field_key, dossier.channel
        moves = self._moves
        for day, flow in flows(dossier):
            moves[unit, field, channel, day, flow] += sign

    def heard(self, unit: str, changed_at: datetime) -> None:
        """Note that something changed in a unit."""
        if unit not in self._newest or self._newest[unit] < changed_at:
            self._newest[unit] = changed_at

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


_AT_ONCE = 5000


def verify(session: Session, *, repair: bool = False, progress: bool = False) -> list[str]:
    """Return a line for every tally row that differs from what the dossiers say.

    With `repair` the rows are written as recounted; the session must then be a writing one, and
    pushes that have not written their tallies yet wait.
    """
    if repair and dialect(session) == "postgresql":
        session.execute(text("LOCK TABLE tally_day, tally_month, unit_news IN EXCLUSIVE MODE"))
    moves = recount(session, progress)
    differences: list[str] = []
    for table, rows in ((DAY, moves.day_rows()), (MONTH, moves.month_rows())):
        found = list(_differences(session, table, rows))
        differences += [line for _, line in found]
        if repair and found:
            _rewrite(session, table, rows)
    behind = _news_behind(session)
    if repair:
        keep_newest(session, behind)
    return differences + [f"{NEWS.name} {row['unit_code']}: < {local_iso(row['newest_change'])}" for row in behind]


def _news_behind(session: Session) -> list[dict[str, Any]]:
    """Return the newest change of each unit for which an older one, or none, is kept.

    A newer one is right: superseded versions may have been let go.
    """
    newest = func.max(DossierVersion.changed_at).label("newest_change")
    found = select(DossierVersion.unit_code, newest).group_by(DossierVersion.unit_code).subquery()
    kept = func.coalesce(NEWS.c.newest_change, bindparam("never", EPOCH, type_=Instant))
    statement = (
        select(found.c.unit_code, found.c.newest_change)
        .outerjoin(NEWS, NEWS.c.unit_code == found.c.unit_code)
        .where(found.c.newest_change > kept)
        .order_by(found.c.unit_code)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def recount(session: Session, progress: bool = False) -> TallyChanges:
    """Add up the contributions of all dossiers, in one pass."""
    moves = TallyChanges()
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
