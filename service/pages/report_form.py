"""Form II.06a/VPCP/KSTT (Circular 01/2020/TT-VPCP): its content, and the same content as JSON, CSV and .xlsx.

The form has no column for withdrawn, stopped, no-deadline and paused dossiers. Local practice puts the first three in
(9), on time, and the paused ones in (12), in time; a note under the table says so, with their counts. So its three
identities hold in every row: (3) = (4) + (5) + (6) = (7) + (11), (7) = (8) + (9) + (10), (11) = (12) + (13).
"""

import io
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from service.domain.calendar.local_time import local_clock, local_iso
from service.domain.statistics.counts import Counts
from service.domain.statistics.questions import Report
from service.formats.csv_files import write_csv

NO_FIELD = "Chưa có lĩnh vực"
TITLE = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH TẠI CƠ QUAN, ĐƠN VỊ"
FORM = "Biểu số II.06a/VPCP/KSTT"
LAW = "Ban hành theo Thông tư số 01/2020/TT-VPCP"

HEADER = (
    (0, 0, 2, 0, "TT"),
    (0, 1, 2, 1, "Lĩnh vực giải quyết"),
    (0, 2, 0, 5, "Số lượng hồ sơ tiếp nhận"),
    (1, 2, 2, 2, "Tổng số"),
    (1, 3, 1, 4, "Trong kỳ"),
    (2, 3, 2, 3, "Trực tuyến"),
    (2, 4, 2, 4, "Trực tiếp, dịch vụ bưu chính"),
    (1, 5, 2, 5, "Từ kỳ trước"),
    (0, 6, 0, 9, "Số lượng hồ sơ đã giải quyết"),
    (1, 6, 2, 6, "Tổng số"),
    (1, 7, 2, 7, "Trước hạn"),
    (1, 8, 2, 8, "Đúng hạn"),
    (1, 9, 2, 9, "Quá hạn"),
    (0, 10, 0, 12, "Số lượng hồ sơ đang giải quyết"),
    (1, 10, 2, 10, "Tổng số"),
    (1, 11, 2, 11, "Trong hạn"),
    (1, 12, 2, 12, "Quá hạn"),
)
"""The three header rows as spans: first row, first column, last row, last column, text."""

NUMBERS = (
    "(1)", "(2)", "(3)=(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=(8)+(9)+(10)", "(8)", "(9)", "(10)",
    "(11)=(12)+(13)", "(12)", "(13)",
)  # fmt: skip

KEYS = (
    "received_total", "received_online", "received_direct_and_postal", "carried_over", "resolved_total", "early",
    "on_time", "late", "in_progress_total", "in_time", "overdue",
)  # fmt: skip
"""The names of columns (3) to (13) in JSON."""


@dataclass(frozen=True)
class Row:
    """One row of the form: a field or the total, with columns (3) to (13)."""

    number: int | None
    name: str
    code: str | None
    cells: tuple[int, ...]


@dataclass(frozen=True)
class Form:
    """The form's content: its title block, rows, total and note."""

    lines: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row
    notes: tuple[str, ...]


def fill(report: Report) -> Form:
    """Fill the form from a report grouped by field."""
    period, unit = report.question.period, report.unit
    rows = tuple(
        Row(number, group.key.name or group.key.code or NO_FIELD, group.key.code, cells_of(group.counts))
        for number, group in enumerate((g for g in report.groups if _shown(g.counts)), 1)
    )
    lines = (
        f"Đơn vị báo cáo: {unit.name or unit.code} ({unit.code})",
        f"Kỳ báo cáo: {period.label} (từ ngày {period.first:%d/%m/%Y} đến ngày {period.last:%d/%m/%Y})",
        f"Số liệu tính đến: {local_clock(report.question.as_of)}",
    )
    return Form(lines, rows, Row(None, "Tổng cộng", None, cells_of(report.counts)), notes_of(report.counts))


def _shown(counts: Counts) -> bool:
    return counts.workload > 0


def cells_of(c: Counts) -> tuple[int, ...]:
    """Return columns (3) to (13)."""
    on_time = c.on_time + c.no_deadline + c.withdrawn + c.stopped
    in_time = c.open_in_time + c.paused
    return (
        c.workload,
        c.received_online,
        c.received_direct + c.received_postal,
        c.carried_over,
        c.closed,
        c.early,
        on_time,
        c.late,
        c.in_progress,
        in_time,
        c.open_overdue,
    )


def notes_of(c: Counts) -> tuple[str, ...]:
    """Say what the form has no column for, and how many there are."""
    return (
        f"Ghi chú: cột (9) gồm cả {c.withdrawn} hồ sơ công dân rút, {c.stopped} hồ sơ dừng xử lý"
        f" và {c.no_deadline} hồ sơ đã xong không xác định được hạn; cột (12) gồm cả {c.paused} hồ sơ tạm dừng"
        f" (chờ bổ sung giấy tờ hoặc thực hiện nghĩa vụ tài chính) và {c.open_no_deadline} hồ sơ đang xử lý"
        " không có hạn. Biểu không có cột riêng cho các hồ sơ này.",
        f"Note: column (9) includes {c.withdrawn} withdrawn, {c.stopped} stopped and {c.no_deadline} resolved"
        f" dossiers without a deadline; column (12) includes {c.paused} paused and {c.open_no_deadline} open dossiers"
        " without a deadline. The form has no column for them.",
    )


