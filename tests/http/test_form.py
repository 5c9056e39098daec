"""Form II.06a/VPCP/KSTT: one content in three renderings, identities in every row, nothing that a cell could run."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from service.domain.units import Unit
from service.store import catalogue
from service.store.database import Database
from tests.support.client import Client, dossier

MARCH = {"period": "2025-03", "as_of": "2025-03-31"}
HOSTILE = '=HYPERLINK("http://example.invalid";"x")'


def fill(client: Client) -> None:
    """Push one dossier of every kind that the form must place."""
    ended = {"finished_at": "2025-03-10T09:00:00+07:00"}
    waits = [{"from": "2025-03-05"}]
    kinds: list[dict[str, Any]] = [
        {"status": 9, "due_at": "2025-03-12", **ended},
        {"status": 10, "due_at": "2025-03-10", "channel": "online", **ended},
        {
            "status": 9,
            "due_at": "2025-03-07",
            "channel": "postal",
            "field_code": "G02",
            "field_name": "Hộ tịch",
            **ended,
        },
        {"status": 9, "due_at": None, "field_code": "G02", "field_name": "Hộ tịch", **ended},
        {"status": 7, **ended},
        {"status": 8, "field_code": None, "field_name": HOSTILE, **ended},
        {"status": 4, "due_at": "2025-04-10", "received_at": "2025-02-20"},
        {"status": 4, "due_at": "2025-03-20"},
        {"status": 4, "due_at": None, "field_code": None, "field_name": None},
        {"status": 5, "pauses": waits},
    ]
    common = {"received_at": "2025-03-03", "due_at": "2025-03-28", "field_code": "G01", "field_name": "Đất đai"}
    client.batch(dossier(f"H23.45-{n}", **{**common, **kind}) for n, kind in enumerate(kinds))


@pytest.fixture
def filled(client: Client) -> Client:
    fill(client)
    return client


def report(client: Client, ending: str, **params: Any) -> Any:
    response = client.get(f"/units/H23.45/report.{ending}", **(params or MARCH))
    assert response.status_code == 200, response.text
    return response


def cells(row: dict[str, Any]) -> list[int]:
    return [number for name, number in row.items() if name not in ("number", "field")]


def sheet_of(client: Client) -> Any:
    return openpyxl.load_workbook(io.BytesIO(report(client, "xlsx").data)).active


def test_the_three_identities_hold_in_every_row(filled: Client) -> None:
    content = report(filled, "json").json
    for row in [*content["rows"], content["total"]]:
        c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13 = cells(row)
        assert (c3, c3, c7, c11) == (c4 + c5 + c6, c7 + c11, c8 + c9 + c10, c12 + c13), row


def test_the_total_is_the_sum_of_the_fields(filled: Client) -> None:
    content = report(filled, "json").json
    assert cells(content["total"]) == [sum(column) for column in zip(*map(cells, content["rows"]), strict=True)]


def test_what_has_no_column_stands_in_9_and_12_and_in_the_note(filled: Client) -> None:
    content = report(filled, "json").json
    assert cells(content["total"]) == [10, 1, 8, 1, 6, 1, 4, 1, 4, 3, 1]
    assert content["without_column"] == {
        "withdrawn": 1, "stopped": 1, "no_deadline": 1, "paused": 1, "paused_in_time": 1, "paused_overdue": 0,
        "open_no_deadline": 1,
    }  # fmt: skip
    no_deadline = "1 hồ sơ đã giải quyết mà không có hạn trả hoặc không rõ ngày kết thúc"
    on_time = f"1 hồ sơ công dân rút, 1 hồ sơ dừng xử lý, {no_deadline}"
    assert f"cột (9) gồm cả {on_time}; cột (12) gồm cả" in content["notes"][0]


def test_each_row_that_needs_one_has_its_note_with_counts(filled: Client) -> None:
    notes = {one["field"]["name"]: one["note"] for one in report(filled, "json").json["row_notes"]}
    assert notes["Hộ tịch"] == "cột (9) gồm cả 1 hồ sơ đã giải quyết mà không có hạn trả hoặc không rõ ngày kết thúc"
    assert notes[HOSTILE] == "cột (9) gồm cả 1 hồ sơ dừng xử lý"


def test_a_dossier_paused_when_it_was_overdue_stands_in_13(client: Client) -> None:
    asked = [{"from": "2025-03-12T08:00:00+07:00"}]
    client.push(dossier(status=5, received_at="2025-03-03", due_at="2025-03-10", pauses=asked, field_code="G01"))
    content = report(client, "json").json
    assert (content["total"]["in_time"], content["total"]["overdue"]) == (0, 1)
    assert content["total"]["in_progress_total"] == 1
    assert content["row_notes"][0]["note"] == "cột (13) gồm cả 1 hồ sơ tạm dừng khi đã quá hạn"


def test_title_column_offices_and_place_are_those_of_the_circular(filled: Client, database: Database) -> None:
    with database.writing() as session:
        units = Unit("H23", "Tỉnh Hải Dương", "province"), Unit("H23.45", "Huyện Tứ Kỳ", "district", "H23")
        catalogue.put_units(session, units)
    cells_ = {cell.value for row in sheet_of(filled).iter_rows() for cell in row if isinstance(cell.value, str)}
    wanted = {
        "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT TTHC",
        "Lĩnh vực, công việc giải quyết theo cấp",
        "Đơn vị báo cáo: Huyện Tứ Kỳ (H23.45)",
        "Đơn vị nhận báo cáo: Tỉnh Hải Dương",
        "Kỳ báo cáo: Tháng 3/2025 (từ ngày 01/03/2025 đến ngày 31/03/2025)",
        "Tứ Kỳ, ngày 31 tháng 3 năm 2025",
        "NGƯỜI LẬP BIỂU",
        "THỦ TRƯỞNG ĐƠN VỊ",
    }
    assert wanted - cells_ == set()


def test_numbers_are_written_as_vietnamese_write_them_off_the_line(filled: Client) -> None:
    numbers = [cell for row in sheet_of(filled).iter_rows(min_row=11, min_col=3) for cell in row if cell.value == 1]
    looks = {(cell.number_format, cell.alignment.horizontal, cell.alignment.indent) for cell in numbers}
    assert looks == {("[$-42A]#,##0", "right", 1)}


def test_there_is_no_english_in_it(filled: Client) -> None:
    texts = [cell.value for row in sheet_of(filled).iter_rows() for cell in row if isinstance(cell.value, str)]
    english = re.compile(r"\b(the|dossiers?|note|unit|includes?|paused|withdrawn|without)\b", re.IGNORECASE)
    told = [*texts, *report(filled, "csv").text.splitlines()]
    assert [text for text in told if english.search(text.replace(HOSTILE, ""))] == []


@pytest.fixture
def province(filled: Client, database: Database) -> Client:
    units = [
        Unit("H23", "Tỉnh Hải Dương", "province"),
        Unit("H23.1", "Sở Nội vụ", "department", "H23"),
        Unit("H23.45", "Huyện Tứ Kỳ", "district", "H23"),
    ]
    with database.writing() as session:
        catalogue.put_units(session, units)
    common = {"received_at": "2025-03-03", "due_at": "2025-03-28", "field_code": "G01", "field_name": "Đất đai"}
    for number, unit in enumerate(("H23", "H23.1")):
        filled.push(dossier(f"P-{number}", unit_code=unit, **common))
    return filled


def test_a_province_also_gets_the_consolidated_form_by_level_then_field(province: Client) -> None:
    rows = province.get("/units/H23/report.json", **MARCH).json["consolidated"]["rows"]
    told = [(row["number"], row["field"]["name"], row["received_total"]) for row in rows]
    assert told == [
        (None, "Cấp tỉnh", 2),
        (1, "Đất đai", 2),
        (None, "Cấp huyện", 10),
        (1, HOSTILE, 1),
        (2, "Đất đai", 6),
        (3, "Hộ tịch", 2),
        (4, "Không ghi lĩnh vực", 1),
    ]


def test_the_identities_hold_in_the_consolidated_form(province: Client) -> None:
    content = province.get("/units/H23/report.json", **MARCH).json["consolidated"]
    for row in [*content["rows"], content["total"]]:
        c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13 = cells(row)
        assert (c3, c3, c7, c11) == (c4 + c5 + c6, c7 + c11, c8 + c9 + c10, c12 + c13), row


def test_the_levels_of_the_consolidated_form_add_up_to_its_total(province: Client) -> None:
    content = province.get("/units/H23/report.json", **MARCH).json["consolidated"]
    levels = [cells(row) for row in content["rows"] if row["number"] is None]
    assert cells(content["total"]) == [sum(column) for column in zip(*levels, strict=True)]


def test_the_workbook_of_a_province_has_two_sheets(province: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(province.get("/units/H23/report.xlsx", **MARCH).data))
    assert book.sheetnames == ["II.06a", "Tổng hợp theo cấp"]


def test_the_consolidated_table_as_csv(province: Client) -> None:
    text = province.get("/units/H23/report.csv", consolidated="1", **MARCH).data.decode("utf-8-sig")
    assert [line[:2] for line in csv.reader(io.StringIO(text))][2:4] == [["I", "Cấp tỉnh"], ["1", "Đất đai"]]


def test_only_a_province_has_a_consolidated_form(filled: Client) -> None:
    assert filled.get("/units/H23.45/report.csv", consolidated="1", **MARCH).status_code == 400


def test_every_row_of_the_csv_carries_its_question(filled: Client) -> None:
    lines = list(csv.DictReader(io.StringIO(report(filled, "csv").data.decode("utf-8-sig"))))[1:]
    asked = {"Mã đơn vị": "H23.45", "Kỳ báo cáo": "Tháng 3/2025", "Số liệu tính đến": "31/03/2025 23:59:59"}
    assert [{name: line[name] for name in asked} for line in lines] == [asked] * len(lines)


def test_the_csv_has_the_note_of_each_row(filled: Client) -> None:
    lines = list(csv.DictReader(io.StringIO(report(filled, "csv").data.decode("utf-8-sig"))))
    notes = {line["Lĩnh vực, công việc giải quyết theo cấp"]: line["Ghi chú"] for line in lines}
    assert notes["Hộ tịch"] == "cột (9) gồm cả 1 hồ sơ đã giải quyết mà không có hạn trả hoặc không rõ ngày kết thúc"


def test_the_form_says_what_stats_say(filled: Client) -> None:
    total, counts = report(filled, "json").json["total"], filled.counts(**MARCH)
    assert (total["received_total"], total["resolved_total"], total["in_progress_total"]) == (
        counts["workload"],
        counts["closed"],
        counts["in_progress"],
    )


def test_the_workbook_and_the_csv_hold_the_same_numbers(filled: Client) -> None:
    content = report(filled, "json").json
    wanted = [cells(row) for row in [*content["rows"], content["total"]]]
    sheet = sheet_of(filled)
    table = [[cell.value for cell in row[2:13]] for row in sheet.iter_rows(min_row=11, max_row=10 + len(wanted))]
    lines = list(csv.reader(io.StringIO(report(filled, "csv").data.decode("utf-8-sig"))))
    assert table == wanted
    assert [[int(cell) for cell in line[2:13]] for line in lines[2:]] == wanted


def test_the_header_has_three_rows_and_numbered_columns(filled: Client) -> None:
    sheet = sheet_of(filled)
    assert [sheet.cell(7, column).value for column in (1, 2, 3, 7, 11)] == [
        "TT",
        "Lĩnh vực, công việc giải quyết theo cấp",
        "Số lượng hồ sơ tiếp nhận",
        "Số lượng hồ sơ đã giải quyết",
        "Số lượng hồ sơ đang giải quyết",
    ]
    numbers = [re.match(r"\(\d+\)", sheet.cell(10, column).value) for column in range(1, 14)]
    assert [number and number[0] for number in numbers] == [f"({n})" for n in range(1, 14)]


def test_it_prints_on_one_landscape_a4_page(filled: Client) -> None:
    sheet = sheet_of(filled)
    setup = sheet.page_setup
    assert (
        setup.orientation,
        int(setup.paperSize),
        sheet.sheet_properties.pageSetUpPr.fitToPage,
        sheet.print_title_rows,
    ) == (
        "landscape",
        9,
        True,
        "$7:$10",
    )


def test_no_cell_is_a_formula(filled: Client) -> None:
    archive = zipfile.ZipFile(io.BytesIO(report(filled, "xlsx").data))
    assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert f"'{HOSTILE}" in [line[1] for line in csv.reader(io.StringIO(report(filled, "csv").text))]


def test_a_reporting_calendar_names_its_days(filled: Client) -> None:
    form = report(filled, "json", period="2025-03", calendar="reporting", as_of="2025-03-31").json
    assert (form["period"]["from"], form["period"]["to"]) == ("2025-02-15", "2025-03-14")


def test_an_unknown_unit_or_period_is_a_problem(filled: Client) -> None:
    answers = [filled.get("/units/X99/report.xlsx"), filled.get("/units/H23.45/report.csv", period="soon")]
    assert [(a.status_code, a.content_type) for a in answers] == [
        (404, "application/problem+json"),
        (400, "application/problem+json"),
    ]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed here")
def test_libreoffice_opens_it_as_one_page(filled: Client, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(report(filled, "xlsx").data)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = re.findall(rb"/Type\s*/Page\b", (tmp_path / "form.pdf").read_bytes())
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("as_of", "written"),
    [("2025-02-05", "ngày 05 tháng 02 năm 2025"), ("2025-03-31", "ngày 31 tháng 3 năm 2025")],
)
def test_the_day_of_signing_is_written_as_the_decree_on_documents_asks(
    filled: Client, as_of: str, written: str
) -> None:
    """Decree 30/2020: a nought before days under ten, and before January and February alone."""
    assert report(filled, "json", period="2025", as_of=as_of).json["place_and_date"].endswith(written)
