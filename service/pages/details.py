"""The page behind "Chi tiết": one question, its answer by every grouping, and how to check it."""

from dataclasses import replace
from typing import Any

from flask import request

from service.domain.calendar.local_time import local_clock, local_day
from service.domain.calendar.periods import parse_period, usual_periods
from service.domain.dossier.data_warnings import WARNINGS
from service.domain.statistics.counts import Counts
from service.domain.statistics.durations import LAST_CLASS, Durations
from service.domain.statistics.formulas import FORMULAS, Rates
from service.domain.statistics.questions import AGES, Report
from service.domain.statistics.targets import Measured, measure_targets
from service.domain.units import UnitTree
from service.http.addresses import question_parameters, unit_path
from service.http.request import components, is_stale, now, requested_question
from service.pages import links
from service.pages.charts.bars import histogram, stacked
from service.pages.charts.funnel import funnel
from service.pages.charts.trend import trend
from service.pages.labels import CHANNELS_EN, RATES, Say, in_language, worked
from service.pages.links import link
from service.pages.sorting import Sorting, in_order
from service.reporting.answers.durations import durations
from service.reporting.answers.sureness import standings
from service.reporting.report_json import stats_json, widget_json
from service.reporting.unit_details import Details, trend_grain, unit_details
from service.reporting.words.numbers import percent
from service.reporting.words.sentences import summary
from service.store import catalogue

SHOWN_BUCKETS = 36
Json = dict[str, Any]


def details_values(unit: str) -> Json:
    """Return what the template of a unit's page shows."""
    requested = requested_question(unit)
    # The page shows one formula large and lists all below, so `formula=all` is the default formula here.
    plain = replace(requested.question, group_by=(), formulas=requested.question.formulas[:1])
    parts, say = components(), in_language(requested.lang)
    with parts.database.reading() as session:
        details = unit_details(session, plain, parts.hours)
        tree = catalogue.unit_tree(session)
        made_up = links.note(session, details.by_unit.unit.code, now())
        used = durations(session, plain, "ended", parts.hours).total if request.args.get("days") == "1" else None
    units, fields = _sub_units(details, requested.lang), _compared(details.by_field, requested.lang)
    ranks = [tuple(unit["rank"].values()) for unit in units if unit["rank"]]
    return {
        **_frame(details, say, requested.lang),
        **_numbers(details, requested.lang),
        "trend": _trend(details, tree, requested.lang),
        "summary": summary(details.by_unit, details.year_before, measured(details.by_unit, tree), requested.lang),
        "units": units,
        "ranked": len({*ranks}) > 1 if len(ranks) > 1 else None,
        "units_funnel": _funnel(details.by_unit, units),
        "fields": fields,
        "fields_funnel": _funnel(details.by_field, fields),
        "channels": _channels(details, requested.lang),
        "ages": _ages(details, say),
        "warnings": [
            {"text": say(WARNINGS[kind].vi, WARNINGS[kind].en) if kind in WARNINGS else kind, "count": count}
            for kind, count in details.warnings.items()
        ],
        "made_up": made_up,
        "days": _days(used) if used else None,
    }


def _frame(details: Details, say: Say, lang: str) -> Json:
    unit, question = details.by_unit.unit, details.by_unit.question
    path = unit_path(unit.code)
    periods = usual_periods(local_day(question.as_of), question.calendar)
    if question.period.name not in [period.name for period in periods]:
        periods.insert(0, question.period)
    return {
        "lang": lang,
        "unit": unit,
        "unit_name": unit.name or unit.code,
        "ancestors": details.by_unit.ancestors[::-1],
        "path": path,
        "params": question_parameters(),
        "question": question,
        "period_label": say(question.period.label, question.period.label_en),
        "periods": [(period.name, say(period.label, period.label_en)) for period in periods],
        "formulas": _formulas(details.by_unit),
        "as_of": local_clock(question.as_of),
        "sorting": Sorting.of_request(),
    }


def _numbers(details: Details, lang: str) -> Json:
    report = details.by_unit
    formula = report.question.formulas[0]
    ratio = formula.ratios[formula.headline]
    rates = report.rates[0].rates
    late = rates.get("late")
    stale = is_stale(report)
    return {
        "widget": widget_json(report, stale, "", lang),
        "stats": stats_json(report, stale, all_formulas=False),
        "stale": stale,
        "rate": percent(rates[formula.headline].percent, lang),
        "late_rate": percent(late.percent if late else None, lang),
        "rate_name": RATES[formula.headline][lang == "en"],
        "formula": formula,
        "formula_title": in_language(lang)(*formula.title),
        "explanation": formula.explanation(lang),
        "above": worked(ratio.above, report.counts, lang),
        "below": worked(ratio.below, report.counts, lang),
    }


