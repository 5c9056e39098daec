"""Catalogues with gaps: needed cells left empty, merged cells, limits that are not what they seem."""

from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask

from tests.store.test_catalogue_files import listed, refusal
from tests.support.catalogues import Operator

HEADINGS = ["Mã TTHC", "Tên TTHC", "Mã lĩnh vực", "Lĩnh vực", "Thời hạn"]
COLUMNS = ";".join(HEADINGS)
FIRST = "1.008001;A;HT;Hộ tịch;5 ngày làm việc"


def refused(app: Flask, tmp_path: Path, what: str, *lines: str) -> str:
    path = tmp_path / "dm.csv"
    path.write_text("\n".join(lines), "utf-8")
    return refusal(app, what, path)


@pytest.mark.parametrize(
    ("what", "lines", "told"),
    [
        pytest.param("procedures", (COLUMNS, FIRST, "1.008002;B;;;5 ngày"), "C3: Mã lĩnh vực (field_code)", id="field"),
        pytest.param("procedures", (COLUMNS, FIRST, "1.008002;;HT;Hộ tịch;5 ngày"), "B3: Tên TTHC (name)", id="name"),
        pytest.param(
            "units",
            ("Mã đơn vị;Tên đơn vị;Cấp", "H23.45.14;Xã X;xã", "H23.45.15;;"),
            "B3: Tên đơn vị (name)",
            id="unit",
        ),
    ],
)
def test_a_needed_cell_left_empty_is_refused_by_its_place(
    app: Flask, tmp_path: Path, what: str, lines: tuple[str, ...], told: str
) -> None:
    said = refused(app, tmp_path, what, *lines)
    assert told in said and "Không được để trống" in said


def test_a_needed_column_that_is_empty_as_a_whole_is_told(operator: Operator) -> None:
    said = operator.imports("procedures", COLUMNS, "1.008001;A;;;5 ngày làm việc", "1.008002;B;;;5 ngày làm việc")
    assert "Mã lĩnh vực (field_code) trống cả cột" in said and "2 lines imported" in said


def test_an_empty_time_limit_is_told_with_its_line(operator: Operator) -> None:
    said = operator.imports("procedures", COLUMNS, FIRST, "1.008002;B;HT;Hộ tịch;")
    assert "dòng (row) 3: Thời hạn trống: được hiểu là không có thời hạn" in said
    assert listed(operator)["1.008002"]["limit_amount"] is None


@pytest.mark.parametrize("column", [2, 3, 4])
def test_cells_merged_downwards_are_refused_by_their_place(app: Flask, tmp_path: Path, column: int) -> None:
    path = tmp_path / "dm.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("DM")
        sheet.write_row(0, 0, HEADINGS)
        for number in (1, 2, 3):
            sheet.write_row(number, 0, [f"1.00700{number}", "A", "HT", "Hộ tịch", "15 ngày làm việc"])
        sheet.merge_range(1, column, 3, column, "15 ngày làm việc")
    assert f"trang (sheet) “DM”: ô gộp xuống ở cột {'ABCDE'[column]}, dòng 2–4" in refusal(app, "procedures", path)


def test_a_title_merged_above_the_headings_is_no_gap(operator: Operator, tmp_path: Path) -> None:
    path = tmp_path / "dm.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 1, 4, "DANH MỤC")
        sheet.write_row(2, 0, HEADINGS)
        sheet.write_row(3, 0, FIRST.split(";"))
    assert "1 lines imported" in operator.runs("procedures", "import", str(path))


@pytest.mark.parametrize("code", ["1.008.012", "1,008,012", "1,008012"])
def test_a_code_with_dots_or_commas_too_many_is_read_as_a_national_one(operator: Operator, code: str) -> None:
    said = operator.imports("procedures", COLUMNS, f"{code};A;HT;Hộ tịch;5 ngày làm việc")
    assert "đã đọc theo dạng 1.001193" in said
    assert [*listed(operator)] == ["1.008012"]


@pytest.mark.parametrize(
    ("limit", "days"), [("24h", "3"), ("24 giờ", "3"), ("12 giờ", "1,5"), ("8 giờ", ""), ("24 giờ làm việc", "")]
)
def test_hours_that_may_be_of_the_clock_are_told(operator: Operator, limit: str, days: str) -> None:
    said = operator.imports("procedures", COLUMNS, f"1.008001;A;HT;Hộ tịch;{limit}")
    assert ("giờ theo đồng hồ" in said) is bool(days)
    assert f"tức {days} ngày làm việc" in said or not days


def test_the_same_line_on_two_sheets_is_told_with_both_places(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "dm.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("Một", "Hai"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Mã đơn vị", "Tên đơn vị"])
            sheet.write_row(1, 0, ["H99", "Tỉnh"])
    said = refusal(app, "units", path)
    assert "trang (sheet) “Hai”, dòng (row) 2" in said and "đã có ở trang (sheet) “Một”, dòng (row) 2" in said
