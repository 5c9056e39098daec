"""Form II.06a/VPCP/KSTT as a workbook for landscape A4, a sheet for each form."""

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter

from service.reporting.form import FORM, HEADER, LAW, NUMBERS, Form, FormRow

_WIDTHS = (5, 38, 13, 10, 12, 10, 15, 10, 10, 9, 13, 10, 9)
_LAST = len(_WIDTHS) - 1
_TOP = 6
"""The first header row, counted from 0."""
_ONE_PAGE = 40
"""Rows that can still be read when fitted to one page; longer tables run on, under the same header."""
_NAME_LETTERS, _NOTE_LETTERS = 41, 140
"""Letters that fit on one line of a name's cell, and of a note across the table."""
_LINE_HEIGHT = 15
_VIETNAMESE = "[$-42A]#,##0"
"""Shows 45.253 on machines of every language."""
_FONT: dict[str, Any] = {"font_name": "Times New Roman", "font_size": 11}
_SIGNATURES = ((0, 4, "NGƯỜI LẬP BIỂU", "(Ký, ghi rõ họ tên)"), (8, _LAST, "THỦ TRƯỞNG ĐƠN VỊ", "(Ký tên, đóng dấu)"))


def form_workbook(forms: Iterable[tuple[str, Form]]) -> bytes:
    """Return forms as sheets under the names given, each one page wide; texts are never formulas."""
    output = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(output, options) as book:
        for name, form in forms:
            _sheet(book, book.add_worksheet(name), form)
    return output.getvalue()


def _sheet(book: Any, sheet: Any, form: Form) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 1 if len(form.rows) <= _ONE_PAGE else 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    sheet.center_horizontally()
    sheet.repeat_rows(_TOP, _TOP + 3)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    _title_block(book, sheet, form)
    _header(book, sheet)
    last = _table(book, sheet, form)
    _signatures(book, sheet, form, _notes(book, sheet, form, last + 2))


def _title_block(book: Any, sheet: Any, form: Form) -> None:
    plain = book.add_format({**_FONT, "text_wrap": True, "valign": "top"})
    small = book.add_format({**_FONT, "italic": True})
    middle = book.add_format({**_FONT, "align": "center"})
    title = book.add_format({**_FONT, "bold": True, "font_size": 13, "align": "center", "valign": "vcenter"})
    sending, receiving, *others = form.lines
    for row, (left, right) in enumerate(((FORM, sending), (LAW, receiving))):
        sheet.merge_range(row, 0, row, 5, left, small if row else plain)
        sheet.merge_range(row, 6, row, _LAST, right, plain)
        sheet.set_row(row, _height(right, _NOTE_LETTERS // 2))
    sheet.merge_range(2, 0, 2, _LAST, form.title, title)
    sheet.set_row(2, 36)
    for row, text in enumerate(others, 3):
        sheet.merge_range(row, 0, row, _LAST, text, middle)
    unit = book.add_format({**_FONT, "italic": True, "align": "right"})
    sheet.merge_range(5, 9, 5, _LAST, "Đơn vị tính: số hồ sơ TTHC", unit)


def _header(book: Any, sheet: Any) -> None:
    centred = {**_FONT, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
    head = book.add_format({**centred, "bold": True})
    for row, column, last_row, last_column, text in HEADER:
        if (row, column) == (last_row, last_column):
            sheet.write_string(_TOP + row, column, text, head)
        else:
            sheet.merge_range(_TOP + row, column, _TOP + last_row, last_column, text, head)
    for row, height in enumerate((22, 22, 48, 22), _TOP):
        sheet.set_row(row, height)
    number = book.add_format({**centred, "italic": True, "font_size": 9})
    for column, text in enumerate(NUMBERS):
        sheet.write_string(_TOP + 3, column, text, number)


def _table(book: Any, sheet: Any, form: Form) -> int:
    formats = {bold: _row_formats(book, bold) for bold in (False, True)}
    line = 0
    for line, row in enumerate((*form.rows, form.total), _TOP + 4):
        _row(sheet, line, row, formats[row.heading or row is form.total])
    return line


def _row_formats(book: Any, bold: bool) -> tuple[Any, Any, Any]:
    cell = {**_FONT, "bold": bold, "border": 1, "valign": "vcenter"}
    return (
        book.add_format({**cell, "align": "center"}),
        book.add_format({**cell, "text_wrap": True}),
        book.add_format({**cell, "align": "right", "indent": 1, "num_format": _VIETNAMESE}),
    )


def _row(sheet: Any, line: int, row: FormRow, formats: tuple[Any, Any, Any]) -> None:
    mark, text, number = formats
    sheet.set_row(line, _height(row.name, _NAME_LETTERS))  # LibreOffice does not grow a row to a wrapped name
    if row.number.isdecimal():
        sheet.write_number(line, 0, int(row.number), mark)
    else:
        sheet.write_string(line, 0, row.number, mark)
    sheet.write_string(line, 1, row.name, text)
    for column, cell in enumerate(row.cells, 2):
        sheet.write_number(line, column, cell, number)


def _notes(book: Any, sheet: Any, form: Form, first: int) -> int:
    note = book.add_format({**_FONT, "italic": True, "text_wrap": True, "valign": "top"})
    for row, text in enumerate(form.notes, first):
        sheet.set_row(row, _height(text, _NOTE_LETTERS))
        sheet.merge_range(row, 0, row, _LAST, text, note)
    return first + len(form.notes)


def _signatures(book: Any, sheet: Any, form: Form, first: int) -> None:
    small = book.add_format({**_FONT, "italic": True, "align": "center"})
    bold = book.add_format({**_FONT, "bold": True, "align": "center"})
    sheet.merge_range(first, 8, first, _LAST, form.place_and_date, small)
    for column, last_column, who, how in _SIGNATURES:
        sheet.merge_range(first + 1, column, first + 1, last_column, who, bold)
        sheet.merge_range(first + 2, column, first + 2, last_column, how, small)


def _height(text: str, letters: int) -> int:
    return _LINE_HEIGHT * max(1, -(-len(text) // letters)) + 3
