"""Files over HTTP and on the command line: what clerks have, and what may be wrong with it."""

import base64
import csv
import io
import json
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support.client import Client, dossier
from tests.support.register_files import (
    ASKED,
    COLUMNS,
    REGISTER,
    XLSX,
    as_csv,
    as_xlsx,
    assert_register,
    in_encoding,
    rejected_rows,
    row,
    send,
    told,
)
from tests.support.senders import hoso


def told_or_refused(response: Any) -> Any:
    assert response.status_code in (207, 422), response.text
    return response.json


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16", "utf-16-le", "cp1258"])
def test_the_register_gives_what_its_readme_says(client: Client, encoding: str) -> None:
    answer = told(send(client, "so-theo-doi.csv", in_encoding(REGISTER, encoding)))
    assert (answer["created"], answer["rejected"]) == (4, 1)
    assert_register(client)
    assert client.get("/api/v1/units").text.count("UBND xã Tứ Kỳ") == 1


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


@pytest.mark.parametrize("received", ["31/02/2023", "13/13/2023", "02/10/23", "20231332", "hôm qua", True, 45000.5])
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
    # Without a moment of change a request begins when it became known.
    asked = {} if name == "paused" else {"period": "2023", "as_of": "2023-10-04"}
    assert client.counts(**asked)[name] == 1


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
    headings, first, second = rejected_rows(answer)
    reason = headings.index("Lý do từ chối: Ngày tiếp nhận")
    assert headings[reason - 1] == "Ngày tiếp nhận"
    assert [heading for heading in headings if not heading.startswith("Lý do")][:4] == COLUMNS[:4]
    assert first[0] == "H23.45-231002-0001"
    assert "Trạng thái này cần ngày tiếp nhận" in first[reason]
    assert "Không thấy mã đơn vị" in second[1]
    assert second[0] == "=1+1"
    assert not any("NGUYỄN" in cell for line in (first, second) for cell in line)


def test_a_reason_names_cell_and_value(client: Client) -> None:
    rows = (row(received="hôm qua"), row("H23.45-2", status="Chưa trả kết quả"),
            row("H23.45-4", status="Đang ở đâu đó"), row("H23.45-3", received=""))  # fmt: skip
    rejections = told_or_refused(send(client, "a.csv", as_csv(["SỔ"], COLUMNS, *rows)))["rejections"]
    reasons = [reason for rejection in rejections for texts in rejection["errors"].values() for reason in texts]
    starts = (
        "Ô (cell) D3 “hôm qua”: Phải là ngày",
        "Ô (cell) C4 “Chưa trả kết quả”: “Chưa trả",
        "Ô (cell) C5 “Đang …”: Không hi",
        "Ô (cell) D6 trống (empty): Tr",
    )
    assert [reason[: len(start)] for reason, start in zip(reasons, starts, strict=True)] == list(starts)


def test_rejected_days_are_given_back_as_they_were_shown(client: Client) -> None:
    days = row(received=datetime(2023, 10, 2, 8, 30), due=date(2023, 10, 6), finished=True)
    headings, line = rejected_rows(told_or_refused(send(client, "a.xlsx", as_xlsx(COLUMNS, days))))
    given = dict(zip(headings, line, strict=True))
    assert [given[name] for name in COLUMNS[3:]] == ["02/10/2023 08:30:00", "06/10/2023", "TRUE"]


def test_the_cells_of_rejected_rows_are_text(client: Client) -> None:
    answer = send(client, "a.csv", as_csv(COLUMNS, row("=1+1", received=""))).json
    assert answer is not None
    sheet = load_workbook(io.BytesIO(base64.b64decode(answer["rejected_file"]["content"]))).active
    assert sheet is not None
    given = [cell for heading, cell in zip(sheet[1], sheet[2], strict=True) if heading.value in COLUMNS[:3]]
    assert [(cell.data_type, cell.number_format) for cell in given] == [("s", "@")] * 3


def test_the_corrected_file_of_rejected_rows_can_be_sent(client: Client) -> None:
    answer = send(client, "a.csv", as_csv(COLUMNS, row(received=""))).json
    assert answer is not None
    headings, line = rejected_rows(answer)
    line[headings.index("Ngày tiếp nhận")] = "02/10/2023"
    assert told(send(client, "b.xlsx", as_xlsx(headings, line)))["created"] == 1


def test_rejected_rows_alone_as_a_workbook(client: Client) -> None:
    response = client.http.post(
        "/api/v1/dossiers/import",
        data={"file": (io.BytesIO(as_csv(COLUMNS, row(), row("H23.45-2", received=""))), "a.csv")},
        headers={**client.auth, "Accept": XLSX},
    )
    assert (response.status_code, response.content_type) == (207, XLSX)
    assert response.data.startswith(b"PK")


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