def as_json(form: Form, report: Report) -> dict[str, Any]:
    """Return the form as plain values."""
    period = report.question.period
    c = report.counts
    return {
        "form": "II.06a/VPCP/KSTT",
        "title": TITLE,
        "unit": {"code": report.unit.code, "name": report.unit.name},
        "period": {
            "name": period.name,
            "label": period.label,
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
        },
        "calendar": report.question.calendar.text(),
        "as_of": local_iso(report.question.as_of),
        "columns": dict(zip(KEYS, NUMBERS[2:], strict=True)),
        "rows": [_row_json(row) for row in form.rows],
        "total": _row_json(form.total),
        "without_column": {
            "withdrawn": c.withdrawn,
            "stopped": c.stopped,
            "no_deadline": c.no_deadline,
            "paused": c.paused,
            "open_no_deadline": c.open_no_deadline,
        },
        "notes": list(form.notes),
    }


def _row_json(row: Row) -> dict[str, Any]:
    cells = dict(zip(KEYS, row.cells, strict=True))
    return {"number": row.number, "field": {"code": row.code, "name": row.name}, **cells}


def as_csv(form: Form) -> bytes:
    """Return the form's table as CSV for spreadsheets: one header row, then the numbers of the columns."""
    header = ["TT", "Lĩnh vực giải quyết", *_flat_header()]
    return write_csv([header, NUMBERS, *([row.number, row.name, *row.cells] for row in (*form.rows, form.total))])


def _flat_header() -> tuple[str, ...]:
    received, done, open_ = HEADER[2][4], HEADER[8][4], HEADER[13][4]
    parts = (
        ("Tổng số", "Trong kỳ - Trực tuyến", "Trong kỳ - Trực tiếp, dịch vụ bưu chính", "Từ kỳ trước"),
        ("Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn"),
        ("Tổng số", "Trong hạn", "Quá hạn"),
    )
    return tuple(
        f"{above}: {name}" for above, names in zip((received, done, open_), parts, strict=True) for name in names
    )


_WIDTHS = (5, 34, 13, 10, 12, 9, 15, 9, 9, 9, 10, 9, 9)
_TOP = 6
"""The first header row, counted from 0."""


def as_xlsx(form: Form) -> bytes:
    """Return the form as a workbook that prints on landscape A4, one page wide; texts are never formulas."""
    output = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(output, options) as book:
        sheet = book.add_worksheet("II.06a")
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 1 if len(form.rows) <= _ONE_PAGE else 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.5)
        sheet.center_horizontally()
        sheet.repeat_rows(_TOP, _TOP + 3)
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        font = {"font_name": "Times New Roman", "font_size": 11}
        _title_block(book, sheet, form, font)
        _header(book, sheet, font)
        last = _table(book, sheet, form, font)
        note = book.add_format({**font, "italic": True, "text_wrap": True, "valign": "top"})
        for offset, text in enumerate(form.notes):
            sheet.set_row(last + 2 + offset, 32)
            sheet.merge_range(last + 2 + offset, 0, last + 2 + offset, 12, text, note)
    return output.getvalue()


_ONE_PAGE = 40
"""Rows that can still be read when fitted to one page; longer tables run on, under the same header."""


def _title_block(book: Any, sheet: Any, form: Form, font: dict[str, Any]) -> None:
    plain = book.add_format(font)
    small = book.add_format({**font, "italic": True, "align": "right"})
    title = book.add_format({**font, "bold": True, "font_size": 13, "align": "center"})
    sheet.write_string(0, 0, FORM, plain)
    sheet.merge_range(0, 7, 0, 12, LAW, small)
    sheet.merge_range(1, 0, 1, 12, TITLE, title)
    for offset, text in enumerate(form.lines):
        sheet.merge_range(2 + offset, 0, 2 + offset, 12, text, book.add_format({**font, "align": "center"}))
    sheet.merge_range(5, 9, 5, 12, "Đơn vị tính: số hồ sơ TTHC", small)


def _header(book: Any, sheet: Any, font: dict[str, Any]) -> None:
    head = book.add_format(
        {**font, "bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
    )
    for row, column, last_row, last_column, text in HEADER:
        if (row, column) == (last_row, last_column):
            sheet.write_string(_TOP + row, column, text, head)
        else:
            sheet.merge_range(_TOP + row, column, _TOP + last_row, last_column, text, head)
    sheet.set_row(_TOP + 2, 48)
    sheet.set_row(_TOP + 3, 32)
    number = book.add_format({**font, "italic": True, "border": 1, "align": "center", "valign": "vcenter",
                              "font_size": 9, "text_wrap": True})  # fmt: skip
    for column, text in enumerate(NUMBERS):
        sheet.write_string(_TOP + 3, column, text, number)


def _table(book: Any, sheet: Any, form: Form, font: dict[str, Any]) -> int:
    """Write the rows and the total; return the total's row."""
    line = 0
    for line, row in enumerate((*form.rows, form.total), _TOP + 4):
        bold = {"bold": row is form.total}
        text = book.add_format({**font, **bold, "border": 1, "text_wrap": True, "valign": "vcenter"})
        number = book.add_format({**font, **bold, "border": 1, "align": "right", "valign": "vcenter"})
        if row.number is None:
            sheet.write_blank(line, 0, None, number)
        else:
            sheet.write_number(line, 0, row.number, number)
        sheet.write_string(line, 1, row.name, text)
        for column, cell in enumerate(row.cells, 2):
            sheet.write_number(line, column, cell, number)
    return line
