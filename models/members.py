"""Which units a statement counts: those listed, or all of them, which needs no condition."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy.orm import Session

Members = Sequence[str] | None
"""Codes of units; None: every unit there is."""

# The units come as one value, however many they are.
_AMONG = {
    "sqlite": "{column} IN (SELECT value FROM json_each(:units))",
    "postgresql": "{column} = ANY(:units)",
}


def dialect(session: Session) -> str:
    """Return the name of the session's database."""
    return session.get_bind().dialect.name


def condition(database: str, units: Members, column: str) -> str:
    """Return the SQL that says that a column is one of the units, to be used with `bound`."""
    return "true" if units is None else _AMONG[database].format(column=column)


def bound(database: str, units: Members) -> dict[str, Any]:
    """Return the parameter that `condition` needs."""
    if units is None:
        return {}
    return {"units": orjson.dumps(list(units)).decode() if database == "sqlite" else list(units)}
