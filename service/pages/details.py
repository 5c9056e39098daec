"""The page behind "Chi tiết": one question, its answer from every side, and how to check it."""

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
from service.reporting.unit_details import Details, details, trend_grain
from service.reporting.words.numbers import percent
from service.reporting.words.sentences import summary
from service.store import catalogue

SHOWN_BUCKETS = 36
Json = dict[str, Any]


def details_values(unit: str) -> Json:
    """Return what the template of a unit's page shows."""
    requested = requested_question(unit)
    # The page shows one formula large; `all` of the API means the default here, all are listed below it.
    plain = replace(requested.question, group_by=(), formulas=requested.question.formulas[:1])
    parts, say = components(), in_language(requested.lang)
    with parts.database.reading() as session:
        sides = details(session, plain, parts.hours)
        tree = catalogue.unit_tree(session)
        made_up = links.note(session, sides.by_unit.unit.code, now())
        taken = durations(session, plain, "ended", parts.hours).total if request.args.get("days") == "1" else None
    units, fields = _sub_units(sides, requested.lang), _compared(sides.by_field, requested.lang)
    ranks = [tuple(unit["rank"].values()) for unit in units if unit["rank"]]
    return {
        **_frame(sides, say, requested.lang),
        **_numbers(sides, requested.lang),
        "trend": _trend(sides, tree, requested.lang),
        "summary": summary(sides.by_unit, sides.year_before, measured(sides.by_unit, tree), requested.lang),
        "units": units,
        "ranked": len({*ranks}) > 1 if len(ranks) > 1 else None,
        "units_funnel": _funnel(sides.by_unit, units),
        "fields": fields,
        "fields_funnel": _funnel(sides.by_field, fields),
        "channels": _channels(sides, requested.lang),
        "ages": _ages(sides, say),
        "warnings": [
            {"text": say(WARNINGS[kind].vi, WARNINGS[kind].en) if kind in WARNINGS else kind, "count": count}
            for kind, count in sides.warnings.items()
        ],
        "made_up": made_up,
        "days": _days(taken) if taken else None,
    }


def _frame(sides: Details, say: Say, lang: str) -> Json:
    unit, question = sides.by_unit.unit, sides.by_unit.question
    path = unit_path(unit.code)
    periods = usual_periods(local_day(question.as_of), question.calendar)
    if question.period.name not in [period.name for period in periods]:
        periods.insert(0, question.period)
    return {
        "lang": lang,
        "unit": unit,
        "unit_name": unit.name or unit.code,
        "ancestors": sides.by_unit.ancestors[::-1],
        "path": path,
        "params": question_parameters(),
        "question": question,
        "period_label": say(question.period.label, question.period.label_en),
        "periods": [(period.name, say(period.label, period.label_en)) for period in periods],
        "formulas": _formulas(sides.by_unit),
        "as_of": local_clock(question.as_of),
        "sorting": Sorting.of_request(),
    }


def _numbers(sides: Details, lang: str) -> Json:
    report = sides.by_unit
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
    """Return the same counts under every formula, so that published rates can be compared.

    A cohort is other dossiers than those of the period; it is shown where it was asked for.
    """
    question = report.question
    shown = [formula for formula in FORMULAS.values() if question.with_cohort or not formula.needs_cohort]
    return replace(question, formulas=tuple(shown)).rates(report.counts)


def groups_of(report: Report, lang: str) -> list[Json]:
    """Return the groups of an answer, each with its rate and how that is written."""
    headline = report.question.formulas[0].headline
    groups: list[Json] = stats_json(report, False, all_formulas=False)["groups"]
    for group in groups:
        group["rate"] = group["rates"][headline]
        group["percent"] = percent(group["rate"]["percent"], lang)
    return groups


def _compared(report: Report, lang: str) -> list[Json]:
    """Return groups that are compared, each with its place in the funnel."""
    groups = groups_of(report, lang)
    for group, standing in zip(groups, standings(report)[report.question.formulas[0].id], strict=True):
        group |= standing
    return groups


