"""Sheets of one register: merged cells, short sheets beside the full one, days that no column explains."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl.worksheet.worksheet import Worksheet

from tests.http.test_doubtful_registers import DONE, GIVEN, SHORT, by_command, kinds
from tests.http.test_registers_as_they_come import Row, row, workbook
from tests.support.catalogues import PROCEDURES, Operator
from tests.support.client import Client
from tests.support.register_files import COLUMNS, send

SHORTER = ["Mã hồ sơ", "Mã TTHC", "Ngày tiếp nhận", "Lý do trễ"]


def two_sheets(*rows: Row) -> Callable[[Worksheet], None]:
    def dress(sheet: Worksheet) -> None:
        assert sheet.parent is not None
        extra = sheet.parent.create_sheet("HS trễ hạn")
        for cells in rows:
            extra.append(cells)

    return dress


def test_a_sheet_that_tells_no_state_takes_none_away(app: Flask, client: Client, tmp_path: Path) -> None:
    late = [GIVEN[0].replace("0001", "0002"), *GIVEN[1:], "x"]
    content = workbook(
        COLUMNS, row(1), row(2, **DONE), dress=two_sheets(SHORTER, late, [late[0] + "0", *late[1:]], late)
    )
    output = by_command(app, tmp_path, content, "--dry-run")
    answer: Any = send(client, "so.xlsx", content).json
    assert (answer["created"], answer["updated"], answer["rejected"]) == (3, 0, 2)
    assert [(entry["sheet"], entry["row"]) for entry in answer["rejections"]] == [("HS trễ hạn", 2), ("HS trễ hạn", 4)]
    assert "--sheet" in str(answer["rejections"]) and "phần trước của tệp" in output
    assert client.counts("H99.01", period="2023", as_of="2023-10-31")["early"] == 1


def test_a_fuller_sheet_after_a_shorter_one_counts(client: Client) -> None:
    content = workbook(SHORTER, [*GIVEN, "x"], [*GIVEN, "y"], dress=two_sheets(COLUMNS, row(1, **DONE)))
    answer: Any = send(client, "so.xlsx", content).json
    assert (answer["rejected"], kinds(answer)) == (0, {"repeated_code"})
    assert client.counts("H99.01", period="2023", as_of="2023-10-31")["early"] == 1


@pytest.mark.parametrize(
    ("heading", "cell", "noted"),
    [
        ("TG", "04/10/2023", True),
        ("Cột 7", date(2023, 10, 4), True),
        ("Điện thoại", "0912345678", False),
        ("Ghi chú", "x", False),
    ],
)
@pytest.mark.parametrize("beside", [[], ["Trạng thái"], ["Ngày kết thúc"]])
def test_a_column_of_days_left_unread_is_noted_where_nothing_tells_an_end(
    app: Flask, client: Client, tmp_path: Path, heading: str, cell: Any, noted: bool, beside: list[str]
) -> None:
    state = {"Trạng thái": "Đang xử lý", "Ngày kết thúc": "04/10/2023"}
    content = workbook([*SHORT, heading, *beside], [*GIVEN, cell, *(state[name] for name in beside)])
    output = by_command(app, tmp_path, content, "--dry-run")
    answer: Any = send(client, "so.xlsx", content).json
    notes = [f"--map '{heading}=Ngày trả'"] if noted and not beside else []
    said = [note for note in answer["notes"] if "không có cột Trạng thái" not in note]
    assert (answer["created"], len(said)) == (1, len(notes))
    assert all(text in output and text in said[0] for text in notes)
    ignored: Any = send(client, "so.xlsx", content, ignore=heading).json
    assert [note for note in ignored["notes"] if "--map '" in note] == []


def merged(*areas: str) -> Callable[[Worksheet], None]:
    def dress(sheet: Worksheet) -> None:
        for area in areas:
            sheet.merge_cells(area)

    return dress


@pytest.mark.parametrize("limit", ["", "1,working_day"])
def test_cells_merged_downwards_are_read_as_excel_shows_them(
    app: Flask, client: Client, tmp_path: Path, operator: Operator, limit: str
) -> None:
    if limit:
        operator.imports("procedures", PROCEDURES, f"1.001193,Đăng ký khai sinh,,,{limit}")
    below = [row(at, due=None, finished=None, procedure=None, status=None) for at in (2, 3)]
    rows = [["SỔ"], COLUMNS, row(1, **DONE), *below, ["Tổng cộng", 3], row(4, **DONE | {"finished": "09/10/2023"})]
    content = workbook(*rows, dress=merged("E3:E6", "F3:F5", "B3:B5", "C3:C5", "A1:F1"))
    output = by_command(app, tmp_path, content, "--dry-run")
    answer: Any = send(client, "so.xlsx", content).json
    assert (answer["created"], answer["rejected"], answer["passed_over"], answer["notes"]) == (4, 0, 2, [])
    assert [(entry["row"], kinds({"warnings": [entry]})) for entry in answer["warnings"]] == [
        (4, {"merged_cell"}), (5, {"merged_cell"}),
    ]  # fmt: skip
    assert "dòng (rows) 4–5: Ô Ngày kết thúc xử lý gộp xuống" in output
    fields = [warning["field"] for warning in answer["warnings"][0]["warnings"]]
    assert sorted(fields) == ["due_at", "finished_at", "procedure_code", "status"], "each column says so for itself"
    counts = client.counts("H99.01", period="2023", as_of="2023-10-31")
    assert (counts["early"], counts["late"]) == (3, 1)


def test_a_code_merged_over_several_rows_makes_no_dossier_of_the_others(client: Client) -> None:
    content = workbook(COLUMNS, row(1), row(2, code=None), dress=merged("A2:A3"))
    answer: Any = send(client, "so.xlsx", content).json
    assert (answer["created"], [entry["row"] for entry in answer["rejections"]]) == (1, [3])
