"""All units below one at a glance: each with its subtree, its rate over thirteen months, and its last news."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.counts import Counts
from service.domain.statistics.questions import GroupCounts, GroupKey, Question, Report
from service.domain.units import Unit, UnitTree
from service.reporting.portal.widget_table import question_of
from service.reporting.report import Counting

Parts = tuple[int, int]
"""Numerator and denominator of a rate; their sums are those of the units together."""


@dataclass(frozen=True)
class Overview:
    """The whole, and the units below it.

    units: the answer by unit, each with its subtree. months: the whole by month. lines: the rate's parts by month, by
    unit. heard_on: the last local day on which news of a unit's subtree became known.
    """

    units: Report
    months: Report
    lines: dict[str, list[Parts]]
    heard_on: dict[str, date | None]


def overview(session: Session, question: Question, hours: OfficeHours, tree: UnitTree, shown: list[Unit]) -> Overview:
    """Answer a question for units below its own; two groupings are enough, however many units there are."""
    below = {unit.code: tree.subtree(unit.code) for unit in shown}
    among: dict[str, str] = {}
    for code in tree.subtree(question.unit):  # what is not shown counts under the nearest unit above that is
        among[code] = code if code in below else among.get(tree.units[code].parent_code or "", question.unit)
    question = replace(question, depth=9)  # deeper than any tree of units: each that is shown is a group of its own
    each = Counting.of(session, question, hours, among).report("unit")
    year = Counting.of(session, question_of("chart", question), hours, among)
    formula, by_unit = question.formulas[0], year.report("unit", "month").groups
    by_month = {group.key.code: [month.headline_parts(formula) for month in group.groups] for group in by_unit}
    own = {group.key.code: group for group in each.groups if group.key.code in below}
    groups = [_together(unit, (own[code] for code in below[unit.code] if code in own)) for unit in shown]
    heard = {code: [day for one in codes if (day := tree.units[one].heard_on)] for code, codes in below.items()}
    return Overview(
        replace(each, groups=groups),
        year.report("month"),
        {code: _added(by_month[one] for one in codes if one in by_month) for code, codes in below.items()},
        {code: max(days, default=None) for code, days in heard.items()},
    )


def _together(unit: Unit, groups: Iterable[GroupCounts]) -> GroupCounts:
    """Return units as one group; when none of them ever sent anything its counts are unknown, not zero."""
    known = [group for group in groups if group.sent]
    counts = sum((group.counts for group in known), Counts())
    return GroupCounts(GroupKey(unit.code, unit.name), counts, counts.in_progress, sent=bool(known))


def _added(series: Iterable[list[Parts]]) -> list[Parts]:
    """Add series up month by month; a unit whose dossiers count under another's has an empty one."""
    months = zip(*filter(None, series), strict=True)
    return [(sum(above), sum(below)) for above, below in (zip(*month, strict=True) for month in months)]
