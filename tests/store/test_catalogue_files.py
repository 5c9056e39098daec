"""Catalogues as clerks keep them: other separators, workbooks, Vietnamese headings, dates, units of time."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask

from service.store import catalogue
from service.store.database import Database
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier

DATA = Path(__file__).parents[1] / "data"


def listed(operator: Operator) -> dict[str, Any]:
    rows = json.loads(operator.runs("procedures", "list", "--json"))["procedures"]
    return {row["code"]: row for row in rows}


def refusal(app: Flask, what: str, path: Path) -> str:
    result = app.test_cli_runner().invoke(args=[what, "import", str(path)])
    assert result.exit_code == 2
    return result.output


def test_units_of_every_level_are_imported(operator: Operator, database: Database) -> None:
    operator.runs("units", "import", str(DATA / "27-units-levels.csv"))
    with database.reading() as session:
        units = catalogue.unit_tree(session).units
    assert {code: unit.level for code, unit in units.items()} == {
        "H99": "province", "H99.1": "department", "H99.2": "other",
    }  # fmt: skip


def test_units_as_excel_saves_them(operator: Operator, database: Database) -> None:
    operator.runs("units", "import", str(DATA / "28-units-as-excel-saves-them.csv"))
    with database.reading() as session:
        assert catalogue.unit_tree(session).units["H99"].valid_from == date(2025, 7, 1)


def test_a_calendar_with_semicolons_and_vietnamese_words(operator: Operator, client: Client) -> None:
    operator.limits("1.004873,3,working_day")
    operator.imports("calendar", "Ngày;Làm việc;Lý do", "04/10/2023;Không;Nghỉ bù")
    client.push(dossier(due_at=None))
    assert client.counts(as_of="2023-10-06")["open_overdue"] == 0


def test_a_workbook_with_titles_numbers_and_dates(operator: Operator, tmp_path: Path) -> None:
    path = tmp_path / "thu-tuc.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["DANH MỤC THỦ TỤC"])
        sheet.write_row(2, 0, ["Mã TTHC", "Tên TTHC", "Mã lĩnh vực", "Lĩnh vực", "Thời hạn", "Đơn vị tính", "Từ ngày"])
        sheet.write_row(3, 0, ["1.004873", "Cấp phép", "G03", "Đất đai", 15, "ngày làm việc"])
        sheet.write_datetime(3, 6, date(2023, 7, 1), day)
    operator.runs("procedures", "import", str(path))
    row = listed(operator)["1.004873"]
    assert (row["limit_amount"], row["limit_unit"]) == (15, "working_day")
    assert row["valid_from"] == "2023-07-01"


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        ("5", "ngày làm việc", (5, "working_day")),
        ("5", "Ngày", (5, "calendar_day")),
        ("30", "ngày lịch", (30, "calendar_day")),
        ("4", "giờ", (4, "working_hour")),
        ("8", "GIỜ LÀM VIỆC", (8, "working_hour")),
        ("2", "tháng", (2, "month")),
        ("2", "tuần", (14, "calendar_day")),
        ("1", "năm", (12, "month")),
        ("05 ngày làm việc", "", (5, "working_day")),
        ("0,5", "ngày làm việc", (4, "working_hour")),
        ("1.5", "ngày làm việc", (12, "working_hour")),
        ("0,5", "tháng", (15, "calendar_day")),
        ("3,0", "working_day", (3, "working_day")),
        ("9999", "ngày", (9999, "calendar_day")),
    ],
)
def test_a_time_limit_as_clerks_write_it(operator: Operator, amount: str, unit: str, expected: tuple[int, str]) -> None:
    headings = "code;name;field_code;field_name;limit_amount;limit_unit"
    operator.imports("procedures", headings, f"1.004873;X;;;{amount};{unit}")
    row = listed(operator)["1.004873"]
    assert (row["limit_amount"], row["limit_unit"]) == expected


@pytest.mark.parametrize(
    ("amount", "unit", "told"),
    [
        ("0,5", "ngày", "4 giờ làm việc"),
        ("0,5", "giờ", "4 giờ làm việc"),
        ("0,3", "ngày làm việc", "0,3"),
        ("1,5", "tháng", "1,5"),
        ("5", "thế kỷ", "thế kỷ"),
        ("5 tháng", "ngày", "limit_unit"),
        ("5 ngày", "thế kỷ", "thế kỷ"),
        ("-3", "ngày", "-3"),
        ("năm", "ngày", "limit_amount"),
        ("10000", "ngày", "9999"),
    ],
)
def test_a_time_limit_that_makes_no_sense_is_refused_by_name(
    app: Flask, tmp_path: Path, amount: str, unit: str, told: str
) -> None:
    path = tmp_path / "thu-tuc.csv"
    path.write_text(f"code;name;field_code;field_name;limit_amount;limit_unit\n1.004873;X;;;{amount};{unit}\n", "utf-8")
    said = refusal(app, "procedures", path)
    assert "dòng (row) 2" in said
    assert told in said


def test_two_limits_for_one_national_code_are_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "thu-tuc.csv"
    lines = ("1.004873.H19,X,,,5,working_day", "1.004873.H23,X,,,7,working_day")
    path.write_text("\n".join(("code,name,field_code,field_name,limit_amount,limit_unit", *lines)), "utf-8")
    assert "1.004873 có thời hạn khác ở dòng 2" in refusal(app, "procedures", path)


def test_a_column_that_was_not_understood_is_named(operator: Operator) -> None:
    said = operator.imports("calendar", "date,working,reason,Người ký", "2023-10-04,no,Nghỉ bù,x")
    assert "Người ký" in said


def test_a_month_first_date_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "lich.csv"
    path.write_text("date,working,reason\n10/13/2023,no,x\n", "utf-8")
    assert "day first" in refusal(app, "calendar", path)


def test_a_file_of_another_kind_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "lich.pdf"
    path.write_text("x", "utf-8")
    assert ".xlsx" in refusal(app, "calendar", path)


def test_missing_columns_are_named(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "lich.csv"
    path.write_text("Ngày;Lý do\n04/10/2023;x\n", "utf-8")
    assert "Làm việc (working)" in refusal(app, "calendar", path)


def test_a_register_with_local_suffixes_finds_its_limit(operator: Operator, key: str, client: Client) -> None:
    operator.runs("procedures", "import", str(DATA / "08-local-suffixes-catalogue.csv"))
    operator.runs("dossiers", "import", str(DATA / "08-local-suffixes.csv"), "--source", "mot-cua")
    groups = client.stats("H99.01", period="2023-10", as_of="2023-10-09", group_by="procedure")["groups"]
    assert [(group["key"]["code"], group["counts"]["open_in_time"]) for group in groups] == [("1.004946", 5)]
    assert client.counts("H99.01", period="2023-10", as_of="2023-10-10")["open_overdue"] == 5


def test_units_need_only_a_code_and_a_name(operator: Operator, client: Client) -> None:
    headings = "code,name,level,parent_code,valid_from,valid_to,successor_codes"
    operator.imports("units", headings, "H23,Tỉnh,tỉnh,,2020-01-01,,")
    operator.imports("units", "Mã đơn vị;Tên đơn vị", "H23;Tỉnh Hải Dương", "H23.45;Huyện Tứ Kỳ")
    units = {unit["code"]: unit for unit in client.get("/api/v1/units").json["units"]}
    assert units["H23.45"]["parent_code"] == "H23"
    assert (units["H23"]["name"], units["H23"]["level"], units["H23"]["valid_from"]) == (
        "Tỉnh Hải Dương",
        "province",
        "2020-01-01",
    )


def test_sections_totals_and_headings_of_every_page_are_no_procedures(operator: Operator) -> None:
    headings = "TT;1. Mã TTHC;2. Tên TTHC;Mã lĩnh vực;Lĩnh vực;Thời hạn giải quyết (ghi cả đơn vị)"
    line = "1;1.001193;Khai sinh;G1;Hộ tịch;5 ngày làm việc"
    said = operator.imports("procedures", headings, "I;Lĩnh vực hộ tịch", line, headings, "Tổng cộng;1")
    assert "1 lines imported" in said
    assert [f"(row) {number}" in said for number in (2, 4, 5)] == [True] * 3
    assert operator.runs("procedures", "list").splitlines() == ["1.001193  5 working_day  G1  Khai sinh"]


def test_a_line_without_its_needed_cells_is_still_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "dm.csv"
    path.write_text("Mã đơn vị;Tên đơn vị;Cấp\nH99;Tỉnh;tỉnh\nH99.x!;;xã\n", "utf-8")
    assert "dòng (row) 3" in refusal(app, "units", path)


@pytest.mark.parametrize(
    "written",
    [
        "Không quá 10 ngày làm việc",
        "10 (mười) ngày làm việc",
        "Trong 10 ngày làm việc, kể từ ngày nhận đủ hồ sơ hợp lệ",
    ],
)
def test_words_around_a_time_limit_do_not_change_it(operator: Operator, written: str) -> None:
    operator.imports("procedures", "code;name;field_code;field_name;limit_amount", f'1.004873;X;;;"{written}"')
    row = listed(operator)["1.004873"]
    assert (row["limit_amount"], row["limit_unit"]) == (10, "working_day")


def test_a_limit_that_is_not_prescribed_is_none_and_told(operator: Operator) -> None:
    said = operator.imports(
        "procedures", "code;name;field_code;field_name;limit_amount", "1.004873;X;;;Không quy định", "1.004874;X;;;-"
    )
    assert said.count("không có thời hạn") == 2
    assert listed(operator)["1.004873"]["limit_amount"] is None


@pytest.mark.parametrize(
    "level", ["Bộ phận một cửa", "UBND xã", "Ủy ban nhân dân cấp huyện", "Phòng", "Sở, ban, ngành"]
)
def test_a_level_in_words_is_understood(operator: Operator, level: str) -> None:
    assert "1 lines" in operator.imports("units", "Mã đơn vị;Tên đơn vị;Cấp", f"H23.45;X;{level}")


def test_days_off_and_made_up_are_understood(operator: Operator) -> None:
    said = operator.imports("calendar", "Ngày;Làm việc;Lý do", "02/01/2026;Nghỉ;Hoán đổi", "10/01/2026;Làm bù;Bù")
    assert "2 lines" in said


def test_a_refusal_names_the_heading_in_vietnamese_and_what_stands_there(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "dm.csv"
    path.write_text("Mã đơn vị;Tên đơn vị;Cấp;Mã cấp trên\nh99;A;xã;\nH99.2;B;thôn;\n", "utf-8")
    said = refusal(app, "units", path)
    assert "Mã đơn vị (code) “h99”: " in said and "Cấp (level) “thôn”: " in said


def test_a_date_or_an_error_in_the_cell_of_a_name_is_refused_under_its_heading(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "dm.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Mã đơn vị", "Tên đơn vị"])
        sheet.write_string(1, 0, "H99")
        sheet.write_datetime(1, 1, date(2023, 7, 1), book.add_format({"num_format": "dd/mm/yyyy"}))
    assert "Tên đơn vị (name): Phải là chữ" in refusal(app, "units", path)


def test_a_cell_beyond_the_headings_of_a_workbook_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "dm.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Mã đơn vị", "Tên đơn vị"])
        sheet.write_row(1, 0, ["H99", "Tỉnh", "thừa"])
    assert "too many cells" in refusal(app, "units", path)


def test_a_code_that_was_mended_is_told(operator: Operator) -> None:
    said = operator.imports("procedures", "code;name;field_code;field_name;limit_amount", "1,004873;X;;;5 ngày")
    assert "dòng (row) 2" in said and "dấu phẩy" in said
