"""Sessions of the national format: who may open one, what it may do, and when it ends."""

import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from service.store import sources
from service.store.database import Database
from tests.support.client import Client
from tests.support.senders import SenderA, SenderB, hoso

CODE = "H23.45-231002-0001"


def test_a_wrong_key_opens_no_session(app: Flask, key: str) -> None:
    answer = SenderA(app.test_client(), "mot-cua", key + "x").login()
    assert answer["error_code"] == 401
    assert "session" not in answer


def test_a_key_of_another_source_opens_no_session(app: Flask, key: str) -> None:
    assert SenderA(app.test_client(), "khac", key).login()["error_code"] == 401


def test_an_expired_session_is_refused_and_stores_nothing(sender: SenderA, client: Client) -> None:
    sender.sync([hoso()])
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61)):
        answer = sender.sync([hoso("H23.45-231002-0002")])
        assert answer["error_code"] == "401"
    assert client.counts(as_of="2023-10-05", period="2023")["workload"] == 1


@pytest.mark.parametrize("token", ["", "…", "x" * 5000])
def test_an_unknown_session_is_refused(app: Flask, key: str, token: str) -> None:
    sender = SenderA(app.test_client(), "mot-cua", key)
    sender.session = token
    assert sender.sync([hoso()])["error_code"] == "401"
    assert sender.call("TraCuuHoSo", mahoso=CODE)["error_code"] == 401


def test_a_session_dies_with_its_key(sender: SenderA, database: Database) -> None:
    with database.writing() as session:
        sources.rotate(session, "mot-cua", datetime.now(UTC))
    assert sender.sync([hoso()])["error_code"] == "401"


def test_a_session_dies_with_its_source(sender: SenderA, bare: SenderB, database: Database) -> None:
    with database.writing() as session:
        sources.set_disabled(session, "mot-cua", datetime.now(UTC))
    assert sender.sync([hoso()])["error_code"] == "403"
    assert sender.login()["error_code"] == 403
    response = bare.http.post("/national/DongBoHoSoMC", json=[hoso()], headers=bare.headers)
    assert (response.status_code, response.json and response.json["error_code"]) == (403, "403")


def test_a_session_stores_only_under_its_own_source(sender: SenderA, app: Flask, database: Database) -> None:
    with database.writing() as session:
        key = sources.add(session, "khac", None, datetime.now(UTC))
    other = SenderA(app.test_client(), "khac", key)
    other.login()
    sender.sync([hoso()])
    assert other.sync([hoso()])["result"]["created"] == 1  # the same code of another source is another dossier


def test_an_unknown_service_is_named_as_such(sender: SenderA) -> None:
    answer = sender.call("XoaHoSo")
    assert answer["error_code"] == 404
    assert "DongBoHoSoMC" in answer["message"]


@pytest.mark.parametrize("data", [None, {}, "x", 1])
def test_data_that_is_no_list_is_refused(sender: SenderA, data: Any) -> None:
    assert sender.call("DongBoHoSoMC", data=data)["error_code"] == "400"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_broken_body_is_a_problem_with_an_error_code(app: Flask, body: bytes) -> None:
    response = app.test_client().post("/national/service", data=body)
    assert response.status_code == 400
    assert response.json is not None and response.json["error_code"] == "400"


def test_the_second_dialect_needs_its_key(app: Flask) -> None:
    response = app.test_client().post("/national/DongBoHoSoMC", json=[hoso()])
    assert response.status_code == 401
    assert response.json is not None and response.json["error_code"] == "401"


def test_a_login_is_at_most_4_kb(app: Flask, key: str) -> None:
    body = {"username": "mot-cua", "password": key, "more": "x" * 4096}
    answer = app.test_client().post("/national/login", json=body)
    assert answer.status_code == 413


def test_a_login_is_not_compressed(app: Flask, key: str) -> None:
    body = gzip.compress(json.dumps({"username": "mot-cua", "password": key}).encode())
    answer = app.test_client().post("/national/login", data=body, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_a_wrong_key_needs_no_lock(app: Flask, key: str, database: Database) -> None:
    with database.writing() as session:
        session.connection()  # on SQLite this takes the one lock for writing
        began = time.monotonic()
        answer = SenderA(app.test_client(), "mot-cua", key + "x").login()
    assert answer["error_code"] == 401
    assert time.monotonic() - began < 5


def test_a_large_call_without_a_session_is_refused_before_its_records_are_read(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("the records were read")

    monkeypatch.setattr("service.http.resources.national.read_beside", never)
    body = {"session": "x" * 43, "service": "DongBoHoSoMC", "data": [hoso(f"H23.45-231002-{n}") for n in range(500)]}
    for headers, data in (({}, json.dumps(body).encode()), (GZIP, gzip.compress(json.dumps(body).encode()))):
        answer = app.test_client().post("/national/service", data=data, headers=headers)
        assert answer.json["error_code"] == "401"


GZIP = {"Content-Encoding": "gzip"}


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_large_call_finds_its_session_wherever_it_stands(sender: SenderA, place: str) -> None:
    parts = {
        "session": sender.session,
        "service": "DongBoHoSoMC",
        "data": [hoso(f"H23.45-231002-{n:04d}") for n in range(1500)],
    }
    if place == "last":
        parts["session"] = parts.pop("session")
    body = json.dumps(parts).encode()
    for headers, data in (({}, body), (GZIP, gzip.compress(body))):
        answer = sender.http.post("/national/service", data=data, headers=headers)
        assert answer.json["error_code"] == "0"


def test_a_session_in_the_wrong_place_opens_nothing(sender: SenderA) -> None:
    body = {"service": "DongBoHoSoMC", "data": [{**hoso(), "session": sender.session, "GhiChu": "x" * 100_000}]}
    assert sender.http.post("/national/service", json=body).json["error_code"] == "401"


@pytest.mark.parametrize("pad", [0, 100_000], ids=["small", "large"])
def test_a_broken_call_is_told_so_and_not_to_log_in_again(sender: SenderA, pad: int) -> None:
    """A client that obeys would log in and send it again without end."""
    body = json.dumps({"data": [{**hoso(), "GhiChu": "x" * pad}], "service": "DongBoHoSoMC", "session": sender.session})
    for broken in (body[:-70].encode(), body.encode("utf-16")):
        answer = sender.http.post("/national/service", data=broken)
        assert answer.json["error_code"] == "400"
        assert "JSON" in answer.json["message"]


@pytest.mark.parametrize("pad", [0, 100_000], ids=["small", "large"])
def test_a_call_with_two_lists_is_refused_whole(sender: SenderA, pad: int) -> None:
    """The first list would be lost without a word."""
    data = json.dumps([{**hoso(), "GhiChu": "x" * pad}])
    body = f'{{"session": "{sender.session}", "service": "DongBoHoSoMC", "data": {data}, "data": {data}}}'
    answer = sender.http.post("/national/service", data=body)
    assert (answer.json["error_code"], "two arrays" in answer.json["message"]) == ("400", True)


def test_a_bomb_without_a_session_costs_little(app: Flask) -> None:
    bomb = gzip.compress(b'{"x":"' + b" " * 200 * 1024 * 1024, compresslevel=9)
    began = time.monotonic()
    answer = app.test_client().post("/national/service", data=bomb, headers=GZIP)
    assert answer.json["error_code"] == "400"
    assert time.monotonic() - began < 3