def _formulas(report: Report) -> tuple[Rates, ...]:
    """Return the rates of the same counts by every formula, so that published rates can be compared.

    A cohort holds other dossiers than the period does, so its formula is left out unless it was asked for.
    """
    question = report.question
    shown = [formula for formula in FORMULAS.values() if question.with_cohort or not formula.needs_cohort]
    return replace(question, formulas=tuple(shown)).rates(report.counts)


def groups_of(report: Report, lang: str) -> list[Json]:
    """Return the groups of an answer, each with its headline rate, also as text."""
    headline = report.question.formulas[0].headline
    groups: list[Json] = stats_json(report, False, all_formulas=False)["groups"]
    for group in groups:
        group["rate"] = group["rates"][headline]
        group["percent"] = percent(group["rate"]["percent"], lang)
    return groups


def _compared(report: Report, lang: str) -> list[Json]:
    """Return the groups of an answer, each with its place in the funnel."""
    groups = groups_of(report, lang)
    for group, standing in zip(groups, standings(report)[report.question.formulas[0].id], strict=True):
        group |= standing
    return groups


def units_of(report: Report, lang: str) -> list[Json]:
    """Return the units of an answer, each with its link and its place in the funnel."""
    groups = _compared(report, lang)
    for group in groups:
        own = group["key"]["code"] == report.unit.code
        group["own"] = own
        group["href"] = None if own else link(unit_path(group["key"]["code"]))
    return groups


def _sub_units(details: Details, lang: str) -> list[Json]:
    # A unit without dossiers of its own is no row of its own.
    groups = units_of(details.by_unit, lang)
    shown = [group for group in groups if not (group["own"] and not any(group["counts"].values()))]
    return in_order(shown, Sorting.of_request())


def _channels(details: Details, lang: str) -> list[Json]:
    groups, say = groups_of(details.by_channel, lang), in_language(lang)
    for group in groups:
        group["key"]["name"] = say(group["key"]["name"], CHANNELS_EN[group["key"]["code"]])
    return groups


def _ages(details: Details, say: Say) -> Json:
    rows = []
    most = max(group.in_progress for group in details.ages)
    for age, group in zip(AGES, details.ages, strict=True):
        counts = group.counts.as_dict()
        parts = [(name, counts[name]) for name in ("open_in_time", "open_overdue", "paused")]
        rows.append({"name": say(age.vi, age.en), "counts": counts, "bar": stacked(parts, most)})
    total = sum((group.counts for group in details.ages), Counts())
    return {"rows": rows, "total": total.as_dict()}


def _days(used: Durations) -> Json:
    """Return how many working days dossiers used: median, p90, and a column for each number of days."""
    classes = used.histogram()
    counts = [classes.get(day, 0) for day in range(max(classes, default=-1) + 1)]
    median = used.median
    return {
        "dossiers": used.dossiers,
        "median": None if median is None else str(float(median)),
        "p90": used.p90,
        "last_day": used.distances().get(0, 0),
        "counts": counts,
        "longest": LAST_CLASS,
        "chart": histogram(counts, used.p90),
    }


def _trend(details: Details, tree: UnitTree, lang: str) -> Json | None:
    """Return the trend as a chart and as a table; of many buckets only the newest SHOWN_BUCKETS."""
    if details.trend is None:
        return None
    everything = named_buckets(details.trend, lang)
    groups, before = everything[-SHOWN_BUCKETS:], groups_of(details.year_before, lang)
    before = before if len(before) == len(everything) else []  # else they are not the same days or months
    target = measured(replace(details.trend, groups=details.trend.groups[-SHOWN_BUCKETS:]), tree)
    return {
        "rows": groups,
        "left_out": len(everything) - len(groups),
        "grain": trend_grain(details.trend.question),
        "target": target,
        "chart": trend(groups, before[-SHOWN_BUCKETS:], short_names(groups), target and target.percent),
    }


def named_buckets(report: Report, lang: str) -> list[Json]:
    """Return the groups of an answer by day or month, each with its label as name."""
    groups, question, say = groups_of(report, lang), report.question, in_language(lang)
    for group in groups:
        period = parse_period(group["key"]["code"], local_day(question.as_of), question.calendar)
        group["name"] = say(period.label, period.label_en)
    return groups


def short_names(groups: list[Json]) -> list[str]:
    """Return what stands under the columns of days or months: 04/10, 10/2023."""
    return ["/".join(reversed(group["key"]["code"].split("-")[-2:])) for group in groups]


def measured(report: Report, tree: UnitTree) -> Measured | None:
    """Return how many groups of an answer meet their targets; None for a formula without a target."""
    return measure_targets(report, components().settings.targets_by_unit, tree)


def _funnel(report: Report, groups: list[Json]) -> Json | None:
    whole = report.rates[0].headline
    return funnel(groups, (whole.numerator, whole.denominator))
