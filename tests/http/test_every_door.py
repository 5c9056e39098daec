"""Every door leads to the same numbers, and no personal value gets through any of them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from models.base import Base
from service.store.database import Database
from tests.support.client import Client
from tests.support.register_files import as_csv, as_xlsx, send
from tests.support.senders import SenderA, SenderB, hoso, tien_do

MARK = "DẤU-RIÊNG-QZXJK"  # letters: the digits of a moment could hold any number
PERSONAL = (
    "ChuHoSo", "LoaiDoiTuong", "MaDoiTuong", "ThongTinKhac", "Email", "Fax", "SoDienThoai", "DiaChi", "TrichYeuHoSo",
    "ThongTinTra", "GhiChu", "TaiLieuNop", "DanhSachLePhi", "DanhSachTepDinhKemKhac", "DanhSachGiayToKetQua",
    "DinhDanhCHS", "DSKetNoiCSDL", "URLLienKet", "NoiDungXuLy", "NguoiXuLy", "ChucDanh", "PhongBanXuLy", "ho_ten",
)  # fmt: skip
CLERK = ("Chủ hồ sơ", "Số điện thoại", "CCCD", "Địa chỉ", "Email", "Trích yếu", "Ghi chú", "Người xử lý")


def marked(**given: Any) -> dict[str, Any]:
    """Put the mark into every personal field, as text, list and object."""
    nested = [{"Ten": MARK, "DuongDan": f"https://{MARK}"}]
    return {
        **{name: nested if name.startswith(("TaiLieu", "DanhSach", "DinhDanh")) else MARK for name in PERSONAL},
        **given,
    }


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Collect every log line, of every level."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def everything_in(database: Database) -> str:
    with database.engine.connect() as connection:
        rows = [tuple(row) for table in Base.metadata.sorted_tables for row in connection.execute(select(table))]
    return repr(rows)


GOOD, BAD = "H23.45-231002-0001", "H23.45-231002-0002"
PLAIN = {"code": GOOD, "unit_code": "H23.45", "procedure_code": "1", "status": 4, "received_at": "2023-10-02"}


def told_by_the_api(client: Client) -> Iterator[str]:
    for record in (
        PLAIN,
        {**PLAIN, "status": MARK},
        {**PLAIN, "received_at": MARK},
        {**PLAIN, "pauses": [{"from": MARK}]},
    ):
        yield client.push(marked(**record)).text
        yield client.batch([marked(**record)]).text
        yield client.ndjson([marked(**record), b"{" + MARK.encode()]).text


def told_by_the_national_doors(app: Flask, client: Client) -> Iterator[str]:
    sender, bare = SenderA(app.test_client(), "mot-cua", client.key), SenderB(app.test_client(), client.key)
    yield json.dumps(SenderA(app.test_client(), MARK, MARK).login(), ensure_ascii=False)
    sender.login()
    supplement = [
        {"NgayBoSung": "20231003", "NguoiYeuCauBoSung": MARK, "NoiDungBoSung": MARK, "ThongTinTiepNhan": MARK}
    ]
    dossiers = [
        hoso("H23.45-231002-0003", **marked(DanhSachHoSoBoSung=supplement)),
        hoso(BAD, **marked(NgayTiepNhan=MARK, NgayHenTra=MARK, TrangThaiHoSo=MARK, KenhThucHien=MARK)),
        hoso(BAD, **marked(DanhSachHoSoBoSung=[{"NgayBoSung": MARK}])),
        hoso(BAD, **marked(DanhSachHoSoBoSung=MARK)),
    ]
    step = {**marked(**tien_do(GOOD, "20231004", "4")), "NguoiXuLy": MARK, "NoiDungXuLy": MARK}
    steps: list[Any] = [step, marked(**tien_do(BAD, MARK, MARK)), MARK]
    for answer in (
        sender.sync(dossiers),
        sender.call("CapNhatTienDoHoSoMC", data=steps),
        bare.post("DongBoHoSoMC", dossiers),
        bare.post("CapNhatTienDoHoSoMC", steps),
        sender.call(MARK),
        sender.call("TraCuuHoSo", mahoso=MARK),
        sender.call("LayThuTuc", maTTHC=MARK),
        sender.call("TraCuuHoSo", mahoso="H23.45-231002-0003"),
    ):
        yield json.dumps(answer, ensure_ascii=False)


def told_by_the_import(client: Client) -> Iterator[str]:
    headings = ["Mã hồ sơ", "Mã TTHC", "Trạng thái", "Ngày tiếp nhận", *CLERK]
    rows = [headings, [GOOD, "1", "Đang xử lý", "02/10/2023", *[MARK] * 8], [BAD, "1", "4", "", *[MARK] * 8]]
    objects = json.dumps([marked(**PLAIN), hoso(BAD, **marked(NgayTiepNhan=""))]).encode()
    for name, content in (("a.csv", as_csv(*rows)), ("a.xlsx", as_xlsx(*rows)), ("a.json", objects)):
        yield send(client, name, content).text
    yield send(client, "a.csv", as_csv([*CLERK, MARK], [MARK])).text


def told_to_readers(client: Client) -> Iterator[str]:
    for path in ("/api/v1/units", "/api/v1/quality", "/api/v1/stats?unit=H23", f"/api/v1/dossiers/{GOOD}"):
        yield client.http.get(path, headers=client.auth).text


def test_no_personal_value_is_found_anywhere_afterwards(
    app: Flask, client: Client, database: Database, logs: io.StringIO
) -> None:
    told = [
        *told_by_the_api(client),
        *told_by_the_national_doors(app, client),
        *told_by_the_import(client),
        *told_to_readers(client),
    ]
    assert len(told) == 12 + 9 + 4 + 4
    for text in told:
        assert MARK not in text and "QZXJK" not in text
    assert "QZXJK" not in everything_in(database)
    assert "QZXJK" not in logs.getvalue()
    assert "POST" in logs.getvalue() and GOOD in everything_in(database)  # the searches do see what is there


# The same day's work, by every door

DAY = [
    # code, status, received, due, finished, channel
    ("H23.45.07-231002-0001", 4, "20231002080000", "20231006170000", "", 1),
    ("H23.45.07-231002-0002", 9, "20231002081500", "20231006170000", "20231004090000", 2),
    ("H23.45.07-231002-0003", 10, "20231002083000", "20231003", "20231003163000", 3),
    ("H23.45-231002-0004", 9, "20231002090000", "20231003170000", "20231004080000", 1),
    ("000.00.45.H23-231002-0005", 7, "20231002093000", "20231006170000", "20231003080000", 1),
    ("H23.45-231002-0006", 9, "20231002100000", "", "20231003080000", 2),
    ("H23.45-231002-0007", 8, "20231002103000", "", "20231003080000", 1),
    ("H23.45-231002-0008", 2, "20231002110000", "20231003170000", "", 2),
]


def rfc(text: str) -> str | None:
    if not text:
        return None
    day = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    return f"{day}T{text[8:10]}:{text[10:12]}:{text[12:]}+07:00" if len(text) == 14 else day


def as_api(code: str, status: int, received: str, due: str, finished: str, channel: int) -> dict[str, Any]:
    unit = "H23.45" if code.startswith("000") else code.partition("-")[0]
    times = {"received_at": rfc(received), "due_at": rfc(due), "finished_at": rfc(finished)}
    given = {"code": code, "unit_code": unit, "procedure_code": "1.004873", "status": status, "channel": channel}
    return {**given, **{name: value for name, value in times.items() if value}}


def as_hoso(code: str, status: int, received: str, due: str, finished: str, channel: int) -> dict[str, Any]:
    times = {"NgayTiepNhan": received, "NgayHenTra": due, "NgayKetThucXuLy": finished}
    return hoso(code, TrangThaiHoSo=str(status), KenhThucHien=str(channel), **times)


def local(text: str) -> str:
    day = f"{text[6:8]}/{text[4:6]}/{text[:4]}"
    return f"{day} {text[8:10]}:{text[10:12]}" if len(text) == 14 else day if text else ""


def as_workbook() -> bytes:
    words = {2: "Được tiếp nhận", 4: "Đang xử lý", 7: "Công dân yêu cầu rút", 8: "Dừng xử lý", 9: "Đã xử lý xong"}
    channels = {1: "Trực tiếp", 2: "Trực tuyến", 3: "Bưu chính công ích"}
    book = Workbook()
    assert book.active is not None
    book.active.append(["SỔ THEO DÕI"])
    book.active.append(["Hẹn trả", "Mã hồ sơ", "Trạng thái", "Kênh", "Ngày tiếp nhận", "Mã TTHC", "Ngày xử lý xong"])
    for code, status, received, due, finished, channel in DAY:
        word = words.get(status, "Đã trả kết quả")
        book.active.append([local(due), code, word, channels[channel], local(received), "1.004873", local(finished)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def by_batch(client: Client) -> None:
    assert client.batch(as_api(*row) for row in DAY).status_code == 200


def by_ndjson(client: Client) -> None:
    assert client.ndjson([as_api(*row) for row in DAY], packed=True).status_code == 200


def one_by_one(client: Client) -> None:
    for row in reversed(DAY):
        assert client.push(as_api(*row)).status_code == 201


def by_national_session(client: Client) -> None:
    SenderA(client.http, "mot-cua", client.key).run([as_hoso(*row) for row in DAY], [])


def by_national_array(client: Client) -> None:
    SenderB(client.http, client.key).run([as_hoso(*row) for row in DAY], [])


def by_national_steps(client: Client) -> None:
    begun = [as_hoso(code, 4, received, due, "", channel) for code, _, received, due, _, channel in DAY]
    done = [tien_do(code, finished or received, str(status)) for code, status, received, _, finished, _ in DAY]
    SenderB(client.http, client.key).run(begun, done[::-1])


def by_excel(client: Client) -> None:
    assert send(client, "so.xlsx", as_workbook()).status_code == 200


DOORS = [by_batch, by_ndjson, one_by_one, by_national_session, by_national_array, by_national_steps, by_excel]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_the_same_work_gives_the_same_numbers(client: Client, door: Any) -> None:
    door(client)
    counts = client.counts(period="2023-10", as_of="2023-10-04")
    expected = {
        "received_online": 3, "received_direct": 4, "received_postal": 1, "early": 1, "on_time": 1, "late": 1,
        "no_deadline": 1, "withdrawn": 1, "stopped": 1, "open_in_time": 1, "open_overdue": 1, "in_progress": 2,
    }  # fmt: skip
    assert {name: counts[name] for name in expected} == expected
    assert client.counts("H23.45.07", period="2023-10", as_of="2023-10-04")["workload"] == 3
