"""What trials of clerks left open: rows that are none, a missing status, merged cells, contradicting codes."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.http.test_doubtful_registers import by_command
from tests.http.test_registers_as_they_come import workbook
from tests.support.client import Client
from tests.support.register_files import as_csv, send

HEADINGS = ["STT", "Mã hồ sơ", "Mã TTHC", "Trạng thái", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý"]
NO_DOSSIERS: list[list[Any]] = [
    ["(1)", "(2)", "(3)", "(4)=(5)+(6)", "(5)", "(6)", "(7)"],
    ["1", "2", "3", "4", "5", "6", "7=6-5"],
    ["Ghi chú: cột 5 ghi ngày nhận đủ hồ sơ"],
    ["Ghi chú", "Hồ sơ nộp ngày 05/10/2023 chưa nhập"],
    ["*", "Đã kiểm tra", "đối chiếu", "với sổ gốc"],
    ["Lưu ý:", "điền đủ", "cột 2", "đến 5"],
    ["Trong đó", "đúng hạn 3", "", "trễ hạn 1"],
    ["CỘNG (I+II)", None, 12, "hồ sơ"],
    ["Người tổng hợp", None, None, "LÃNH ĐẠO ĐƠN VỊ"],
]


def line(number: int, **given: Any) -> list[Any]:
    cells = {"code": f"H99.01-231002-{number:04}", "procedure": "1.001193", "status": "Đã xử lý xong",
             "received": "02/10/2023", "due": "06/10/2023", "finished": "05/10/2023", **given}  # fmt: skip
    return [number, *cells.values()]


def kinds_by_row(answer: Any) -> dict[int, set[str]]:
    return {entry["row"]: {warning["kind"] for warning in entry["warnings"]} for entry in answer["warnings"]}


def test_rows_that_are_no_dossiers_are_passed_over_and_named(app: Flask, client: Client, tmp_path: Path) -> None:
    content = workbook(HEADINGS, *NO_DOSSIERS[:2], line(1), *NO_DOSSIERS[2:])
    output = by_command(app, tmp_path, content, "--dry-run")
    answer: Any = send(client, "so.xlsx", content).json
    assert (answer["received"], answer["created"], answer["passed_over"]) == (1, 1, len(NO_DOSSIERS))
    assert "ghi chú: dòng (rows) 5–8" in output and "tiêu đề lặp lại: dòng (rows) 2–3" in output


@pytest.mark.parametrize(
    "given", [{"code": None}, {"received": "Ghi chú"}, {"status": "Tổng cộng"}, {"code": None, "procedure": None}]
)
def test_a_dossier_with_gaps_is_never_passed_over(client: Client, given: dict[str, Any]) -> None:
    answer: Any = send(client, "so.xlsx", workbook(HEADINGS, line(1), line(2, **given))).json
    assert (answer["received"], answer["rejected"], answer["passed_over"]) == (2, 1, 0)


def test_a_dossier_of_a_body_that_is_called_like_a_total_is_never_passed_over(client: Client) -> None:
    headings, first = (["Chủ hồ sơ", *cells] for cells in (HEADINGS, line(1)))
    rows = [
        [name, None, code, None, "Đã xử lý xong", None, "06/10/2023", "05/10/2023"]
        for name in ("Tổng công ty Điện lực", "Cộng đồng dân cư thôn 3", "TỔNG CỤC THUẾ")
        for code in ("H23.45-231002-0002", "h23.45 - 231002-2", "0012/HS", "HS-12", "231002-0001", 231002000112)
    ]
    answer: Any = send(client, "so.xlsx", workbook(headings, first, *rows)).json
    assert (answer["received"], answer["rejected"], answer["passed_over"]) == (19, 18, 0)


def test_a_total_with_its_count_below_the_code_is_passed_over(client: Client) -> None:
    counts = (2, "12", "12hs", "50%", "12/15", "I+II=5", "(5)", "1.234.567", "hồ sơ:2", "2 hồ sơ", "Tổng:2", "CỘNG(5)")
    totals: list[list[Any]] = [["Tổng cộng", count, None, count] for count in counts]
    totals += [[None, "Tổng:2"], [None, "CỘNG(I+II)", 3], [None, "Tổng-2", None, 3]]
    answer: Any = send(client, "so.xlsx", workbook(HEADINGS, line(1), *totals)).json
    assert (answer["received"], answer["rejected"], answer["passed_over"]) == (1, 0, len(totals))


def test_a_sheet_without_a_status_is_named_with_what_was_taken(app: Flask, client: Client, tmp_path: Path) -> None:
    bare = [cell for at, cell in enumerate(HEADINGS) if at != 3]

    def dress(sheet: Any) -> None:
        extra = sheet.parent.create_sheet("Tháng 10")
        extra.append(bare)
        extra.append([cell for at, cell in enumerate(line(2)) if at != 3])

    content = workbook(HEADINGS, line(1), dress=dress)
    output = by_command(app, tmp_path, content, "--dry-run")
    answer: Any = send(client, "so.xlsx", content).json
    [note] = answer["notes"]
    assert note in output and answer["status_derived"]
    assert "“Tháng 10”" in note and "Ngày kết thúc xử lý (finished_at) được tính là đã xong" in note


def test_without_any_column_of_an_end_every_dossier_counts_as_open_and_this_is_said(client: Client) -> None:
    rows = [[cell for at, cell in enumerate(row) if at not in (3, 6)] for row in (HEADINGS, line(1))]
    answer: Any = send(client, "so.csv", as_csv(*rows)).json
    assert [note for note in answer["notes"] if "mọi hồ sơ được tính là đang xử lý" in note]


def test_a_supplement_without_its_request_and_another_unit_are_warned_about(client: Client) -> None:
    headings = [*HEADINGS, "Mã đơn vị", "Ngày yêu cầu bổ sung", "Ngày tiếp nhận bổ sung"]
    rows = [
        [*line(1), "H99.01", "03/10/2023", "04/10/2023"],
        [*line(2), "H99.01", None, "04/10/2023"],
        [*line(3), "H99.02", None, None],
        [*line(4), "000.00.01.H99", None, None],
        [*line(5), "H99", None, None],
        [*line(6), "H99.01.07", None, None],
        [*line(7, code="ABC-1"), "H99.02", None, None],
    ]
    answer: Any = send(client, "so.xlsx", workbook(headings, *rows)).json
    assert (answer["created"], kinds_by_row(answer)) == (7, {3: {"pause_end_alone"}, 4: {"unit_differs"}})


@pytest.mark.parametrize("content", [b"\r\n\r\n\r\n", b"\xef\xbb\xbf", as_csv([], [])])
def test_a_file_of_blank_lines_is_empty(client: Client, content: bytes) -> None:
    assert "Tệp trống" in send(client, "so.csv", content).json["detail"]


def test_dates_of_another_base_year_are_read_as_excel_shows_them(client: Client) -> None:
    content = workbook(HEADINGS, line(1, received=date(2023, 10, 2)), dress=_of_1904)
    assert send(client, "so.xlsx", content).json["created"] == 1
    stored: Any = client.http.get("/api/v1/dossiers/H99.01-231002-0001", headers=client.auth).json
    assert stored["received_at"].startswith("2023-10-02")


def _of_1904(sheet: Any) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    sheet.parent.epoch = CALENDAR_MAC_1904
