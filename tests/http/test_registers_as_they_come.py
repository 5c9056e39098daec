"""Kinds of registers that were read wrong once, each by command and over HTTP: what must come out was written first."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from tests.http.test_clerks_files import FILES
from tests.support.client import Client
from tests.support.register_files import COLUMNS, as_csv, send

Row = list[Any]


def row(number: int, **given: Any) -> Row:
    cells = {
        "code": f"H99.01-231002-{number:04}",
        "procedure": "1.001193",
        "status": "Đang xử lý",
        "received": "02/10/2023",
        "due": "05/10/2023",
        "finished": None,
        **given,
    }
    return list(cells.values())


def workbook(*rows: Row, dress: Callable[[Worksheet], None] | None = None, epoch: Any = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if epoch:
        book.epoch = epoch
    for cells in rows:
        sheet.append(cells)
    if dress:
        dress(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def dressed(sheet: Worksheet) -> None:
    """Hide a row and a column, set a filter, merge a title, and leave rows with nothing but a border."""
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["E"].hidden = True
    sheet.auto_filter.ref = "A1:F4"
    for number in range(5, 200):
        sheet.cell(number, 1).number_format = "@"


OFFICIAL: list[Row] = [
    ["SỔ THEO DÕI HỒ SƠ"],
    ["TT", "Mã hồ sơ", "Mã TTHC", "Tên cá nhân, tổ chức", "Nhận và trả kết quả", None, None, None, "Ghi chú"],
    [None, None, None, None, "Ngày, tháng, năm"],
    [None, None, None, None, "Nhận hồ sơ", "Hẹn trả kết quả", "Nhận kết quả từ cơ quan giải quyết", "Trả kết quả"],
    ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)"],
    [1, "H99.01-231002-0001", "1.001193", "x", "02/10/2023", "05/10/2023", "04/10/2023", "09/10/2023"],
    [2, "H99.01-231002-0002", "1.001193", "x", "02/10/2023", "05/10/2023"],
]
SECTIONS: list[Row] = [
    COLUMNS, ["I. Lĩnh vực đất đai"], row(1), ["Cộng lĩnh vực đất đai: 1 hồ sơ"], ["II", "Hộ tịch"], row(2), COLUMNS,
    ["Tổng cộng", None, 2],
]  # fmt: skip
NUMBERS: list[Row] = [[*COLUMNS, "Mã đơn vị"], [*row(1, code=123), "H99.01"], [*row(2, code="000124"), "H99.01"]]
TCVN3: list[Row] = [[*COLUMNS, "Đơn vị xử lý"], [*row(1), "UBND x· §ång TiÕn"], [*row(2), "UBND xã Đồng Tiến"]]


class Kind(NamedTuple):
    """A file, and how many rows are created, rejected and passed over; warned: the kinds of warnings about reading."""

    name: str
    content: bytes
    created: int
    rejected: int = 0
    passed_over: int = 0
    warned: frozenset[str] = frozenset()


TAKEN = {
    "headings in three lines": Kind("a.xlsx", workbook(*OFFICIAL), 2, passed_over=3),
    "sections and totals": Kind("a.xlsx", workbook(*SECTIONS), 2, passed_over=5),
    "hidden, filtered, bordered": Kind("a.xlsx", workbook(COLUMNS, row(1), row(2), row(3), dress=dressed), 3),
    "days since 1904": Kind("a.xlsx", workbook(COLUMNS, row(1, due=date(2023, 10, 5)), epoch=CALENDAR_MAC_1904), 1),
    "codes in number cells": Kind("a.xlsx", workbook(*NUMBERS), 2, warned=frozenset({"code_number"})),
    "names in TCVN3": Kind("a.xlsx", workbook(*TCVN3), 1, rejected=1),
    "dashes for hyphens": Kind("a.xlsx", workbook(COLUMNS, row(1, code="H99.01–231002\u20110001")), 1),
    "dashes for no date": Kind("a.csv", as_csv(COLUMNS, *(row(1 + at, finished=no) for at, no in enumerate("-–…"))), 3),
    "a pause without its date": Kind(
        "a.csv", as_csv(COLUMNS, row(1, status="Chờ BS hồ sơ")), 1, warned=frozenset({"pause_undated"})
    ),
    "days as numbers": Kind("a.xlsx", workbook(COLUMNS, row(1, received=45201), row(2, received=20231002)), 1, 1),
    "cells merged downwards": Kind("a.xlsx", workbook(COLUMNS, row(1), row(2, procedure=None)), 1, 1),
}


def by_command(app: Flask, folder: Path, kind: Kind) -> Any:
    path = folder / kind.name
    path.write_bytes(kind.content)
    return app.test_cli_runner().invoke(args=["dossiers", "import", str(path), "--source", "mot-cua", "--dry-run"])


@pytest.mark.parametrize("kind", TAKEN.values(), ids=TAKEN)
def test_a_register_is_read_as_it_comes(app: Flask, client: Client, tmp_path: Path, kind: Kind) -> None:
    output = by_command(app, tmp_path, kind).output
    answer: Any = send(client, kind.name, kind.content).json
    told = {name: answer[name] for name in ("received", "created", "rejected", "passed_over")}
    expected = (kind.created + kind.rejected, kind.created, kind.rejected, kind.passed_over)
    assert tuple(told.values()) == expected
    assert all(f"{name:10}{count:>10}" in output for name, count in list(told.items())[:3])
    warned = {warning["kind"] for entry in answer["warnings"] for warning in entry["warnings"]}
    assert kind.warned <= warned
    assert not warned & {"code_number", "pause_undated"} - kind.warned


def test_the_official_form_tells_what_ended_when(client: Client) -> None:
    send(client, "a.xlsx", workbook(*OFFICIAL))
    counts = client.counts("H99.01", period="2023", as_of="2023-10-09")
    assert [counts[name] for name in ("early", "late", "open_overdue")] == [1, 0, 1]


def test_days_since_1904_are_the_days_that_excel_shows(client: Client) -> None:
    send(client, "a.xlsx", TAKEN["days since 1904"].content)
    assert client.counts("H99.01", period="2023", as_of="2023-10-05")["open_overdue"] == 0
    assert client.counts("H99.01", period="2023", as_of="2023-10-06")["open_overdue"] == 1


def open_document() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", "<office:document-content/>")
    return file.getvalue()


def with_password() -> bytes:
    """Return the workbook of Excel 97 with the record that says that it is encrypted."""
    content = bytearray((FILES / "23-excel-97.xls").read_bytes())
    at = content.index(b"\x5c\x00\x70\x00")
    content[at : at + 10] = b"\x2f\x00\x70\x00" + b"\x01\x00" * 3
    return bytes(content)


REFUSED = {
    "LibreOffice's own kind": ("a.xlsx", open_document(), ".ods"),
    "a password of Excel 97": ("a.xls", with_password(), "mật khẩu"),
    "nothing": ("a.csv", b"", "Tệp trống"),
}


@pytest.mark.parametrize(("name", "content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_named(
    app: Flask, client: Client, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    assert reason in by_command(app, tmp_path, Kind(name, content, 0)).output
    assert reason in send(client, name, content).text
