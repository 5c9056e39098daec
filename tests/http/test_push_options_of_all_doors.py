"""The options of a push mean the same at the national format and for heartbeats."""

from typing import Any

import pytest

from tests.support.client import Client, dossier
from tests.support.senders import SenderA, SenderB

HOSO = {"MaHoSo": "H23.45-231002-0009", "MaTTHC": "1.004873", "NgayTiepNhan": "20231002080000", "TrangThaiHoSo": "4"}
MISSPELT = {**HOSO, "NgayHenTrả": "20231006"}


def sync(bare: SenderB, *records: dict[str, Any], **options: str) -> Any:
    return bare.post("DongBoHoSoMC", list(records), **options)


@pytest.mark.parametrize(
    ("name", "known"), [("ngayHenTra", "NgayHenTra"), ("NgayHenTraKQ", "NgayHenTra"), ("xyzzy", None)]
)
def test_the_national_format_names_unknown_fields_too(bare: SenderB, name: str, known: str | None) -> None:
    assert sync(bare, {**HOSO, name: "x"})["result"]["unknown_fields"] == {name: known}


def test_fields_that_are_dropped_on_purpose_are_not_unknown(bare: SenderB) -> None:
    answer = sync(bare, {**HOSO, "ChuHoSo": "x", "Email": "x", "DanhSachLePhi": [], "TaiLieuNop": []})
    assert "unknown_fields" not in answer["result"]


def test_strict_rejects_the_record_alone(bare: SenderB) -> None:
    answer = sync(bare, HOSO, {**MISSPELT, "MaHoSo": "H23.45-231002-0010"}, strict="1")
    assert (answer["error_code"], answer["result"]["created"]) == ("207", 1)
    assert list(answer["result"]["rejections"][0]["errors"]) == ["NgayHenTrả"]


def test_atomic_stores_all_or_nothing(bare: SenderB) -> None:
    answer = sync(bare, HOSO, {**MISSPELT, "MaHoSo": "H23.45-231002-0010"}, strict="1", atomic="1")
    assert (answer["error_code"], answer["result"]["created"]) == ("422", 0)


def test_a_dry_run_stores_nothing(client: Client, bare: SenderB) -> None:
    assert sync(bare, HOSO, dry_run="1")["result"]["created"] == 1
    assert client.get("/api/v1/units").json == {"units": []}


def test_the_first_dialect_takes_the_options_too(client: Client, sender: SenderA) -> None:
    body = {"session": sender.session, "madonvi": "H23.45", "service": "DongBoHoSoMC", "data": [MISSPELT]}
    answer = client.http.post("/national/service?strict=1", json=body).json
    assert answer is not None
    assert (answer["error_code"], "NgayHenTra" in answer["message"]) == ("422", True)


def test_a_dry_run_of_a_heartbeat_hears_nothing(client: Client) -> None:
    client.push(dossier())
    before = client.stats("H23.45")["coverage"]
    body = {"units": [{"unit_code": "H23.45", "nothing_new_until": "2023-10-02"}]}
    answer = client.http.post("/api/v1/heartbeats?dry_run=1", json=body, headers=client.auth)
    assert (answer.status_code, answer.json) == (200, {"heard": 1})
    assert client.stats("H23.45")["coverage"] == before


@pytest.mark.parametrize("path", ["/api/v1/heartbeats", "/api/v1/dossiers/A-1", "/national/DongBoHoSoMC"])
def test_an_option_that_is_neither_0_nor_1_is_refused(client: Client, path: str) -> None:
    method = "DELETE" if path.endswith("A-1") else "POST"
    assert client.http.open(f"{path}?dry_run=2", method=method, json=[], headers=client.auth).status_code == 400
