"""Coverage (độ bao phủ): which units that should send have been heard, and how much the silent ones usually send.

A number without the dossiers of some units looks complete and is not: missing is not zero. So every answer says how
many units should have sent, and how many of them are silent.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from service.domain.calendar.holidays import FIRST_DAY
from service.domain.calendar.periods import Period
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.statistics.rounding import percent
from service.domain.units import UnitTree

LOW_SHARE = 5
"""When more percent of the usual volume are missing, the warning stands beside the rate itself."""


class UnitCoverage(NamedTuple):
    """How many units should have sent, and the codes of the silent ones.

    usual_silent, usual_all: how many dossiers the silent units, and all units, received in the civil month asked about
    and the twelve before it. When no unit is silent, this is not looked up, and usual_all is None.
    """

    expected: int
    silent: tuple[str, ...]
    usual_silent: int = 0
    usual_all: int | None = None

    @property
    def heard(self) -> int:
        """Return how many of the expected units have been heard."""
        return self.expected - len(self.silent)

    @property
    def usual_share(self) -> str | None:
        """Return the silent units' part of the usual volume in percent; None when nothing was received at all."""
        return percent(self.usual_silent, self.usual_all) if self.usual_all is not None else "0.0"

    @property
    def low(self) -> bool:
        """Say whether the warning stands beside the rate: over 5 % of the usual volume is missing, or none is known."""
        return bool(self.silent) and (not self.usual_all or self.usual_silent * 100 > self.usual_all * LOW_SHARE)


def expected_units(
    tree: UnitTree, members: Iterable[str], first: date, last: date, received: Mapping[str, int]
) -> list[str]:
    """Return the units among `members` that should send over [first, last], in order of code.

    An imported unit should send if it exists then and has no children that do; the import's column `reports` can say
    otherwise. A unit that no import knows should send if it received dossiers in the months before (`received`).
    """
    units, has_children, expected = tree.units, tree.has_children, []
    for code in members:  # a plain loop, as every question runs it: for most units it calls nothing
        unit = units[code]
        if (unit.valid_to or unit.valid_from) and not unit.existed(first, last):
            continue
        if unit.provisional:
            sends = received.get(code, 0) > 0
        elif unit.reports is not None:
            sends = unit.reports
        else:
            sends = not has_children(code) or not any(child.existed(first, last) for child in tree.children(code))
        if sends:
            expected.append(code)
    return sorted(expected)


def heard_from(period: Period, asked_on: date, work: WorkCalendar, working_days: int) -> date:
    """Return the day since which a unit must have been heard, else it is silent.

    That is the period's end, or the day so many working days before `asked_on`, whichever is earlier. So an old period
    is complete once its units were heard after it ended.
    """
    day, passed = asked_on, 0
    while passed < working_days and day > FIRST_DAY:
        day -= timedelta(days=1)
        passed += work.is_working_day(day)
    return min(period.after, day)


def silent_units(tree: UnitTree, expected: Iterable[str], since: date) -> tuple[str, ...]:
    """Return the expected units that were not heard on that day or a later one."""
    units = tree.units
    return tuple(code for code in expected if (day := units[code].heard_on) is None or day < since)
