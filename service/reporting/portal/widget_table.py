"""The table in a widget: the units below one, with ranks where the numbers allow them, or thirteen months."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from service.domain.calendar.local_time import local_day
from service.domain.calendar.periods import free_period
from service.domain.statistics.questions import Question, Report
from service.reporting.portal.axes import dot, ends
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
    """Return the columns and the rows of a table as they are printed; a dot is given by its place on the axis.

    When all units have the same rank, they stand by name without ranks, and a note says why.
    """
    groups = stats_json(report, False, all_formulas=False)["groups"]
    groups = [group for group in groups if group["counts"]["workload"] != 0]
    ranks = [rank for group in groups if (rank := _rank(group))]
    if variant == "chart":
        groups.reverse()  # the newest month is seen first
    elif variant == "ranking" and len({*ranks}) > 1:
        groups.sort(key=lambda group: _rank(group) or (len(groups),))
    elif variant == "ranking":
        variant = "unranked"
    words, axis = WORDS[lang], ends(_headline(report, group) for group in groups)
    rows = [_row(variant, report, group, axis, lang) for group in groups]
    table: Json = {"columns": words["columns"][variant], "rows": rows}
    if variant != "table":
        whole = dot(vars(report.rates[0].headline), axis)
        table["axis"] = {"low": f"{axis[0]:g}", "high": f"{axis[1]:g}%", "whole": whole and whole["at"]}
    if variant != "chart":
        table["more"] = words["more"].format(len(rows))
    if variant == "unranked" and len(ranks) > 1:
        table["note"] = words["unranked"].format(len(ranks))
    return table


def _headline(report: Report, group: Json) -> Json:
    rate: Json = group["rates"][report.question.formulas[0].headline]
    return rate


def _rank(group: Json) -> tuple[int, ...]:
    """Return the best and the worst rank of a group; one rank where both are the same, none where there is no rank."""
    return tuple(sorted({*(group["rates"].get("rank") or {}).values()}))


def _row(variant: str, report: Report, group: Json, axis: tuple[float, float], lang: str) -> Json:
    headline, counts = _headline(report, group), group["counts"]
    row: Json = {"name": _name(variant, report, group, lang), "cells": [percent_text(headline["percent"])]}
    if variant == "ranking":
        row["cells"].append("–".join(map(str, _rank(group))) or NO_RATE)
    elif variant == "table":
        row["cells"] += [NO_RATE if counts[name] is None else str(counts[name]) for name in ("workload", "late")]
    if variant != "table":
        row["dot"] = dot(headline, axis)
    if interval := headline.get("interval"):
        row["interval"] = f"{interval['low']}–{interval['high']}%"
    return row


def _name(variant: str, report: Report, group: Json, lang: str) -> str:
    code: str = group["key"]["code"]
    if variant == "chart":
        return "/".join(reversed(code.split("-")))
    name: str = group["key"]["name"] or code
    return WORDS[lang]["own"].format(name) if code == report.unit.code else name
