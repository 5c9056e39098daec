"""The routes of a unit's files: form II.06a/VPCP/KSTT as .xlsx, JSON and CSV; the answer by groups as a workbook."""

import orjson
from flask import Blueprint, request

from service.domain.calendar.local_time import local_clock
from service.domain.statistics.questions import Report
from service.http.request import answer, components, requested_question
from service.http.response_cache import Rendered, public
from service.http.responses import XLSX, rendered_json
from service.pages.files.form_workbook import form_workbook
from service.pages.files.table_workbook import table_workbook
from service.reporting.answers.comparison_json import answer_json
from service.reporting.form import Form, fill, fill_consolidated, form_reports
from service.reporting.form_files import form_csv, form_json
from service.schemas.question_input import QueryError

blueprint = Blueprint("reports", __name__)


@public(blueprint, "/units/<unit>/table.xlsx")
def table_xlsx(unit: str) -> Rendered:
    """Return the answer by groups as a workbook for people."""
    requested = requested_question(unit)
    answered = answer(requested)
    body = table_workbook(answered, requested.lang)
    by = "-".join(answered.question.group_by) or "total"
    name = f"{answered.unit.code}-{answered.question.period.name}-{by}.xlsx"
    etag_source = orjson.dumps(answer_json(answered, False, requested.all_formulas) | {"as_of": None})
    return Rendered(body, XLSX, etag_source, name)


def _filled(unit: str) -> tuple[Report, Form, Form | None]:
    requested, parts = requested_question(unit), components()
    with parts.database.reading() as session:
        by_field, by_level = form_reports(session, requested.question, parts.hours)
    return by_field, fill(by_field), fill_consolidated(by_level) if by_level else None


@public(blueprint, "/units/<unit>/report.json")
def report_json(unit: str) -> Rendered:
    """Return the form as JSON."""
    report, form, consolidated = _filled(unit)
    return rendered_json(form_json(form, report, consolidated))


@public(blueprint, "/units/<unit>/report.csv")
def report_csv(unit: str) -> Rendered:
    """Return the form's table as CSV."""
    report, form, consolidated = _filled(unit)
    wanted = request.args.get("consolidated") or "0"
    if wanted not in ("0", "1") or (wanted == "1" and consolidated is None):
        raise QueryError({"consolidated": ["Dùng 1 cho biểu tổng hợp của một tỉnh, hoặc 0 (1: of a province, or 0)"]})
    body = form_csv(consolidated if wanted == "1" and consolidated else form, report)
    etag_source = body.replace(local_clock(report.question.as_of).encode(), b"")  # without the moment of asking
    return Rendered(body, "text/csv; charset=utf-8", etag_source, _filename(report, "csv"))


@public(blueprint, "/units/<unit>/report.xlsx")
def report_xlsx(unit: str) -> Rendered:
    """Return the form as a workbook."""
    report, form, consolidated = _filled(unit)
    sheets = [("II.06a", form)]
    if consolidated:
        sheets.append(("Tổng hợp theo cấp", consolidated))
    content = form_json(form, report, consolidated) | {"as_of": None, "lines": None}
    return Rendered(form_workbook(sheets), XLSX, orjson.dumps(content), _filename(report, "xlsx"))


def _filename(report: Report, ending: str) -> str:
    return f"II.06a-{report.unit.code}-{report.question.period.name}.{ending}"
