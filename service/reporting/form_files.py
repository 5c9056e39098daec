"""The form II.06a as JSON and CSV; service/pages/files makes the workbook."""

from typing import Any

from service.domain.calendar.local_time import local_clock, local_iso
from service.domain.statistics.questions import Report
from service.formats.csv_files import write_csv
from service.reporting.form import COLUMN_2, NUMBERS, Form, FormRow, flat_header
from service.reporting.report_json import period_json
from service.schemas.answers.form import CELLS


def form_json(form: Form, report: Report, consolidated: Form | None) -> dict[str, Any]:
    """Return the form as plain values; that of a province has the consolidated form inside."""
    content: dict[str, Any] = {
        "form": "II.06a/VPCP/KSTT",
        "unit": {"code": report.unit.code, "name": report.unit.name},
        "period": period_json(report.question.period),
        "calendar": report.question.calendar.text(),
        "as_of": local_iso(report.question.as_of),
        "columns": dict(zip(CELLS, NUMBERS[2:], strict=True)),
        **_table_json(form),
    }
    return content | ({"consolidated": _table_json(consolidated)} if consolidated else {})


def _table_json(form: Form) -> dict[str, Any]:
    return {
        "title": form.title,
        "lines": list(form.lines),
        "rows": [_row_json(row) for row in form.rows],
        "total": _row_json(form.total),
        "without_column": form.total.without_column,
        "row_notes": [
            {"field": {"code": row.code, "name": row.name}, "without_column": row.without_column, "note": row.note}
            for row in (*form.rows, form.total)
            if row.note
        ],
        "notes": list(form.notes),
        "place_and_date": form.place_and_date,
    }


def _row_json(row: FormRow) -> dict[str, Any]:
    return {
        "number": int(row.number) if row.number.isdecimal() else None,
        "field": {"code": row.code, "name": row.name},
        **dict(zip(CELLS, row.cells, strict=True)),
    }


def form_csv(form: Form, report: Report) -> bytes:
    """Return the form's table as CSV: one header row, the numbers of the columns, then the rows.

    Each row also has its note, and the question: a file is passed on without its address.
    """
    period = report.question.period
    question = (
        report.unit.code, report.unit.name, period.label, f"{period.first:%d/%m/%Y}", f"{period.last:%d/%m/%Y}",
        local_clock(report.question.as_of), report.question.calendar.text(),
    )  # fmt: skip
    heads = ("Ghi chú", "Mã đơn vị", "Đơn vị báo cáo", "Kỳ báo cáo", "Từ ngày", "Đến ngày", "Số liệu tính đến", "Lịch")
    header = ["TT", COLUMN_2, *flat_header(), *heads]
    rows = ([row.number, row.name, *row.cells, row.note, *question] for row in (*form.rows, form.total))
    return write_csv([header, NUMBERS, *rows])
