"""Which dossiers a statement counts, and under which groups what it counts is added up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

import orjson

from service.domain.dossier.statuses import CHANNEL_BY_NAME
from service.domain.statistics.counts import Counts
from service.domain.statistics.questions import Filters

Key = tuple[Any, ...]
"""The group of each grouping, in order: (a unit's code, a channel's number); () is the one group of a total."""

CountsByGroup = dict[Key, Counts]

# All values that a column may have are sent as one parameter.
_AMONG = {"sqlite": "{column} IN (SELECT value FROM json_each(:{name}))", "postgresql": "{column} = ANY(:{name})"}
LOCAL_DAY = {
    "sqlite": "date({moment} / 1000000 + 25200, 'unixepoch')",
    "postgresql": "CAST({moment} AT TIME ZONE INTERVAL '7 hours' AS date)",
}
"""The local day of a moment."""
_FILTERED = {"channel": "d.channel", "field": "d.field_key", "procedure": "d.procedure_code"}


@dataclass(frozen=True)
class Members:
    """Units, under which group and level each counts, and the filters on their dossiers.

    all_units: these are all units, so no condition is needed. field_groups: the field under which each name without a
    code is grouped; read only for questions about fields.
    """

    groups: Mapping[str, str]
    all_units: bool = False
    levels: Mapping[str, str | None] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)
    field_groups: Callable[[], Mapping[str, str]] = dict

    def condition(self, database: str, column: str) -> str:
        """Return the SQL that says that a column is one of the units; to be used with `bound`."""
        return "true" if self.all_units else _AMONG[database].format(column=column, name="units")

    def bound(self, database: str) -> dict[str, Any]:
        """Return the parameter that `condition` needs."""
        if self.all_units:
            return {}
        return {"units": _listed(database, sorted(self.groups))}

    def dossier_condition(self, database: str) -> str:
        """Return the SQL that says that a dossier `d` is counted; to be used with `dossier_bound`."""
        among = _AMONG[database]
        filters = (among.format(column=_FILTERED[name], name=f"only_{name}") for name in self.filters.of_dossiers())
        return " AND ".join((self.condition(database, "d.unit_code"), *filters))

    def dossier_bound(self, database: str) -> dict[str, Any]:
        """Return the parameters that `dossier_condition` needs."""
        filters = {f"only_{name}": _listed(database, self.only(name)) for name in self.filters.of_dossiers()}
        return self.bound(database) | filters

    def only(self, name: str) -> list[Any]:
        """Return the values that a filter lets through: one, or for a field without a code all its names."""
        wanted = self.filters.of_dossiers()[name]
        spelt = self.field_groups().items() if name == "field" else ()
        return [wanted, *(key for key, group in spelt if group == wanted and key != wanted)]

    def by(self, groupings: Sequence[str]) -> "Grouping":
        """Return how rows are grouped: the columns that they need, and the key of a row."""
        columns = tuple(dict.fromkeys(_COLUMN.get(name, name) for name in groupings))
        named = self.field_groups() if "field" in groupings else {}
        groups: Mapping[str, Callable[[Any], Any] | None] = {
            "unit": self.groups.__getitem__,
            "level": self.levels.get,
            "field": lambda key: named.get(key, key) if key else None,  # a tally has no null in its key
            "channel": lambda key: key if isinstance(key, int) else CHANNEL_BY_NAME[key].value,
            "moment": as_day,
        }
        places = [columns.index(_COLUMN.get(name, name)) for name in groupings]
        return Grouping(columns, [(place, groups.get(name)) for place, name in zip(places, groupings, strict=True)])


_COLUMN = {"level": "unit"}


def _listed(database: str, values: list[Any]) -> Any:
    return orjson.dumps(values).decode() if database == "sqlite" else values


def as_day(key: date | str) -> date:
    """Return a local day as the database gives it."""
    return date.fromisoformat(key) if isinstance(key, str) else key


@dataclass(frozen=True)
class Grouping:
    """The columns by which a statement groups, and the groups that their values stand for."""

    columns: tuple[str, ...]
    parts: list[tuple[int, Callable[[Any], Any] | None]]

    def key(self, values: Sequence[Any]) -> Key:
        """Return the group of each grouping for the values of the columns."""
        return tuple(values[place] if group is None else group(values[place]) for place, group in self.parts)

    def sum(self, rows: Iterable[Sequence[Any]], names: Sequence[str]) -> CountsByGroup:
        """Add up rows of the columns' values and the counts of these names.

        A row whose first count is null, the sum of nothing, adds nothing.
        """
        width = len(self.columns)
        rows_of: dict[Key, list[Sequence[Any]]] = {}
        for row in rows:
            if row[width] is not None:
                rows_of.setdefault(self.key(row), []).append(row)
        return {key: _sum(some, width, names) for key, some in rows_of.items()}


def _sum(rows: Sequence[Sequence[Any]], width: int, names: Sequence[str]) -> Counts:
    """Add up rows column by column; the first columns are the key."""
    alone = len(rows) == 1
    numbers = rows[0][width:] if alone else map(sum, islice(zip(*rows, strict=True), width, None))
    return Counts(**dict(zip(names, numbers, strict=True)))


def sum_by_group(*parts: CountsByGroup) -> CountsByGroup:
    """Add counts by group."""
    total: CountsByGroup = {}
    for part in parts:
        for key, counts in part.items():
            total[key] = total[key] + counts if key in total else counts
    return total
