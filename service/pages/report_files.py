"""Form II.06a/VPCP/KSTT of a unit, as .xlsx, JSON and CSV."""

from dataclasses import replace

import orjson
from flask import Blueprint, Response

from service.domain.statistics.questions import Report
from service.http.request import answer, requested_question
from service.http.response_cache import Rendered, public_answer
from service.http.responses import rendered_json
from service.pages import report_form

blueprint = Blueprint("reports", __name__)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/units/<unit>/report.json")
def report_json(unit: str) -> Response:
    """Return the form as JSON."""
    return public_answer(lambda: _json(_report(unit)))


@blueprint.get("/units/<unit>/report.csv")
def report_csv(unit: str) -> Response:
    """Return the form's table as CSV."""
    return public_answer(lambda: _csv(_report(unit)))


@blueprint.get("/units/<unit>/report.xlsx")
def report_xlsx(unit: str) -> Response:
    """Return the form as a workbook."""
    return public_answer(lambda: _xlsx(_report(unit)))


def _report(unit: str) -> Report:
    requested = requested_question(unit)
    return answer(replace(requested, question=replace(requested.question, group_by=("field",))))


def _json(found: Report) -> Rendered:
    return rendered_json(report_form.as_json(report_form.fill(found), found))


def _csv(found: Report) -> Rendered:
    body = report_form.as_csv(report_form.fill(found))
    return Rendered(body, "text/csv; charset=utf-8", body, _attachment(found, "csv"))


def _xlsx(found: Report) -> Rendered:
    filled = report_form.fill(found)
    content = report_form.as_json(filled, found) | {"as_of": None}  # a workbook carries the moment it was made
    return Rendered(report_form.as_xlsx(filled), _XLSX, orjson.dumps(content), _attachment(found, "xlsx"))


def _attachment(found: Report, ending: str) -> str:
    name = f"II.06a-{found.unit.code}-{found.question.period.name}".replace("/", "_")
    return f'attachment; filename="{name}.{ending}"'
