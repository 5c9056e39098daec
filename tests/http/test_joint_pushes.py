"""Pushes of one dossier that come together are filed in one transaction; each is answered as if it were alone."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.dossiers import DossierVersion
from service.ingest import sender as sender_module
from service.ingest.event_resolver import EventResolver
from service.store import sources
from service.store.database import Database
from tests.ops.processes import until
from tests.support.client import Client, dossier
from tests.support.tallies import differences

Push = Callable[..., list[Any]]
_ENDED = {"status": "resolved", "finished_at": "2023-10-05"}


@pytest.fixture
def together(app: Flask, client: Client, database: Database, monkeypatch: pytest.MonkeyPatch) -> Push:
    """Give what pushes some records at once: the first waits for the source's lock until all others have come.

    meanwhile: what is done to the source before the lock is let go. A mistake of ours is given as its exception.
    """
    monkeypatch.setattr(sender_module, "REQUEST_LOCK_SECONDS", 120)
    joint = app.extensions["tthc"].joint_pushes

    def pushed(records: Sequence[Any], meanwhile: Callable[[Session], Any] = bool) -> list[Any]:
        told = []
        with ThreadPoolExecutor(len(records)) as threads:
            with database.writing() as session:
                sources.lock_for_push(session, 1)
                for number, record in enumerate(records):
                    told.append(threads.submit(client.push, record))
                    until(lambda wanted=number: joint.waiting() == [wanted], step=0.01)  # type: ignore[misc]
                meanwhile(session)
            return [one.exception() or one.result() for one in told]

    return pushed


def results(answers: Sequence[TestResponse]) -> list[Any]:
    return [answer.json["result"] for answer in answers if answer.json is not None]


def requests_by_code(database: Database) -> dict[str, str]:
    with database.reading() as session:
        assert differences(session) == []
        return {version.code: version.request_id for version in session.scalars(select(DossierVersion))}


def test_each_is_stored_under_its_own_request(together: Push, client: Client, database: Database) -> None:
    codes = [f"A-{number}" for number in range(6)]
    answers = together([dossier(code) for code in codes])
    assert [answer.status_code for answer in answers] == [201] * 6
    assert requests_by_code(database) == {
        code: answer.headers["X-Request-Id"] for code, answer in zip(codes, answers, strict=True)
    }
    assert client.stats()["counts"]["workload"] == 6


def test_those_that_wait_share_a_transaction(together: Push, database: Database) -> None:
    together([dossier(f"A-{number}") for number in range(6)])
    with database.reading() as session:
        moments = {version.known_at for version in session.scalars(select(DossierVersion))}
    assert len(moments) == 2  # of the first, and of all that waited for it


def test_pushes_of_two_sources_are_filed_apart(
    app: Flask, client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_module, "REQUEST_LOCK_SECONDS", 120)
    joint = app.extensions["tthc"].joint_pushes
    with database.writing() as session:
        other = Client(client.http, sources.add(session, "other", None, datetime.now(UTC)))
    with ThreadPoolExecutor(3) as threads, database.writing() as session:
        for source in sources.all_sources(session):
            sources.lock_for_push(session, source.id)
        for number, each in enumerate([client, client, other]):  # the first is at work, the others come meanwhile
            threads.submit(each.push, dossier(f"A-{number}"))
            until(lambda n=number: sum(1 + waiting for waiting in joint.waiting()) > n, step=0.01)  # type: ignore[misc]
    with database.reading() as session:
        kept = {(version.source_id, version.code) for version in session.scalars(select(DossierVersion))}
    assert kept == {(1, "A-0"), (1, "A-1"), (2, "A-2")}


def test_news_of_one_dossier_are_filed_as_they_came(together: Push, client: Client) -> None:
    answers = together([dossier("A-0"), dossier("A-1"), dossier("A-1", **_ENDED), dossier("A-1", **_ENDED)])
    assert results(answers) == ["created", "created", "updated", "unchanged"]
    versions = client.http.get("/api/v1/dossiers/A-1", headers=client.auth).json
    assert versions is not None
    assert versions["versions"][0]["known_at"] < versions["versions"][1]["known_at"]


def test_what_breaks_the_transaction_fails_alone(
    app: Flask, together: Push, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = True
    first = EventResolver._first

    def breaking(self: EventResolver, known: Any, version: Any, told: Any) -> Any:
        if version.snapshot.code == "A-2":
            raise ArithmeticError
        return first(self, known, version, told)

    monkeypatch.setattr(EventResolver, "_first", breaking)
    answers = together([dossier(f"A-{number}") for number in range(5)])
    assert isinstance(answers.pop(2), ArithmeticError)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert requests_by_code(database).keys() == {"A-0", "A-1", "A-3", "A-4"}


def test_none_is_stored_when_the_key_is_withdrawn_meanwhile(together: Push, database: Database) -> None:
    def withdraw(session: Session) -> None:
        sources.rotate(session, "mot-cua", datetime.now(UTC))

    answers = together([dossier(f"A-{number}") for number in range(4)], withdraw)
    assert [answer.status_code for answer in answers] == [401] * 4
    assert requests_by_code(database) == {}


def test_records_are_counted_one_a_request(together: Push, client: Client) -> None:
    def counted() -> dict[str, float]:
        lines = client.http.get("/metrics").text.splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if "tthc_" in line[:5])}

    names = ['tthc_records_total{result="created",source="mot-cua"}', "tthc_ingest_batch_records_count"]
    before = counted()
    together([dossier(f"A-{number}") for number in range(4)])
    after = counted()
    assert [after[name] - before.get(name, 0) for name in names] == [4, 4]
