"""What a source's key may do: rights, units, an end, a change with an overlap; withdrawn keys store nothing."""

import io
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from service.app import create_app
from service.http import auth
from service.ingest import sender as sender_module
from service.settings import Settings
from service.store import sources
from service.store.access import keys
from service.store.database import Database
from tests.support.client import Client, dossier
from tests.support.senders import SenderA, hoso

SOURCE = "mot-cua"
CSV = "Mã hồ sơ,Mã đơn vị,Mã thủ tục,Trạng thái,Ngày tiếp nhận\nB-1,H23.45,1.004873,4,02/10/2023\n"


def ask(client: Client, right: str) -> TestResponse:
    """Use one right of the key."""
    if right == "push":
        return client.push(dossier("A-2"))
    if right == "read":
        return client.http.get("/api/v1/dossiers/A-1", headers=client.auth)
    file = (io.BytesIO(CSV.encode()), "so.csv")
    return client.http.post("/api/v1/dossiers/import", data={"file": file}, headers=client.auth)


def invoke(app: Flask, *args: str) -> str:
    result = app.test_cli_runner().invoke(args=list(args))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("given", ["push", "import", "read"])
@pytest.mark.parametrize("used", ["push", "import", "read"])
def test_a_key_does_what_it_has_the_right_to(app: Flask, client: Client, given: str, used: str) -> None:
    client.push(dossier("A-1"))
    invoke(app, "sources", "set", SOURCE, "--scopes", given)
    assert (ask(client, used).status_code == 403) == (given != used)


def test_a_session_has_the_rights_of_its_key(app: Flask, sender: SenderA) -> None:
    invoke(app, "sources", "set", SOURCE, "--scopes", "push")
    assert sender.sync([hoso()])["error_code"] == "0"
    assert sender.call("TraCuuHoSo", mahoso="x")["error_code"] == 403


@pytest.mark.parametrize("words", ["", "admin", "push;read"])
def test_a_right_that_is_none_is_refused(app: Flask, client: Client, words: str) -> None:
    assert app.test_cli_runner().invoke(args=["sources", "set", SOURCE, "--scopes", words]).exit_code == 2


def test_a_key_ends_with_its_last_day(app: Flask, client: Client) -> None:
    key = invoke(app, "sources", "add", "khac", "--until", "2030-06-30").splitlines()[-1]
    other = Client(client.http, key)
    with time_machine.travel("2030-06-30T23:59:00+07:00"):
        assert other.push(dossier("A-1")).status_code == 201
        assert other.http.post("/national/login", json={"username": "khac", "password": key}).json["error_code"] == 0
    with time_machine.travel("2030-07-01T00:00:00+07:00"):
        assert other.push(dossier("A-2")).status_code == 401
        assert other.http.post("/national/login", json={"username": "khac", "password": key}).json["error_code"] == 401


def test_both_keys_work_while_they_overlap(app: Flask, client: Client, sender: SenderA) -> None:
    key = invoke(app, "sources", "rotate", SOURCE, "--overlap", "24").splitlines()[-1]
    after = datetime.now(UTC) + timedelta(hours=25)
    for number, used in enumerate((client.key, key)):
        assert Client(client.http, used).push(dossier(f"A-{number}")).status_code == 201
    assert sender.sync([hoso()])["error_code"] == "0"
    with time_machine.travel(after):
        assert client.push(dossier("A-3")).status_code == 401
        assert Client(client.http, key).push(dossier("A-3")).status_code == 201


def test_an_overlap_gives_an_ended_key_no_new_life(app: Flask, client: Client) -> None:
    key = invoke(app, "sources", "add", "khac", "--until", "2020-01-01").splitlines()[-1]
    refused = app.test_cli_runner().invoke(args=["sources", "rotate", "khac", "--overlap", "24"])
    assert (refused.exit_code, "sources set --until" in refused.output) == (2, True), refused.output
    assert Client(client.http, key).push(dossier("A-1")).status_code == 401


def test_an_end_that_was_not_meant_is_taken_back_and_doctor_tells_it(app: Flask, client: Client) -> None:
    invoke(app, "sources", "set", SOURCE, "--until", "2020-01-01")
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    assert (client.push(dossier("A-1")).status_code, f"LỖI Khóa của nguồn {SOURCE}" in told) == (401, True), told
    invoke(app, "sources", "set", SOURCE, "--until", "")
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    assert (client.push(dossier("A-1")).status_code, "Khóa của nguồn" in told) == (201, False), told


def test_a_day_that_is_none_moves_no_end(app: Flask) -> None:
    refused = app.test_cli_runner().invoke(args=["sources", "set", SOURCE, "--until", "30/6/2027"])
    assert (refused.exit_code, "30/6/2027" in refused.output) == (2, True), refused.output


WITHDRAWALS: dict[str, tuple[Callable[[Session], Any], int]] = {
    "rotated": (lambda session: sources.rotate(session, SOURCE, datetime.now(UTC)), 401),
    "disabled": (lambda session: sources.set_disabled(session, SOURCE, datetime.now(UTC)), 403),
    "without the right": (lambda session: sources.set_scopes(session, SOURCE, ["read"]), 403),
}


