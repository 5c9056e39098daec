"""Registers as clerks keep them, and how they are sent."""

import base64
import csv
import io
from typing import Any

from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from tests.support.client import Client
from tests.support.senders import SAMPLES

ASKED = {"period": "2023", "as_of": "2023-10-04T23:59:59+07:00"}
REGISTER = (SAMPLES / "so-theo-doi.csv").read_text(encoding="utf-8-sig")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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


def rejected_rows(answer: Any) -> list[list[str]]:
    """Return the table of rejected rows that an answer carries, headings first."""
    return rows_of(io.BytesIO(base64.b64decode(answer["rejected_file"]["content"])))


def rows_of(file: io.BytesIO) -> list[list[str]]:
    sheet = load_workbook(file).active
    assert sheet is not None
    return [["" if cell is None else str(cell) for cell in line] for line in sheet.iter_rows(values_only=True)]


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
