"""The table in a widget: the units below one in ranks no finer than their numbers allow, or the months of a year."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from service.domain.calendar.local_time import local_day
from service.domain.calendar.periods import free_period, parse_period
from service.domain.statistics.questions import Question, Report
from service.reporting.report_json import NO_RATE, WORDS, percent_text, stats_json

Json = dict[str, Any]
TABLES = ("ranking", "table", "chart")
"""The variants of the widget that hold a table."""
_YEAR = timedelta(days=365)


def question_of(variant: str, question: Question) -> Question:
    """Return the question that a variant asks: by unit over the same period, or by month over the last thirteen."""
    if variant != "chart":
        return replace(question, group_by=("unit",))
    last = min(local_day(question.as_of), question.period.last)
    return replace(question, group_by=("month",), period=free_period((last - _YEAR).replace(day=1), last))


def widget_table(variant: str, report: Report, lang: str) -> Json:
    """Return the columns and the rows of a table as they are printed; a bar's ends are drawing, in percent."""
    groups = stats_json(report, False, all_formulas=False)["groups"]
    if variant == "ranking":
        groups.sort(key=lambda group: sorted((group["rates"]["rank"] or {"none": len(groups)}).values()))
    rows = [_row(variant, report, group, lang) for group in groups if group["counts"]["workload"] != 0]
    return {"columns": WORDS[lang]["columns"][variant], "rows": rows}


def _row(variant: str, report: Report, group: Json, lang: str) -> Json:
    formula = report.question.formulas[0]
    headline, counts = group["rates"][formula.headline], group["counts"]
    interval = headline.get("interval")
    row: Json = {"name": _name(variant, report, group, lang), "cells": [percent_text(headline["percent"])]}
    if variant == "ranking":
        places = sorted({*(group["rates"]["rank"] or {}).values()})
        row["cells"].append("–".join(map(str, places)) or NO_RATE)
    elif variant == "table":
        row["cells"] += [NO_RATE if counts[name] is None else str(counts[name]) for name in ("workload", "late")]
    if headline["percent"] is not None and variant != "table":
        row["bar"] = {"value": headline["percent"], **(interval or {})}
    if interval:
        row["interval"] = f"{interval['low']}–{interval['high']}%"
    return row


def _name(variant: str, report: Report, group: Json, lang: str) -> str:
    code: str = group["key"]["code"]
    if variant != "chart":
        name: str = group["key"]["name"] or code
        return WORDS[lang]["own"].format(name) if code == report.unit.code else name
    month = parse_period(code, local_day(report.question.as_of), report.question.calendar)
    return month.label if lang == "vi" else month.label_en