@pytest.mark.parametrize("how", WITHDRAWALS)
def test_a_key_that_is_withdrawn_while_its_push_waits_stores_nothing(
    client: Client, database: Database, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    withdraw, status = WITHDRAWALS[how]
    waits, answers, permit = threading.Event(), list[TestResponse](), keys.permit

    def permitted(*args: Any) -> Any:
        source = permit(*args)
        waits.set()
        return source

    monkeypatch.setattr(keys, "permit", permitted)
    with database.writing() as session:
        sources.lock_for_push(session, sources.find(session, SOURCE).id)
        pushing = threading.Thread(target=lambda: answers.append(client.push(dossier("A-1"))))
        pushing.start()
        assert waits.wait(10)
        withdraw(session)
    pushing.join(30)
    assert answers[0].status_code == status
    assert client.get("/api/v1/stats", unit="H23.45").status_code == 404


def test_waiting_for_a_lock_ends(client: Client, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "REQUEST_LOCK_SECONDS", 0.3)
    with database.writing() as session:
        sources.lock_for_push(session, sources.find(session, SOURCE).id)
        answer = client.push(dossier("A-1"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.push(dossier("A-1")).status_code == 201


def test_a_wrong_key_that_is_tried_again_and_again_waits(client: Client) -> None:
    wrong = Client(client.http, client.key[:-1] + "!")
    statuses = [wrong.push(dossier("A-1")).status_code for _ in range(7)]
    assert statuses == [401] * 6 + [429]


def test_who_guesses_keys_locks_nobody_else_out(client: Client) -> None:
    for number in range(20):
        Client(client.http, f"tthc_{number:08x}_" + "x" * 43).push(dossier("A-1"))
    assert client.push(dossier("A-1")).status_code == 201


def test_a_wrong_key_is_logged_by_its_id_and_a_shortened_address(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Mock()
    monkeypatch.setattr(auth, "_log", log)
    Client(client.http, "tthc_0123abcd_" + "x" * 43).push(dossier("A-1"))
    log.warning.assert_called_once_with(
        "key refused", reason="wrong", key="0123abcd", address="127.0.0.0/24", route="/api/v1/dossiers"
    )


@pytest.mark.parametrize("right", ["push", "read", "import"])
def test_a_key_that_has_ended_is_logged_with_its_source_and_listed_as_ended(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    key = invoke(app, "sources", "add", "khac", "--until", "2020-01-01").splitlines()[-1]
    log = Mock()
    monkeypatch.setattr(auth, "_log", log)
    assert ask(Client(client.http, key), right).status_code == 401
    told = log.warning.call_args
    assert (told.args, log.warning.call_count) == (("key refused",), 1)
    assert (told.kwargs["reason"], told.kwargs["key"], told.kwargs["source"]) == ("ended", key.split("_")[1], "khac")
    listed = {line.split("\t")[0]: line.split("\t")[2] for line in invoke(app, "sources", "list").splitlines()}
    assert ("ended" in listed["khac"], "active" in listed[SOURCE]) == (True, True)


def test_a_former_key_is_logged_as_ended_when_its_overlap_is_over(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoke(app, "sources", "rotate", SOURCE, "--overlap", "24")
    log = Mock()
    monkeypatch.setattr(auth, "_log", log)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        for _ in range(10):  # it is no guess: its sender is not made to wait
            assert client.push(dossier("A-1")).status_code == 401
    told = log.warning.call_args.kwargs
    assert (told["reason"], told["key"], told["source"]) == ("ended", client.key.split("_")[1], SOURCE)


def test_the_day_of_a_key_s_last_use_is_listed(app: Flask, client: Client) -> None:
    assert "last used –" in invoke(app, "sources", "list")
    client.http.get("/api/v1/dossiers/A-1", headers=client.auth)
    assert f"last used {datetime.now(UTC) + timedelta(hours=7):%Y-%m-%d}" in invoke(app, "sources", "list")


@pytest.fixture
def lasting(settings: Settings, key: str) -> Iterator[Flask]:
    """Give an application for which a second lasts a minute."""
    app = create_app(settings.model_copy(update={"cache_seconds": 60}))
    yield app
    app.extensions["tthc"].database.engine.dispose()


def test_pushes_of_one_second_look_their_key_up_once(lasting: Flask, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = Mock(wraps=keys.authenticate)
    monkeypatch.setattr(keys, "authenticate", looked_up)
    client = Client(lasting.test_client(), key)
    assert [client.push(dossier(code)).status_code for code in ("A-1", "A-2", "A-3")] == [201] * 3
    assert looked_up.call_count == 1


@pytest.mark.parametrize("how", WITHDRAWALS)
def test_a_key_that_was_seen_a_moment_ago_and_is_withdrawn_stores_nothing(
    lasting: Flask, key: str, database: Database, how: str
) -> None:
    client, (withdraw, status) = Client(lasting.test_client(), key), WITHDRAWALS[how]
    client.push(dossier("A-1"))
    with database.writing() as session:
        withdraw(session)
    assert client.push(dossier("A-2")).status_code == status
    assert client.widget()["counts"]["workload"] == 1
