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
        "withdrawn": 1, "stopped": 1, "no_deadline": 1, "paused": 1, "open_no_deadline": 1,
    }  # fmt: skip
    assert "1 hồ sơ công dân rút, 1 hồ sơ dừng xử lý và 1 hồ sơ đã xong" in content["notes"][0]


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
    assert [[int(cell) for cell in line[2:]] for line in lines[2:]] == wanted


def test_the_header_has_three_rows_and_numbered_columns(filled: Client) -> None:
    sheet = sheet_of(filled)
    assert [sheet.cell(7, column).value for column in (1, 2, 3, 7, 11)] == [
        "TT",
        "Lĩnh vực giải quyết",
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
    found = report(filled, "json", period="2025-03", calendar="reporting", as_of="2025-03-31").json
    assert (found["period"]["from"], found["period"]["to"]) == ("2025-02-15", "2025-03-14")


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
