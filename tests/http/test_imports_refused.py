"""Imports of what is broken or hostile: a clear refusal of the row or of the file, and nothing half applied."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from service.app import create_app
from service.formats.csv_files import read_csv
from service.formats.tables import FileError
from service.settings import Settings
from tests.support.client import Client
from tests.support.register_files import COLUMNS, as_csv, as_xlsx, in_encoding, row, send, told


def test_a_missing_heading_says_what_is_needed_and_what_was_found(client: Client) -> None:
    response = send(client, "a.csv", as_csv(["Mã hồ sơ", "Trạng thái", "Cột lạ"], ["1", "4", "x"]))
    assert response.status_code == 422
    assert response.json is not None
    detail = response.json["detail"]
    assert "Mã TTHC (procedure_code), Ngày tiếp nhận (received_at)" in detail
    assert "Mã hồ sơ (code), Trạng thái (status)" in detail.partition("found")[2]
    assert "Cột lạ" not in detail


def test_a_row_in_another_encoding_is_rejected_alone(client: Client) -> None:
    good = as_csv([*COLUMNS, "Lĩnh vực"], *([*row(f"H23.45-{n}"), "Đất đai"] for n in range(5)))
    bad = ",".join([*row("H23.45-9"), "X"]).encode().replace(b"X", in_encoding("Hộ tịch", "cp1258"))
    answer = told(send(client, "a.csv", good + bad.replace("Đang xử lý".encode(), b"4")))
    assert (answer["created"], answer["rejected"]) == (5, 1)
    assert list(answer["rejections"][0]["errors"]) == ["Lĩnh vực"]


def test_formulas_are_text_or_values(client: Client) -> None:
    content = as_xlsx(COLUMNS, row(received="=NOW()"), row("H23.45-2", due="=1+1"), row("H23.45-3"))
    answer = told(send(client, "a.xlsx", content))
    assert answer["created"] >= 1
    assert "NOW" not in json.dumps(answer["rejections"])


def test_a_zip_bomb_is_refused(client: Client) -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(b" " * 1024 * 1024)
    response = send(client, "a.xlsx", file.getvalue())
    assert response.status_code == 422 and "quá lớn" in response.text


def test_a_sheet_that_claims_all_cells_is_refused(client: Client) -> None:
    book = io.BytesIO(as_xlsx(COLUMNS, row()))
    wide = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(wide, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            if part.endswith("sheet1.xml"):
                far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
                content = content.replace(b"</sheetData>", far)
            new.writestr(part, content)
    response = send(client, "a.xlsx", wide.getvalue())
    assert response.status_code == 422 and "quá lớn" in response.text
    assert client.get("/api/v1/units").json == {"units": []}


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.xlsx", b"PK\x03\x04 but no workbook", 422),
        ("a.xlsx", b"", 422),
        ("a.csv", b"", 422),
        ("a.csv", as_csv(COLUMNS) + b'"H23.45-1' + b"x" * 200_000, 422),
        ("a.json", b"[{", 422),
        ("a.json", b'{"data": 1}', 422),
        ("a.exe", b"MZ", 415),
        ("a", b"MZ", 415),
    ],
)
def test_a_file_that_is_none_is_refused_whole(client: Client, name: str, content: bytes, status: int) -> None:
    assert send(client, name, content).status_code == status
    assert client.get("/api/v1/units").json == {"units": []}


def test_a_break_far_down_applies_nothing(client: Client) -> None:
    rows = [row(f"H23.45-{n}") for n in range(2500)]
    response = send(client, "a.csv", as_csv(COLUMNS, *rows) + b'"H23.45-1' + b"x" * 200_000)
    assert response.status_code == 422
    assert client.get("/api/v1/units").json == {"units": []}


def test_an_upload_over_the_limit_is_refused(settings: Settings, client: Client) -> None:
    small = create_app(settings.model_copy(update={"max_wire_mb": 1}))
    response = small.test_client().post(
        "/api/v1/dossiers/import",
        data=b"--x\r\n" + b"x" * 1_100_000,
        headers=client.auth,
        content_type="multipart/form-data; boundary=x",
    )
    small.extensions["tthc"].database.engine.dispose()
    assert response.status_code == 413


def test_an_import_needs_a_key_and_a_form(app: Flask, client: Client) -> None:
    http = app.test_client()
    assert http.post("/api/v1/dossiers/import").status_code == 401
    assert http.post("/api/v1/dossiers/import", headers=client.auth, json={}).status_code == 415
    assert http.post("/api/v1/dossiers/import", headers=client.auth, data={"dry_run": "maybe"}, content_type="multipart/form-data").status_code == 422  # fmt: skip  # noqa: E501


def test_a_line_of_a_million_cells_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(as_csv(COLUMNS, row()) + b"," * 2_000_000)
    with pytest.raises(FileError):
        list(read_csv(file).rows)
