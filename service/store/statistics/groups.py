"""Which dossiers a statement counts, and by which groups it adds them up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import orjson

from service.domain.dossier.statuses import CHANNEL_BY_NAME
from service.domain.statistics.counts import Counts
from service.domain.statistics.questions import Filters

Key = tuple[Any, ...]
"""The group in each grouping, in their order: ("H23.45", 2) by unit and channel; () for a total."""

CountsByGroup = dict[Key, Counts]

# All values are sent as one parameter.
_AMONG = {"sqlite": "{column} IN (SELECT value FROM json_each(:{name}))", "postgresql": "{column} = ANY(:{name})"}
LOCAL_DAY = {
    "sqlite": "date({moment} / 1000000 + 25200, 'unixepoch')",
    "postgresql": "CAST({moment} AT TIME ZONE INTERVAL '7 hours' AS date)",
}
_FILTERED = {"channel": "d.channel", "field": "d.field_key", "procedure": "d.procedure_code"}


@dataclass(frozen=True)
class Members:
    """The units to count, the group and the level under which each one counts, and the filters on their dossiers.

    all_units: these are all units, so no condition is needed. field_groups: returns the group of each field name that
    came without a code; called only for questions about fields.
    """

    groups: Mapping[str, str]
    all_units: bool = False
    levels: Mapping[str, str | None] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)
    field_groups: Callable[[], Mapping[str, str]] = dict

    def condition(self, database: str, column: str) -> str:
        """Return the SQL condition that a column is one of the units; its parameter is in `bound`."""
        return "true" if self.all_units else _AMONG[database].format(column=column, name="units")

    def bound(self, database: str) -> dict[str, Any]:
        """Return the parameter that `condition` needs."""
        return {} if self.all_units else {"units": _listed(database, sorted(self.groups))}

    def dossier_condition(self, database: str) -> str:
        """Return the SQL condition that a dossier `d` is counted; its parameters are in `dossier_bound`."""
        among = _AMONG[database]
        filters = (among.format(column=_FILTERED[name], name=f"only_{name}") for name in self.filters.of_dossiers())
        return " AND ".join((self.condition(database, "d.unit_code"), *filters))

    def dossier_bound(self, database: str) -> dict[str, Any]:
        """Return the parameters that `dossier_condition` needs."""
        filters = {f"only_{name}": _listed(database, self.only(name)) for name in self.filters.of_dossiers()}
        return self.bound(database) | filters

    def only(self, name: str) -> list[Any]:
        """Return the values that a filter lets through: the one asked for; of a field also the names of its group."""
        wanted = self.filters.of_dossiers()[name]
        groups = self.field_groups().items() if name == "field" else ()
        return [wanted, *(key for key, group in groups if group == wanted and key != wanted)]

    def about_dossiers(self, groupings: Sequence[str]) -> set[str]:
        """Return the groupings and filters that are about dossiers, and not about units or moments."""
        return {*groupings, *self.filters.of_dossiers()} - {"unit", "level", "moment"}

    def by(self, groupings: Sequence[str]) -> "Grouping":
        """Return the grouping of rows: the columns that they need, and the groups of their values."""
        columns = tuple(dict.fromkeys(_COLUMN.get(name, name) for name in groupings))
        fields = self.field_groups() if "field" in groupings else {}
        groups: Mapping[str, Callable[[Any], Any] | None] = {
            "unit": self.groups.__getitem__,
            "level": self.levels.get,
            "field": lambda key: fields.get(key, key) if key else None,  # "" in a tally: its key is never null
            "channel": lambda key: key if isinstance(key, int) else CHANNEL_BY_NAME[key].value,
            "moment": as_day,
        }
        places = [columns.index(_COLUMN.get(name, name)) for name in groupings]
        return Grouping(columns, [(place, groups.get(name)) for place, name in zip(places, groupings, strict=True)])


_COLUMN = {"level": "unit"}


def _listed(database: str, values: list[Any]) -> Any:
    return orjson.dumps(values).decode() if database == "sqlite" else values


def as_day(key: date | str) -> date:
    """Return a local day that a database gave: SQLite gives text."""
    return date.fromisoformat(key) if isinstance(key, str) else key


class Grouping(NamedTuple):
    """The columns by which a statement groups, and the groups that their values stand for."""

    columns: tuple[str, ...]
    parts: list[tuple[int, Callable[[Any], Any] | None]]

    def key(self, values: Sequence[Any]) -> Key:
        """Return the group of each grouping for the values of the columns."""
        return tuple(values[place] if group is None else group(values[place]) for place, group in self.parts)

    def sum(self, rows: Iterable[Sequence[Any]], names: Sequence[str]) -> CountsByGroup:
        """Add up rows, each with the columns' values and then the counts of these names.

        A row whose first count is null is the sum of no rows; it adds nothing.
        """
        width = len(self.columns)
        rows_of: dict[Key, list[Sequence[Any]]] = {}
        for row in rows:
            if row[width] is not None:
                rows_of.setdefault(self.key(row), []).append(row)
        return {key: _sum(some, width, names) for key, some in rows_of.items()}


def _sum(rows: Sequence[Sequence[Any]], width: int, names: Sequence[str]) -> Counts:
    """Add up the columns behind the first `width`, which are the key."""
    is_alone = len(rows) == 1
    numbers = rows[0][width:] if is_alone else map(sum, islice(zip(*rows, strict=True), width, None))
    return Counts(**dict(zip(names, numbers, strict=True)))


def sum_by_group(*parts: CountsByGroup) -> CountsByGroup:
    """Add counts by group."""
    total: CountsByGroup = {}
    for part in parts:
        for key, counts in part.items():
            total[key] = total[key] + counts if key in total else counts
    return total
