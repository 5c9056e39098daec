"""One register with everything at once: two sheets, headings in two lines and again, totals, mixed dates."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from service.domain.dossier.events import Rejection
from service.domain.dossier.status_words import status_words
from service.formats.files import FileLimits, FileReader, FileToImport
from service.formats.json_records.text import JsonLimits
from service.formats.registers.understanding import Understanding

SEPTEMBER: list[list[Any]] = [
    ["UBND XÃ MỘT"],
    ["SỔ THEO DÕI HỒ SƠ"],
    [],
    ["TT", "Mã hồ sơ", "Mã TTHC", "Ngày, tháng, năm", None, None, "Trạng thái", "Số ngày quá hạn"],
    [None, None, None, "Tiếp nhận", "Hẹn trả KQ", "Kết thúc xử lý"],
    ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"],
    ["I", "Lĩnh vực đất đai"],
    [1, "H99.01-231002-0001", "1.001193", datetime(2023, 10, 2, 8), "05/10/2023 17:00", "4/10/2023 3:15 CH",
     "Đã giải quyết đúng hạn"],
    [2, "H99.01-231002-0002", 1.00119, "15:15 02/10/2023", date(2023, 10, 5), None, "Đang chờ bổ sung"],
    ["Tổng cộng", None, 2],
    ["TT", "Mã TTHC", "Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Trạng thái"],
    [3, "1.001193", "H99.01-231002-0003", "02/10/2023", "05/10/2023", None, "Lạ lùng"],
    [4],
    [None, None, None, None, "..., ngày 31 tháng 10 năm 2023"],
    ["Người lập biểu", None, None, None, "Thủ trưởng đơn vị"],
    [None, "Nguyễn Văn A", None, None, "Trần Thị B"],
]  # fmt: skip
OCTOBER: list[list[Any]] = [
    ["Mã hồ sơ", "Mã TTHC", "Ngày tiếp nhận", "Hạn trả", "Ngày trả kết quả", "Ghi chú"],
    ["H99.01-231010-0001", "1.001193", "10/10/2023", "12/10/2023", "12/10/2023", "x"],
]


@pytest.fixture
def reader(tmp_path: Path) -> FileReader:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in (("Tháng 9", SEPTEMBER), ("Tháng 10", OCTOBER)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "so.xlsx")
    known = Understanding({}, status_words(), {})
    return FileReader(FileToImport(tmp_path / "so.xlsx", ".xlsx"), FileLimits(256, JsonLimits(32, 100_000)), known)


def test_every_dossier_is_found_in_its_row(reader: FileReader) -> None:
    codes = [(row.number, row.news.code) for row in reader.rows()]
    assert codes == [
        (8, "H99.01-231002-0001"),
        (9, "H99.01-231002-0002"),
        (12, "H99.01-231002-0003"),
        (2, "H99.01-231010-0001"),
    ]


def test_only_the_unknown_status_is_rejected(reader: FileReader) -> None:
    rejected = [row for row in reader.rows() if isinstance(row.news, Rejection)]
    assert [(row.number, list(row.news.errors)) for row in rejected if isinstance(row.news, Rejection)] == [
        (12, ["Trạng thái"])
    ]


def test_what_is_no_dossier_is_passed_over_and_named(reader: FileReader) -> None:
    list(reader.rows())
    assert [(row["row"], row["kind"]) for row in reader.report.as_dict()["unread"]["rows"]] == [
        (1, "title"), (2, "title"), (6, "heading"), (7, "title"), (10, "total"), (11, "heading"), (13, "empty"),
        (14, "signature"), (15, "signature"), (16, "signature"),
    ]  # fmt: skip


def test_columns_that_are_not_understood_are_named(reader: FileReader) -> None:
    list(reader.rows())
    assert [column["heading"] for column in reader.report.columns] == ["TT", "Số ngày quá hạn", "Ghi chú"]
