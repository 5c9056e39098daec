"""The numbers of all units at once, for the metrics; they are those of a report, but one is not made for each unit."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from service.domain.calendar.local_time import local_day
from service.domain.calendar.periods import PeriodCalendar, parse_period
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.counts import Counts
from service.domain.statistics.late_budget import LateBudget, late_budget
from service.domain.units import Unit, UnitTree
from service.reporting.report import counting_of_all
from service.settings import Settings
from service.store.statistics.groups import CountsByGroup


class UnitGauges(NamedTuple):
    """A unit's counts of the year to date, its budget of late dossiers this month, its coverage; all with its subtree.

    expected: how many units should send. heard: how many of them were heard.
    """

    year: Counts
    budget: LateBudget
    expected: int
    heard: int

    @property
    def silent(self) -> int:
        return self.expected - self.heard


class Gauges(NamedTuple):
    """The gauges of the units that are shown, these units, and how many units are left out (`cut`)."""

    units: dict[str, UnitGauges]
    about: dict[str, Unit]
    cut: int


def gauges(session: Session, as_of: datetime, hours: OfficeHours, settings: Settings) -> Gauges:
    """Count all units over the year and the month to date: a few grouped statements, whatever their number."""
    counting = counting_of_all(session, as_of, hours, settings)
    tree, month = counting.tree, parse_period("month", local_day(as_of), PeriodCalendar.parse(settings.calendar))
    own_of_year, own_of_month = counting.by_unit_over((counting.question.period, month))
    was_heard, shown = counting.coverage.heard(), _shown(tree, settings.metrics_max_units)
    units = {}
    for code in shown:
        below = tree.subtree(code)
        year, of_month = _together(own_of_year, below), _together(own_of_month, below)
        budget = late_budget(of_month, of_month.due_by_horizon, settings.target_percent)
        heard = [was_heard[one] for one in below if one in was_heard]
        units[code] = UnitGauges(year, budget, len(heard), sum(heard))
    return Gauges(units, {code: tree.units[code] for code in shown}, len(tree.units) - len(shown))


def _shown(tree: UnitTree, limit: int) -> list[str]:
    """Choose which units are shown: by level from the top of the tree, so that the lowest are left out."""
    order: list[str] = []
    level: Iterable[str] = sorted(unit.code for unit in tree.children(None))
    while level and len(order) < limit:
        order.extend(level)
        level = sorted(child.code for code in level for child in tree.children(code))
    return order[:limit]


def _together(own: CountsByGroup, codes: Iterable[str]) -> Counts:
    return sum((own[code,] for code in codes if (code,) in own), Counts())
