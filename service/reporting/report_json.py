"""A report as plain values: stats and widget. Nothing is counted or divided here."""

from typing import Any

import orjson

from service.domain.calendar.local_time import local_clock, local_iso
from service.domain.calendar.periods import Period
from service.domain.dossier.statuses import Channel
from service.domain.json_beside import json_beside
from service.domain.statistics.counts import SPLIT_OF_IN_PROGRESS
from service.domain.statistics.coverage import UnitCoverage
from service.domain.statistics.formulas import FORMULAS, Formula, Rates
from service.domain.statistics.questions import Filters, GroupCounts, Report
from service.domain.units import Unit
from service.reporting.answers.sureness import standings, sureness_json
from service.schemas.answers.widget import WIDGET_COUNTS

WIDGET_BYTES = 2048
NO_RATE = "–"
WORDS = json_beside(__file__, "widget_text.json")
"""The widget's texts by language."""
_SILENT = {"vi": "{}/{} đơn vị chưa gửi số liệu", "en": "{}/{} units have not sent data"}


def period_json(period: Period) -> dict[str, str]:
    """Return a period as published; `to` is its last day, inclusive."""
    return {"name": period.name, "label": period.label, "from": period.first.isoformat(), "to": period.last.isoformat()}


def coverage_json(coverage: UnitCoverage) -> dict[str, Any]:
    """Return expected, heard, the codes of the silent units, and their share of the usual volume."""
    return {
        "expected": coverage.expected,
        "heard": coverage.heard,
        "silent": list(coverage.silent),
        "usual_share": coverage.usual_share,
    }


def coverage_text(coverage: UnitCoverage, lang: str) -> dict[str, str]:
    """Return the line about silent units, if there are any; if much is missing, also as `rate_note` beside the rate."""
    if not coverage.silent:
        return {}
    line = _SILENT[lang].format(len(coverage.silent), coverage.expected)
    return {"coverage": line, **({"rate_note": line} if coverage.low else {})}


def rates_json(rates: Rates, with_intervals: bool = False) -> dict[str, Any]:
    """Return a formula's rates with numerators and denominators; with_intervals: also how sure each is."""
    content: dict[str, Any] = {"formula": rates.formula.id, "decimals": rates.decimals}
    for name, rate in rates.rates.items():
        content[name] = {**vars(rate), **(sureness_json(rate, rates.decimals) if with_intervals else {})}
    if rates.formula.points:
        content["score"] = rates.score
    if rates.open_overdue is not None:
        content["open_overdue"] = rates.open_overdue
    return content


def report_rates(report: Report, group: GroupCounts, all_formulas: bool) -> dict[str, Any]:
    """Return the rates of a group by one formula, or by all; null where a formula needs counts that are not known."""
    shown = {}
    for rates in report.question.rates(group.counts):
        content = rates_json(rates, report.question.with_intervals and group.split_known)
        shown[rates.formula.id] = content if group.knows(rates.formula) else _nothing_known(rates)
    return shown if all_formulas else next(iter(shown.values()))


def group_counts(group: GroupCounts, with_cohort: bool = False) -> dict[str, int | None]:
    """Return the counts of a group; null for what is not known."""
    counts: dict[str, int | None] = {**group.counts.as_dict(with_cohort), "in_progress": group.in_progress}
    if not group.sent:
        return dict.fromkeys(counts)
    return counts if group.split_known else counts | dict.fromkeys(SPLIT_OF_IN_PROGRESS)


def _groups_json(report: Report, all_formulas: bool) -> list[dict[str, Any]]:
    groups = [_group_json(report, group, all_formulas) for group in report.groups]
    if report.question.group_by[:1] == ("unit",):
        for formula, places in standings(report).items():
            for group, standing in zip(groups, places, strict=True):
                (group["rates"][formula] if all_formulas else group["rates"]).update(standing)
    return groups


def _group_json(report: Report, group: GroupCounts, all_formulas: bool) -> dict[str, Any]:
    counts = group_counts(group, report.question.with_cohort)
    rates = report_rates(report, group, all_formulas)
    content = {"key": {"code": group.key.code, "name": group.key.name}, "counts": counts, "rates": rates}
    if len(report.question.group_by) > 1:
        content["groups"] = [_group_json(report, cell, all_formulas) for cell in group.groups]
    return content


def _nothing_known(rates: Rates) -> dict[str, Any]:
    shown = rates_json(rates)
    for name in rates.rates:
        shown[name] = {"numerator": None, "denominator": None, "percent": None}
    return shown | ({"score": None} if "score" in shown else {})


