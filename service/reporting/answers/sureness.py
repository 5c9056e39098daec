"""How sure rates are, as plain values: their intervals, and where each group stands among the others."""

from fractions import Fraction
from typing import Any

from service.domain.statistics.formulas import Rate, Rates
from service.domain.statistics.intervals import SMALL, Interval, funnel_limits, position, rank_ranges, wilson
from service.domain.statistics.questions import Report
from service.domain.statistics.rounding import half_up


def sureness_json(rate: Rate, decimals: int) -> dict[str, Any]:
    """Return a rate's 95 % Wilson interval, and whether the rate is one of few dossiers."""
    interval = wilson(rate.numerator, rate.denominator)
    return {"interval": interval and _percents(interval, decimals), "small": rate.denominator < SMALL}


def standings(report: Report) -> dict[str, list[dict[str, Any]]]:
    """Return for each formula where each group stands by its headline rate: in the funnel, and its rank."""
    by_formula = {}
    of_groups = [report.question.rates(group.counts) if group.sent else None for group in report.groups]
    for number, whole in enumerate(report.rates):
        rates = [of_group[number].headline if of_group else None for of_group in of_groups]
        ranks = rank_ranges([wilson(rate.numerator, rate.denominator) if rate else None for rate in rates])
        by_formula[whole.formula.id] = [
            {"funnel": rate and _funnel_json(whole, rate), "rank": rank and {"from": rank[0], "to": rank[1]}}
            for rate, rank in zip(rates, ranks, strict=True)
        ]
    return by_formula


def _funnel_json(whole: Rates, rate: Rate) -> dict[str, Any] | None:
    limits = funnel_limits(whole.headline.numerator, whole.headline.denominator, rate.denominator)
    if limits is None:
        return None
    shown = {name: _percents(interval, whole.decimals) for name, interval in limits._asdict().items()}
    return {**shown, "position": position(rate.numerator, rate.denominator, limits)}


def _percents(interval: Interval, decimals: int) -> dict[str, str]:
    return {name: half_up(Fraction(100 * end), decimals) for name, end in interval._asdict().items()}
