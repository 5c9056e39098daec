"""Registers in letters of the time before Unicode, with letters lost, with sheets to choose, with units as numbers."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook

from tests.support.client import Client
from tests.support.register_files import COLUMNS, as_csv, as_xlsx, row, send, told

VNI = (
    "Maõ hoà sô,Maõ thuû tuïc,Traïng thaùi,Ngaøy tieáp nhaän,Ngaøy heïn traû\r\n"
    "H23.45-231002-0001,1.004873,Ñang xöû lyù,02/10/2023,06/10/2023\r\n"
)
UNITS = "code,name,level,parent_code,valid_from,valid_to,successor_codes\n"
MARKED = as_csv(COLUMNS, row()).decode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (VNI.encode("cp1252"), "bảng mã là VNI"),
        (VNI.encode(), "bảng mã là VNI"),
        (MARKED.encode("ascii", "replace"), "đã mất thành dấu ?"),
        (MARKED.encode("ascii", "replace").replace(b"?", "\ufffd".encode()), "đã mất thành dấu ?"),
    ],
    ids=["VNI in one byte a letter", "VNI saved as UTF-8", "lost to question marks", "lost to the broken character"],
)
def test_letters_that_are_no_longer_there_refuse_the_file(client: Client, content: bytes, reason: str) -> None:
    response = send(client, "so.csv", content)
    assert (response.status_code, reason in response.text) == (422, True)


@pytest.mark.parametrize("name", ["H? t?ch", "??t ?ai", "Đất \ufffdai"])
def test_a_name_that_lost_letters_rejects_its_row(client: Client, name: str) -> None:
    answer = told(
        send(client, "so.csv", as_csv([*COLUMNS, "Lĩnh vực"], [*row(), "Đất đai?"], [*row("H23.45-2"), name]))
    )
    assert [(entry["row"], list(entry["errors"])) for entry in answer["rejections"]] == [(3, ["Lĩnh vực"])]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "\ufeffsep=;"])
def test_the_first_line_may_say_the_separator(client: Client, first: str) -> None:
    lines = [";".join(COLUMNS), ";".join(row()), ";".join(row("H23.45-2", received="x;"))]
    answer = told(send(client, "so.csv", "\r\n".join([first, *lines]).encode()))
    assert (answer["created"], answer["rejections"][0]["row"]) == (1, 4)


def two_sheets() -> bytes:
    book = Workbook()
    for number in (9, 10):
        sheet = book.create_sheet(f"Tháng {number}")
        sheet.append(COLUMNS)
        sheet.append(row(f"H23.45-231002-{number:04}"))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_one_sheet_can_be_chosen(client: Client) -> None:
    answer = told(send(client, "so.xlsx", two_sheets(), sheet="Tháng 10"))
    assert (answer["created"], answer["sheets"]) == (1, ["Tháng 10"])


def test_the_command_chooses_a_sheet_too(app: Flask, client: Client, tmp_path: Path) -> None:
    (tmp_path / "so.xlsx").write_bytes(two_sheets())
    command = ["dossiers", "import", str(tmp_path / "so.xlsx"), "--source", "mot-cua", "--sheet", "Tháng 9"]
    assert "created            1" in app.test_cli_runner().invoke(args=command).output


def test_a_sheet_that_is_not_there_is_answered_with_those_that_are(client: Client) -> None:
    assert "Tháng 9, Tháng 10" in send(client, "so.xlsx", two_sheets(), sheet="Tháng 11").text


def unit_of(client: Client, cell: Any) -> tuple[str, list[str]]:
    """Import a dossier with this cell as its unit; return its unit and the kinds of warnings."""
    answer = told(send(client, "so.xlsx", as_xlsx([*COLUMNS, "Mã đơn vị"], [*row("A-1"), cell])))
    history = client.http.get("/api/v1/dossiers/A-1", headers=client.auth).json
    assert history is not None
    return history["unit_code"], [warning["kind"] for entry in answer["warnings"] for warning in entry["warnings"]]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (123, ("00123", ["unit_code_padded"])),
        ("00123", ("00123", [])),
        ("123", ("123", ["unit_unknown"])),
        (456, ("456", ["unit_code_number", "unit_unknown"])),
    ],
    ids=["a number of a known unit", "text with its zeros", "text without them", "a number of no known unit"],
)
def test_a_unit_in_a_number_cell_gets_its_zeros_back(
    app: Flask, client: Client, tmp_path: Path, cell: Any, expected: tuple[str, list[str]]
) -> None:
    (tmp_path / "units.csv").write_text(f"{UNITS}00123,Xã Một,xã,,,,\n", encoding="utf-8")
    assert app.test_cli_runner().invoke(args=["units", "import", str(tmp_path / "units.csv")]).exit_code == 0
    assert unit_of(client, cell) == expected
