"""How many dossiers may still be late this month if a target of punctuality is to be kept."""

from typing import NamedTuple

from service.domain.statistics.counts import Counts
from service.domain.statistics.formulas import DEFAULT


class LateBudget(NamedTuple):
    """A month's budget of late dossiers.

    expected: how many dossiers were judged this month so far, are overdue now, or are open and due by its end.
    allowed: how many of these may be late. left: how many more may become late; below 0 the target is missed unless
    more dossiers come.
    """

    expected: int
    allowed: int
    left: int


def late_budget(month: Counts, due_by_end: int, target_percent: int) -> LateBudget:
    """Work out the budget of the default formula for a month to date.

    due_by_end: open dossiers due between now and the month's end. An overdue one can only end late: it is late already.
    """
    late, judged = DEFAULT.ratios["late"].parts(month)
    expected = judged + month.open_overdue + due_by_end
    allowed = (100 - target_percent) * expected // 100
    return LateBudget(expected, allowed, allowed - late - month.open_overdue)
