"""All units below one at a glance: each with its counts, its rate over thirteen months, and its last news."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.counts import Counts
from service.domain.statistics.questions import GroupCounts, GroupKey, Question, Report
from service.domain.units import Unit, UnitTree
from service.reporting.portal.widget_table import question_of
from service.reporting.report import Counting

Parts = tuple[int, int]
"""Numerator and denominator of a rate; those of several units can be added."""


class Overview(NamedTuple):
    """The whole, and the units below it.

    units: the answer by unit, each with its subtree. months: the whole by month. lines: for each unit, its rate's parts
    by month. heard_on: the last local day on which news of a unit's subtree became known.
    """

    units: Report
    months: Report
    lines: dict[str, list[Parts]]
    heard_on: dict[str, date | None]


def overview(session: Session, question: Question, hours: OfficeHours, tree: UnitTree, shown: list[Unit]) -> Overview:
    """Answer a question for the shown units below its own; all of them are counted at once, by unit and by month."""
    below = {unit.code: tree.subtree(unit.code) for unit in shown}
    shown_under: dict[str, str] = {}
    for code in tree.subtree(question.unit):  # a unit that is not shown counts under the nearest one above that is
        above = tree.units[code].parent_code or ""
        shown_under[code] = code if code in below else shown_under.get(above, question.unit)
    question = replace(question, depth=9)  # deeper than any tree of units: each unit is a group of its own
    each = Counting.of(session, question, hours, shown_under).report("unit")
    year = Counting.of(session, question_of("chart", question), hours, shown_under)
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
    """Return units as one group; when none of them ever sent anything, its counts are unknown and not zero."""
    known = [group for group in groups if group.sent]
    counts = sum((group.counts for group in known), Counts())
    return GroupCounts(GroupKey(unit.code, unit.name), counts, counts.in_progress, sent=bool(known))


def _added(series: Iterable[list[Parts]]) -> list[Parts]:
    """Add up series by month; an empty series (of a unit whose dossiers count under another) is left out."""
    months = zip(*filter(None, series), strict=True)
    return [(sum(above), sum(below)) for above, below in (zip(*month, strict=True) for month in months)]
