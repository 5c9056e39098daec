"""Procedures (thủ tục hành chính): their national code and their time limit."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

MAX_AMOUNT = 9999


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
        """Refuse an amount that is no time limit."""
        if not 1 <= self.amount <= MAX_AMOUNT:
            raise ValueError(f"a time limit is 1 to {MAX_AMOUNT} units, not {self.amount}")


@lru_cache(maxsize=65536)
def national_procedure_code(code: str) -> str:
    """Return a procedure code without its local suffix: 1.004873.000.00.00.H56 becomes 1.004873."""
    national = _LOCAL_PROCEDURE.fullmatch(code)
    return national[1] if national else code


_LOCAL_PROCEDURE = re.compile(r"(\d+\.\d+)(?:\.\d+)+\.[A-Z]\d{2}")
