"""Procedures (thủ tục hành chính): their national code, their time limits, and which limit is in force."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

MAX_AMOUNT = 9999
_NATIONAL_CODE = re.compile(r"(\d\.\d{6})(?!\d).*", re.ASCII)


@lru_cache(maxsize=65536)
def national_procedure_code(code: str) -> str:
    """Return a procedure's national code: a digit, a dot and six digits; what stands behind them is local.

    1.004873.000.00.00.H56, 1.004873.H19 and 1.004873.H13-4 are all 1.004873. A code of another shape is
    taken whole.
    """
    national = _NATIONAL_CODE.fullmatch(code)
    return national[1] if national else code


class LimitUnit(StrEnum):
    """What a time limit is counted in."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    WORKING_HOUR = "working_hour"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """The time that a procedure may take: an amount from 1 to 9999 in one unit."""

    amount: int
    unit: LimitUnit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= MAX_AMOUNT:
            raise ValueError(f"a time limit is 1 to {MAX_AMOUNT} units, not {self.amount}")


class ImportedProcedure(NamedTuple):
    """What one import said of one procedure: its field, and its time limit (None: no limit) between two days.

    version: the version of the catalogue that the import made. valid_from, valid_to: inclusive, None: open.
    """

    version: int
    valid_from: date | None
    valid_to: date | None
    limit: TimeLimit | None
    field_code: str | None = None


class LimitInForce(NamedTuple):
    """A time limit, and the version of the catalogue that has it; None: it is older than versions."""

    limit: TimeLimit
    version: int | None


def limit_in_force(imported: Iterable[ImportedProcedure], day: date, since: int) -> LimitInForce | None:
    """Return the time limit of a procedure for a dossier received on a day, or None when there is none.

    imported: everything that imports ever said of the procedure. since: the version of the catalogue when the
    dossier's deadline could first be computed. The limit of that version counts, whatever was imported later. If that
    version has no limit for the day, the first later version that has one counts.
    """
    rows = list(imported)
    for version in sorted({since, *(row.version for row in rows if row.version > since)}):
        if limit := _limit_as_of(rows, day, version):
            return LimitInForce(limit, version)
    return None


def field_given(imported: Iterable[ImportedProcedure]) -> str | None:
    """Return the field code of the newest import that gave the procedure one, else None."""
    fields = [row.field_code for row in sorted(imported, key=lambda row: row.version) if row.field_code]
    return fields[-1] if fields else None


def _limit_as_of(rows: Iterable[ImportedProcedure], day: date, version: int) -> TimeLimit | None:
    """Return the limit in force on a day by the catalogue of one version.

    An import replaces what earlier ones said with the same valid_from. Of several that hold on the day,
    the one that began last counts.
    """
    known = {row.valid_from: row for row in sorted(rows, key=lambda row: row.version) if row.version <= version}
    in_force = [row for row in known.values() if (row.valid_from or date.min) <= day <= (row.valid_to or date.max)]
    newest = max(in_force, key=lambda row: row.valid_from or date.min, default=None)
    return newest.limit if newest else None
