"""Coverage (độ bao phủ): which units that should send have been heard, and how much the silent ones usually send.

A number that leaves out units which sent nothing looks complete and is not: missing is not zero. So every
answer says how many units it should rest on, and how many of them are silent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from service.domain.calendar.holidays import FIRST_DAY
from service.domain.calendar.periods import Period
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.statistics.rounding import percent
from service.domain.units import UnitTree

LOW_SHARE = 5
"""Percent of the usual volume that may be missing before the rate itself must say so."""


@dataclass(frozen=True)
class UnitCoverage:
    """Units that should have sent and those that are silent; the silent ones' part of the usual volume.

    usual_silent, usual_all: what the silent units, and all units, received in the civil month asked about and the
    twelve before it. usual_all is None while nobody is silent: then it does not matter.
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
        """Return the silent units' part of the usual volume in percent; None when there was no volume."""
        return percent(self.usual_silent, self.usual_all) if self.usual_all is not None else "0.0"

    @property
    def low(self) -> bool:
        """Say whether the rate itself needs the warning: over 5 % of the usual volume is missing, or nobody knows."""
        return bool(self.silent) and (not self.usual_all or self.usual_silent * 100 > self.usual_all * LOW_SHARE)


def expected_units(
    tree: UnitTree, members: Iterable[str], first: date, last: date, received: Mapping[str, int]
) -> list[str]:
    """Return the units among `members` that should send over [first, last], in order of code.

    An imported unit that has no children and exists then, unless the import's column `reports` says otherwise.
    A unit that no import knows, if it received dossiers in the months before (`received`).
    """
    units, has_children, expected = tree.units, tree.has_children, []
    for code in members:  # one loop without calls for a usual unit: every question asks
        unit = units[code]
        if (unit.valid_to or unit.valid_from) and not unit.existed(first, last):
            continue
        if unit.provisional:
            sends = received.get(code, 0) > 0
        elif unit.reports is not None:
            sends = unit.reports
        else:
            sends = not has_children(code) or not any(one.existed(first, last) for one in tree.children(code))
        if sends:
            expected.append(code)
    return sorted(expected)


def heard_from(period: Period, asked_on: date, work: WorkCalendar, working_days: int) -> date:
    """Return the day from which news make a unit heard: the period's end, or some working days before `asked_on`.

    The earlier of the two: an old period is complete once its units were heard after it ended.
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
