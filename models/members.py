"""The units that a statement counts, each with the group that it is added up under."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

# The units come as one value, however many they are.
_AMONG = {
    "sqlite": "{column} IN (SELECT value FROM json_each(:units))",
    "postgresql": "{column} = ANY(:units)",
}


@dataclass(frozen=True)
class Members:
    """Units, and under which group each counts.

    all_units: that they are all there are, which needs no condition.
    """

    groups: Mapping[str, str]
    all_units: bool = False

    def condition(self, database: str, column: str) -> str:
        """Return the SQL that says that a column is one of the units; to be used with `bound`."""
        return "true" if self.all_units else _AMONG[database].format(column=column)

    def bound(self, database: str) -> dict[str, Any]:
        """Return the parameter that `condition` needs."""
        if self.all_units:
            return {}
        units = sorted(self.groups)
        return {"units": orjson.dumps(units).decode() if database == "sqlite" else units}
