"""What is said of cells that cannot be read: the cause, and never a person's name that slipped into another column."""

from pathlib import Path

import pytest
import xlsxwriter

from service.domain.dossier.events import Rejection
from service.domain.dossier.status_words import status_words
from service.formats.registers.sheets import ReadingReport, SheetReader
from service.formats.registers.understanding import Understanding
from service.formats.tables import Sheet, TableRow
from service.formats.workbook import read_sheets

HEADINGS = ["Mã hồ sơ", "Mã TTHC", "Ngày tiếp nhận", "Trạng thái"]
ROW = ["H23.45-231002-0001", "1.004873", "02/10/2023", "Đang xử lý"]


def told(**given: str) -> str:
    """Return what is said of one row with these cells, by column."""
    row = [given.get(name, cell) for name, cell in zip(("code", "procedure", "received", "status"), ROW, strict=True)]
    reader = SheetReader(Understanding({}, status_words(), {}), ReadingReport())
    [only] = reader.read(Sheet("Sổ", iter([TableRow(1, HEADINGS), TableRow(2, row)])))
    assert isinstance(only.news, Rejection)
    return str(only.news.errors)


@pytest.mark.parametrize("name", ["Nguyễn Văn An", "NGUYỄN VĂN AN", "Trần Thị B 2"])
@pytest.mark.parametrize("column", ["received", "status"])
def test_a_name_in_a_column_that_is_read_is_not_repeated(column: str, name: str) -> None:
    said = told(**{column: name})
    assert name not in said and "“…”" in said


@pytest.mark.parametrize("written", ["31/02/2023", "Trong ngày", "Thứ Hai 31/02/2023"])
def test_what_is_no_name_is_repeated(written: str) -> None:
    assert f"“{written}”" in told(received=written)


def test_letters_of_an_old_encoding_in_a_status_are_named() -> None:
    assert "TCVN3" in told(status="§ang xö lý")


def test_not_returned_yet_is_asked_about_by_its_two_meanings() -> None:
    assert "Đã xử lý xong (9) nếu đã có kết quả" in told(status="Chưa trả kết quả")


def test_a_date_for_a_status_tells_that_columns_have_shifted() -> None:
    assert "dấu phẩy trong một ô không đặt trong ngoặc kép" in told(status="09/03/2026")


def test_rows_of_a_hidden_sheet_are_counted_and_said(tmp_path: Path) -> None:
    path = tmp_path / "so.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("Sổ", "Ẩn"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADINGS)
            sheet.write_row(1, 0, ROW)
        sheet.hide()
    report = ReadingReport()
    reader = SheetReader(Understanding({}, status_words(), {}), report)
    assert sum(len(list(reader.read(sheet))) for sheet in read_sheets(path, 10_000_000)) == 1
    hidden = report.sheets[-1]
    assert (hidden["rows"], hidden["dossiers"]) == (2, True)
    assert "2 dòng không đọc" in hidden["unread"] and "Unhide" in hidden["unread"]


@pytest.mark.parametrize(
    "given", ["lê thị b", "an", "Bình", "0912345678", "so 5 ngo 3 hang bai", "an@thu.vn", "012345678901"]
)
@pytest.mark.parametrize("column", ["code", "received", "status"])
def test_what_has_not_the_shape_of_its_field_is_not_repeated(column: str, given: str) -> None:
    said = told(**{"received": "x y", column: given})
    assert f"“{given}”" not in said and "“…”" in said


@pytest.mark.parametrize(
    ("given", "shown"), [("Đã trả cho ông Lê An", "Đã trả …"), ("Chờ luân chuyển", "Chờ …"), ("Quá hạn", "Quá hạn")]
)
def test_of_a_state_only_words_of_states_are_repeated(given: str, shown: str) -> None:
    assert f"“{shown}”" in told(status=given)


def test_a_name_for_a_code_is_not_given_as_the_code_of_a_rejected_row() -> None:
    reader = SheetReader(Understanding({}, status_words(), {}), ReadingReport())
    [only] = reader.read(Sheet("Sổ", iter([TableRow(1, HEADINGS), TableRow(2, ["An 2", *ROW[1:]])])))
    assert isinstance(only.news, Rejection) and only.news.code is None
    [kept] = reader.read(Sheet("Sổ", iter([TableRow(1, HEADINGS), TableRow(2, [*ROW[:3], "x"])])))
    assert isinstance(kept.news, Rejection) and kept.news.code == ROW[0]
