"""The first page's results: one unit as a whole, and a table of all units below it."""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from service.domain.calendar.local_time import local_day
from service.domain.statistics.comparisons import earlier
from service.domain.statistics.questions import Question
from service.domain.units import Unit, UnitTree
from service.http.request import components, is_stale, now
from service.pages.charts.trend import line_in_row, trend
from service.pages.details import measured, named_buckets, short_names, units_of
from service.pages.labels import RATES, in_language
from service.pages.sorting import Sorting, in_order
from service.reporting.portal.axes import dot, ends
from service.reporting.portal.overview import Overview, overview
from service.reporting.report import report
from service.reporting.report_json import widget_json
from service.reporting.words.numbers import percent
from service.reporting.words.sentences import summary
from service.store import catalogue

SHOWN = 400
"""How many units the table has at most: with more, an answer by unit and month would be too long."""
Json = dict[str, Any]


def largest_root(tree: UnitTree) -> Unit | None:
    """Return the unit that the first page shows: the root with most units below it, of equal ones the first by name."""
    return max(catalogue.by_name(tree.children(None)), key=lambda root: len(tree.subtree(root.code)), default=None)


def overview_values(session: Session, question: Question, tree: UnitTree, lang: str) -> Json:
    """Return what the template shows of a unit and the units below it."""
    question = replace(question, group_by=(), formulas=question.formulas[:1], compare=None)
    hours = components().hours
    units = _below(tree, question)
    answer = overview(session, question, hours, tree, units)
    period, as_of = earlier("year_ago", question.period, question.as_of, question.calendar)
    before = report(session, replace(question, period=period, as_of=as_of), hours)
    whole, target, formula = answer.units, measured(answer.months, tree), question.formulas[0]
    months, groups = named_buckets(answer.months, lang), units_of(whole, lang)
    rate_of_all, axis = whole.rates[0].headline, ends(group["rate"] for group in groups)
    return {
        "widget": widget_json(whole, is_stale(whole), "", lang),
        "c": whole.counts,
        "coverage": whole.coverage,
        "rate": percent(rate_of_all.percent, lang),
        "rate_name": RATES[formula.headline][lang == "en"],
        "formula": formula,
        "summary": summary(whole, before, measured(whole, tree), lang),
        "trend": {
            "rows": months,
            "target": target,
            "chart": trend(months, [], short_names(months), target and target.percent),
        },
        "period_label": in_language(lang)(question.period.label, question.period.label_en),
        "sorting": Sorting.of_request(),
        "rows": _rows(answer, groups, tree, axis),
        "axis": [f"{end:g}" for end in axis],
        "whole": dot(vars(rate_of_all), axis),
        "left_out": len(tree.subtree(question.unit)) - 1 > SHOWN,
        "news": local_day(question.as_of) == local_day(now()),
    }


def _below(tree: UnitTree, question: Question) -> list[Unit]:
    """Return the units below one that exist in the period, by name: of the first level what fits, then whole levels."""
    below: list[Unit] = []
    level = catalogue.by_name(tree.children(question.unit))[:SHOWN]
    while level and len(below) + len(level) <= SHOWN:
        below += [unit for unit in level if unit.existed(question.period.first, question.period.last)]
        level = [child for unit in level for child in tree.children(unit.code)]
    return catalogue.by_name(below)


def _rows(answer: Overview, groups: list[Json], tree: UnitTree, axis: tuple[float, float]) -> list[Json]:
    """Return the rows in the order that was asked for; units without dossiers come last."""
    for group in groups:
        code = group["key"]["code"]
        above = tree.units[code].parent_code
        group |= {
            "above": tree.units[above].name or above if above and above != answer.units.unit.code else None,
            "dot": dot(group["rate"], axis),
            "line": line_in_row(answer.lines[code], axis[0]),
            "heard_on": f"{heard_on:%d/%m/%Y}" if (heard_on := answer.heard_on[code]) else None,
        }
    return sorted(in_order(groups, Sorting.of_request()), key=lambda group: not group["counts"]["workload"])
