"""Files over HTTP and on the command line: what clerks have, and what may be wrong with it."""

import csv
import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from werkzeug.test import TestResponse

from service.app import create_app
from service.settings import Settings
from tests.client import Client, dossier
from tests.onestop import SAMPLES, hoso

ASKED = {"period": "2023", "as_of": "2023-10-04T23:59:59+07:00"}
REGISTER = (SAMPLES / "so-theo-doi.csv").read_text(encoding="utf-8-sig")
COLUMNS = ["Mã hồ sơ", "Mã TTHC", "Trạng thái", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý"]


def send(client: Client, name: str, content: bytes, **form: str) -> TestResponse:
    return client.http.post(
        "/api/v1/dossiers/import",
        data={"file": (io.BytesIO(content), name), **form},
        headers=client.auth,
        content_type="multipart/form-data",
    )


def told(response: TestResponse) -> Any:
    assert response.status_code in (200, 207), response.text
    return response.json


def as_csv(*rows: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(*rows: list[Any]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def row(code: str = "H23.45-231002-0001", **given: Any) -> list[Any]:
    cells = {
        "procedure": "1.004873",
        "status": "Đang xử lý",
        "received": "02/10/2023 08:00",
        "due": "06/10/2023",
        "finished": "",
        **given,
    }
    return [code, *cells.values()]


def assert_register(client: Client) -> None:
    """Compare with the numbers of the sample's README."""
    commune = client.counts("H23.45.07", subtree="0", **ASKED)
    assert [commune[name] for name in ("workload", "early", "on_time", "open_in_time")] == [3, 1, 1, 1]
    district = client.counts("H23.45", subtree="0", **ASKED)
    assert [district[name] for name in ("workload", "late")] == [1, 1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16", "utf-16-le", "cp1258"])
def test_the_register_gives_what_its_readme_says(client: Client, encoding: str) -> None:
    answer = told(send(client, "so-theo-doi.csv", in_encoding(REGISTER, encoding)))
    assert (answer["created"], answer["rejected"]) == (4, 1)
    assert_register(client)
    assert client.get("/api/v1/units").text.count("UBND xã Tứ Kỳ") == 1


def in_encoding(text: str, encoding: str) -> bytes:
    """Encode; windows-1258 writes a tone as a character of its own, after the letter."""
    if encoding != "cp1258":
        return text.encode(encoding)
    import unicodedata

    letters = []
    for character in text:
        try:
            letters.append(character.encode("cp1258"))
        except UnicodeEncodeError:
            base, tone = unicodedata.normalize("NFD", character)[:-1], unicodedata.normalize("NFD", character)[-1]
            if tone in "\u0302\u0306\u031b" or unicodedata.normalize("NFC", base + tone) != character:
                marks = unicodedata.normalize("NFD", character)
                tone = next(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
                base = unicodedata.normalize("NFC", marks.replace(tone, ""))
            letters.append(unicodedata.normalize("NFC", base).encode("cp1258") + tone.encode("cp1258"))
    return b"".join(letters)


def test_the_register_as_a_workbook(client: Client) -> None:
    rows = list(csv.reader(io.StringIO(REGISTER)))
    told(send(client, "so.xlsx", as_xlsx(["SỔ THEO DÕI HỒ SƠ"], [], ["Năm 2023"], *rows)))
    assert_register(client)


@pytest.mark.parametrize(
    "headings",
    [
        ["Mã hồ sơ", "Mã TTHC", "Trạng thái", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý"],
        ["MA HO SO", "ma_tthc", "trang thai", "Ngay tiep nhan", "ngay hen tra:", "Ngày kết thúc"],
        ["code", "procedure_code", "status", "received_at", "due_at", "finished_at"],
        ["MaHoSo", "MaTTHC", "TrangThaiHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy"],
    ],
)
def test_headings_in_every_manner(client: Client, headings: list[str]) -> None:
    done = row(status="9", received="20231002080000", due="20231006", finished="20231004")
    told(send(client, "a.csv", as_csv(["Báo cáo", "tháng 10"], headings[::-1], done[::-1])))
    assert client.counts(**ASKED)["early"] == 1


@pytest.mark.parametrize(
    "received",
    ["2/10/2023", "02-10-2023 8:00", "02.10.2023 08:00:30", "2023-10-02 08:00", "20231002", 20231002080000,
     datetime(2023, 10, 2, 8), date(2023, 10, 2), "2023-10-02T08:00:00+07:00"],
)  # fmt: skip
def test_dates_in_every_manner(client: Client, received: Any) -> None:
    told(send(client, "a.xlsx", as_xlsx(COLUMNS, row(received=received))))
    assert client.counts(period="2023-10-02", as_of="2023-10-02")["received"] == 1


@pytest.mark.parametrize("received", ["31/02/2023", "10/13/2023", "02/10/23", "20231332", "hôm qua", True, 45000.5])
def test_a_date_that_is_none_is_refused_by_its_heading(client: Client, received: Any) -> None:
    answer = told(send(client, "a.xlsx", as_xlsx(COLUMNS, row(received=received), row("H23.45-2"))))
    (rejection,) = answer["rejections"]
    assert (list(rejection["errors"]), rejection["row"], answer["created"]) == (["Ngày tiếp nhận"], 2, 1)


@pytest.mark.parametrize(
    ("word", "name"),
    [("Được tiếp nhận", "open_in_time"), ("DA TIEP NHAN", "open_in_time"), ("Yêu cầu bổ sung giấy tờ", "paused"),
     ("Đã trả kết quả", "no_deadline"), ("công dân yêu cầu rút", "withdrawn"), ("processing", "open_in_time"),
     (4, "open_in_time")],
)  # fmt: skip
def test_statuses_in_words(client: Client, word: Any, name: str) -> None:
    finished = "" if name in ("open_in_time", "paused") else "04/10/2023"
    told(send(client, "a.xlsx", as_xlsx(COLUMNS, row(status=word, due=None, finished=finished))))
    assert client.counts(period="2023", as_of="2023-10-04")[name] == 1


def test_a_pause_in_columns_of_its_own(client: Client) -> None:
    columns = [*COLUMNS, "Ngày yêu cầu bổ sung", "Ngày tiếp nhận bổ sung"]
    told(send(client, "a.csv", as_csv(columns, [*row(), "03/10/2023 09:00", "05/10/2023 09:00"])))
    assert client.counts(period="2023", as_of="2023-10-04")["paused"] == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ndjson", b"\xef\xbb\xbf" + b"\n".join(json.dumps(d).encode() for d in (dossier(), hoso("H23.45-2")))),
        ("a.json", json.dumps([dossier(), hoso("H23.45-2")]).encode()),
        ("a.json", json.dumps({"data": [dossier(), hoso("H23.45-2")]}).encode()),
    ],
)
def test_json_in_either_s_names(client: Client, name: str, content: bytes) -> None:
    assert told(send(client, name, content))["created"] == 2
    assert client.counts(**ASKED)["open_in_time"] == 2


def test_rejected_rows_come_back_without_what_the_service_does_not_know(client: Client) -> None:
    content = as_csv([*COLUMNS, "Chủ hồ sơ"], [*row(received=""), "NGUYỄN VĂN A"], [*row("=1+1", received=""), "B"])
    answer = send(client, "a.csv", content).json
    assert answer is not None
    name, text = answer["rejected_file"].values()
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert lines[0] == [*COLUMNS, "Lý do từ chối"]
    assert lines[1][0] == "H23.45-231002-0001" and "Ngày tiếp nhận" in lines[1][-1]
    assert lines[2][0] == "'=1+1"
    assert "NGUYỄN" not in text and name.endswith(".csv")


def test_the_corrected_file_of_rejected_rows_can_be_sent(client: Client) -> None:
    answer = send(client, "a.csv", as_csv(COLUMNS, row(received=""))).json
    assert answer is not None
    corrected = answer["rejected_file"]["content"].replace("Đang xử lý,,", "Đang xử lý,02/10/2023,")
    assert told(send(client, "b.csv", corrected.encode()))["created"] == 1


def test_rejected_rows_alone_for_who_wants_only_csv(client: Client) -> None:
    response = client.http.post(
        "/api/v1/dossiers/import",
        data={"file": (io.BytesIO(as_csv(COLUMNS, row(), row("H23.45-2", received=""))), "a.csv")},
        headers={**client.auth, "Accept": "text/csv"},
    )
    assert (response.status_code, response.content_type) == (207, "text/csv; charset=utf-8")
    assert response.data.startswith(b"\xef\xbb\xbf")


def test_a_dry_run_tells_all_and_stores_nothing(client: Client) -> None:
    answer = told(send(client, "a.csv", as_csv(COLUMNS, row(), row("H23.45-2", received="")), dry_run="1"))
    assert (answer["dry_run"], answer["created"], answer["rejected"]) == (True, 1, 1)
    assert client.get("/api/v1/units").json == {"units": []}


def test_the_same_file_again_changes_nothing(client: Client) -> None:
    told(send(client, "a.csv", as_csv(COLUMNS, row())))
    assert told(send(client, "a.csv", as_csv(COLUMNS, row())))["unchanged"] == 1


# What may be wrong


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


# The command


def run(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=["dossiers", "import", *args])


def test_the_command_imports_and_writes_the_rejected_rows(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text(REGISTER, encoding="utf-8-sig")
    result = run(app, str(file), "--source", "mot-cua")
    assert result.exit_code == 0, result.output
    assert_register(client)
    assert "Chủ hồ sơ" not in (tmp_path / "so-bi-tu-choi.csv").read_text(encoding="utf-8-sig")


def test_the_command_can_run_dry(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text(REGISTER, encoding="utf-8")
    assert "created            4" in run(app, str(file), "--source", "mot-cua", "--dry-run").output
    assert client.get("/api/v1/units").json == {"units": []}


def test_the_command_says_what_is_wrong(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text("a,b\n1,2\n")
    result = run(app, str(file), "--source", "mot-cua")
    assert result.exit_code == 2 and "Thiếu cột" in result.output
    assert run(app, str(file), "--source", "nobody").exit_code == 2
