"""The portal widget with the options of a portal (variant, comparison, views): the same for element, frame and API."""

from dataclasses import replace
from typing import Any

from flask import request

from service.domain.statistics.questions import Report
from service.http.addresses import details_url
from service.http.request import answer, answered_in_total, components, is_stale, now
from service.reporting.answers.comparison_json import with_change
from service.reporting.portal.views_json import views_json
from service.reporting.portal.widget_table import TABLES, question_of, widget_table
from service.reporting.report_json import WORDS, widget_json
from service.schemas.question_input import RequestedQuestion, choice

VARIANTS = ("card", "line", "strip", *TABLES)


def portal_widget(unit: str) -> tuple[RequestedQuestion, Report, dict[str, Any]]:
    """Return this request's question about a unit, the report that answers it, and the widget that shows it."""
    question, report = answered_in_total(unit)
    content = widget_json(report, is_stale(report), details_url(report.unit.code), question.lang)
    content = with_change(content, report, question.lang)
    variant = choice("variant", request.args.get("variant"), VARIANTS)
    if variant in TABLES:
        of_table = replace(question, question=question_of(variant, question.question))
        content["table"] = widget_table(variant, answer(of_table), question.lang)
    if choice("counter", request.args.get("counter"), ("off", "on")) == "on":
        with components().database.reading() as session:
            views = views_json(session, report.unit.code, now())["total"]
        content["views"] = views
        content["text"]["views"] = WORDS[question.lang]["views"].format(**views)
    return question, report, content
