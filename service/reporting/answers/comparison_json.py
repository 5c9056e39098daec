"""A comparison as plain values: the answer one period or one year before, and the differences."""

from fractions import Fraction
from typing import Any

from service.domain.calendar.local_time import local_iso
from service.domain.statistics.comparisons import UNLIKE_COVERAGE, change_in_points, unlike
from service.domain.statistics.questions import Report
from service.domain.statistics.rounding import half_up
from service.reporting.report_json import WORDS, coverage_json, period_json, report_rates, stats_json
from service.reporting.words.sentences import change_text


def answer_json(report: Report, stale: bool, all_formulas: bool) -> dict[str, Any]:
    """Return the answer of /api/v1/stats, with its comparison where one was asked for."""
    content = stats_json(report, stale, all_formulas)
    if report.earlier is not None:
        content["comparison"] = comparison_json(report, report.earlier, all_formulas)
    return content


def with_change(widget: dict[str, Any], report: Report, lang: str) -> dict[str, Any]:
    """Return a widget; if a comparison was asked for, with the change of its rate, also as a line of text."""
    earlier, kind = report.earlier, report.question.compare
    if earlier is None or kind is None:
        return widget
    now, then = report.rates[0].headline, earlier.rates[0].headline
    reason = UNLIKE_COVERAGE if unlike(report.coverage, earlier.coverage) else None
    change = _change(None if reason else change_in_points(now, then), report.question.decimals, lang)
    comparison = {"kind": kind, "period": period_json(earlier.question.period), "points": change["points"]}
    if change["text"]:
        widget["text"]["change"] = f"{change['text'].capitalize()} {WORDS[lang]['since'][kind]}"
    return widget | {"comparison": {**comparison, "reason": reason}}


def comparison_json(report: Report, earlier: Report, all_formulas: bool) -> dict[str, Any]:
    """Return the earlier answer and the differences; these are null, with a reason, when the coverage is unlike."""
    reason = UNLIKE_COVERAGE if unlike(report.coverage, earlier.coverage) else None
    return {
        "kind": report.question.compare,
        "period": period_json(earlier.question.period),
        "as_of": local_iso(earlier.question.as_of),
        "counts": earlier.counts.as_dict(),
        "rates": report_rates(earlier, earlier.total, all_formulas),
        "coverage": coverage_json(earlier.coverage),
        "working_days": {"now": report.working_days, "then": earlier.working_days},
        "differences": None if reason else _differences(report, earlier),
        "reason": reason,
    }


def _differences(report: Report, earlier: Report) -> dict[str, Any]:
    now, then = report.counts.as_dict(), earlier.counts.as_dict()
    points = {}
    for rates, before in zip(report.rates, earlier.rates, strict=True):
        changes = ((name, change_in_points(rate, before.rates[name])) for name, rate in rates.rates.items())
        points[rates.formula.id] = {name: _change(change, rates.decimals) for name, change in changes}
    return {"counts": {name: number - then[name] for name, number in now.items()}, "rates": points}


def _change(change: Fraction | None, decimals: int, lang: str = "vi") -> dict[str, Any]:
    """Return a change in percentage points, signed, and in words: "giảm 0,4 điểm phần trăm"."""
    if change is None:
        return {"points": None, "text": None}
    return {"points": half_up(change, decimals), "text": change_text(change, decimals, lang)}