def about_json(report: Report, stale: bool) -> dict[str, Any]:
    """Return how every answer about a unit begins: the question, and how complete and current the data are."""
    question, unit = report.question, report.unit
    return {
        "unit": {"code": unit.code, "name": unit.name, "level": unit.level},
        "period": period_json(question.period),
        "as_of": local_iso(question.as_of),
        "updated_at": local_iso(report.updated_at) if report.updated_at else None,
        "stale": stale,
        "calendar": question.calendar.text(),
        "structure": question.structure,
        "subtree": question.subtree,
        "filters": filters_json(question.filters),
        "group_by": list(question.group_by),
        "coverage": coverage_json(report.coverage),
        **({"not_separable": list(report.not_separable)} if question.structure == "current" else {}),
    }


def stats_json(report: Report, stale: bool, all_formulas: bool) -> dict[str, Any]:
    """Return the answer of /api/v1/stats."""
    return {
        **about_json(report, stale),
        "counts": report.counts.as_dict(report.question.with_cohort),
        "rates": report_rates(report, report.total, all_formulas),
        "groups": _groups_json(report, all_formulas),
    }


def filters_json(filters: Filters) -> dict[str, str]:
    """Return the filters that were asked for, under the names and values of the API."""
    shown = filters.of_dossiers() | ({"level": filters.level} if filters.level else {})
    if filters.channel:
        shown["channel"] = Channel(filters.channel).api_name
    return {name: str(value) for name, value in shown.items()}


def percent_text(percent: str | None) -> str:
    """Return a percentage as people read it; a dash when there is none."""
    return NO_RATE if percent is None else f"{percent}%"


def widget_text(report: Report, lang: str) -> dict[str, str]:
    """Return the text lines of the portal widget."""
    words, counts = WORDS[lang], report.counts
    rates = report.rates[0]
    late = rates.rates.get("late")
    return {
        "heading": _heading(rates.formula, report.question.period, lang),
        "rate": percent_text(rates.headline.percent),
        "workload": words["workload"].format(counts.workload),
        "early_or_on_time": words["early_or_on_time"].format(counts.early_or_on_time),
        "late": words["late"].format(counts.late),
        "late_rate": words["late_rate"].format(percent_text(late.percent if late else None)),
        "details": words["details"],
        "updated": words["updated"].format(local_clock(report.updated_at) if report.updated_at else NO_RATE),
        **coverage_text(report.coverage, lang),
        **({"open_overdue": overdue} if (overdue := overdue_text(rates, lang)) else {}),
    }


def _heading(formula: Formula, period: Period, lang: str) -> str:
    """Return the heading above the rate; it names the formula unless that is the default one."""
    label = period.label if lang == "vi" else period.label_en
    return f"{label}, {getattr(formula.short, lang)}:" if formula.short else WORDS[lang]["heading"].format(label=label)


def overdue_text(rates: Rates, lang: str) -> str | None:
    """Return the line "Đang quá hạn: 99" beside a rate of finished dossiers; None unless many others are overdue."""
    return None if rates.open_overdue is None else WORDS[lang]["open_overdue"].format(rates.open_overdue)


def widget_json(report: Report, stale: bool, details_url: str, lang: str = "vi") -> dict[str, Any]:
    """Return the portal widget, at most 2 KB as JSON: a long unit name is cut to fit."""
    question, counts, rates = report.question, report.counts, report.rates[0]
    content: dict[str, Any] = {
        "schema": "tthc-widget/1",
        "title": WORDS[lang]["title"],
        "unit": {"code": report.unit.code, "name": report.unit.name},
        "period": period_json(question.period),
        "counts": {name: getattr(counts, name) for name in WIDGET_COUNTS},
        "rates": {
            "formula": rates.formula.id,
            **{name: rate.percent for name, rate in rates.rates.items()},
            "numerator": rates.headline.numerator,
            "denominator": rates.headline.denominator,
        },
        "text": widget_text(report, lang),
        "details_url": details_url,
        "as_of": local_iso(question.as_of),
        "updated_at": local_iso(report.updated_at) if report.updated_at else None,
        "stale": stale,
        "coverage": {name: value for name, value in coverage_json(report.coverage).items() if name != "silent"},
    }
    while len(orjson.dumps(content)) > WIDGET_BYTES and content["unit"]["name"]:
        shorter = content["unit"]["name"].rstrip("…")[:-10]
        content["unit"]["name"] = f"{shorter}…" if shorter else None
    return content


def unit_json(unit: Unit) -> dict[str, Any]:
    """Return a unit as published."""
    same = {name: getattr(unit, name) for name in ("code", "name", "level", "parent_code", "valid_from", "valid_to")}
    return {**same, "successor_codes": list(unit.successors), "provisional": unit.provisional}


def formula_json(formula: Formula) -> dict[str, Any]:
    """Return a formula with its parts in words and who publishes it."""
    ratios = formula.ratios.items()
    return {
        "id": formula.id,
        "title": formula.title._asdict(),
        "explanation": {language: formula.explanation(language) for language in ("vi", "en")},
        "rates": {name: {"numerator": of.above.text, "denominator": of.below.text} for name, of in ratios},
        "published_by": list(formula.published_by),
        "default": formula is next(iter(FORMULAS.values())),
    }