def units_of(report: Report, lang: str) -> list[Json]:
    """Return the units of an answer, each with where it leads and its place in the funnel."""
    groups = _compared(report, lang)
    for group in groups:
        own = group["key"]["code"] == report.unit.code
        group["own"] = own
        group["href"] = None if own else link(unit_path(group["key"]["code"]))
    return groups


def _sub_units(sides: Details, lang: str) -> list[Json]:
    # A unit without dossiers of its own is no row of its own.
    groups = units_of(sides.by_unit, lang)
    shown = [group for group in groups if not (group["own"] and not any(group["counts"].values()))]
    return in_order(shown, Sorting.of_request())


def _channels(sides: Details, lang: str) -> list[Json]:
    groups, say = groups_of(sides.by_channel, lang), in_language(lang)
    for group in groups:
        group["key"]["name"] = say(group["key"]["name"], CHANNELS_EN[group["key"]["code"]])
    return groups


def _ages(sides: Details, say: Say) -> Json:
    rows = []
    most = max(group.in_progress for group in sides.ages)
    for age, group in zip(AGES, sides.ages, strict=True):
        counts = group.counts.as_dict()
        parts = [(name, counts[name]) for name in ("open_in_time", "open_overdue", "paused")]
        rows.append({"name": say(age.vi, age.en), "counts": counts, "bar": stacked(parts, most)})
    total = sum((group.counts for group in sides.ages), Counts())
    return {"rows": rows, "total": total.as_dict()}


def _days(taken: Durations) -> Json:
    """Return how long dossiers took: the middle, nine of ten, and a column for each number of working days."""
    classes = taken.histogram()
    counts = [classes.get(day, 0) for day in range(max(classes, default=-1) + 1)]
    median = taken.median
    return {
        "dossiers": taken.dossiers,
        "median": None if median is None else str(float(median)),
        "p90": taken.p90,
        "last_day": taken.distances().get(0, 0),
        "counts": counts,
        "longest": LAST_CLASS,
        "chart": histogram(counts, taken.p90),
    }


def _trend(sides: Details, tree: UnitTree, lang: str) -> Json | None:
    """Return the trend as a chart and the rows of its table; the newest buckets when there are many."""
    if sides.trend is None:
        return None
    everything = named_buckets(sides.trend, lang)
    groups = everything[-SHOWN_BUCKETS:]
    target = measured(replace(sides.trend, groups=sides.trend.groups[-SHOWN_BUCKETS:]), tree)
    return {
        "rows": groups,
        "left_out": len(everything) - len(groups),
        "grain": trend_grain(sides.trend.question),
        "target": target,
        "chart": trend(
            groups, _a_year_before(sides, len(everything), lang), short_names(groups), target and target.percent
        ),
    }


def _a_year_before(sides: Details, buckets: int, lang: str) -> list[Json]:
    """Return the buckets of a year before that stand under those shown; none where they do not pair."""
    groups = groups_of(sides.year_before, lang)
    return groups[-SHOWN_BUCKETS:] if len(groups) == buckets else []


def named_buckets(report: Report, lang: str) -> list[Json]:
    """Return the groups of an answer by day or month, named as people name these."""
    groups, question, say = groups_of(report, lang), report.question, in_language(lang)
    for group in groups:
        period = parse_period(group["key"]["code"], local_day(question.as_of), question.calendar)
        group["name"] = say(period.label, period.label_en)
    return groups


def short_names(groups: list[Json]) -> list[str]:
    """Return what stands under the columns of days or months: 04/10, 10/2023."""
    return ["/".join(reversed(group["key"]["code"].split("-")[-2:])) for group in groups]


def measured(report: Report, tree: UnitTree) -> Measured | None:
    """Return how the units or months of an answer stand to their targets; None for formulas that have none."""
    return measure_targets(report, components().settings.targets_by_unit, tree)


def _funnel(report: Report, groups: list[Json]) -> Json | None:
    whole = report.rates[0].headline
    return funnel(groups, (whole.numerator, whole.denominator))
