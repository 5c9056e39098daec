"""The transaction of a push: how long it waits for its lock, whom it lets pass, and how much is read before it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from models.dossiers import DossierVersion
from service.components import Components
from service.domain.dossier.events import DossierEvent, IngestCounts, Rejection
from service.ingest import batch, pipeline
from service.ingest import sender as sender_module
from service.ingest.event_resolver import EventResolver
from service.ingest.sender import Sender
from service.schemas.dossier_input import read_record
from service.store import sources
from service.store.database import Database
from tests.support.client import Client, dossier

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DOORS: dict[str, Callable[[Client], Any]] = {
    "one dossier": lambda client: client.push(dossier("A-1")),
    "a batch": lambda client: client.batch([dossier("A-1")]),
}


def clock() -> datetime:
    return datetime.now(UTC)


def in_thread(work: Callable[[], Any]) -> tuple[Thread, list[Any]]:
    """Begin work in a thread; what it returns is put into the list."""
    answers: list[Any] = []
    thread = Thread(target=lambda: answers.append(work()))
    thread.start()
    return thread, answers


@pytest.mark.parametrize("push", DOORS.values(), ids=DOORS)
def test_a_request_gives_up_while_another_holds_the_lock(
    client: Client, database: Database, monkeypatch: pytest.MonkeyPatch, push: Callable[[Client], Any]
) -> None:
    monkeypatch.setattr(sender_module, "REQUEST_LOCK_SECONDS", 0.3)
    with database.writing() as session:
        sources.lock_for_push(session, sources.find(session, "mot-cua").id)
        pushing, answers = in_thread(lambda: push(client))
        pushing.join(15)
        told = [answer.status_code for answer in answers]
    pushing.join(60)
    assert told == [503]


@ON_SQLITE
def test_a_batch_lets_single_pushes_pass_while_it_waits_for_another_batch(client: Client, database: Database) -> None:
    with database._long_writers:  # as another batch does
        waiting, answers = in_thread(lambda: client.batch([dossier("A-1")]))
        waiting.join(2)
        told = [answer.status_code for answer in answers]
        assert (client.push(dossier("A-2")).status_code, told) == (201, [])
    waiting.join(60)
    assert answers[0].json["created"] == 1


@ON_SQLITE
def test_a_dry_run_may_take_longer_than_an_answer(
    app: Flask, client: Client, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.database.READ_SECONDS", -1.0)
    monkeypatch.setattr("service.store.engines.sqlite._STEPS", 1)  # any statement of an answer ends at once
    hurried = Database(database_url)
    parts: Components = replace(app.extensions["tthc"], database=hurried)
    summary = batch.ingest(parts, Sender(1, "test"), told_of(3), clock, dry_run=True)
    hurried.engine.dispose()
    assert summary.created == 3


def told_of(number: int) -> Iterator[DossierEvent | Rejection]:
    for each in range(number):
        yield read_record(dossier(f"A-{each}"))


def test_a_part_of_a_batch_is_read_before_the_lock_is_taken(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest waits where it came from, so that memory holds a part alone."""
    monkeypatch.setattr(pipeline, "CHUNK", 2)
    events, writing, left = told_of(5), Database.writing, list[int]()

    @contextmanager
    def looking(database: Database, *args: Any, **given: Any) -> Iterator[Any]:
        left.append(sum(1 for _ in events))
        with writing(database, *args, **given) as session:
            yield session

    monkeypatch.setattr(Database, "writing", looking)
    batch.ingest(app.extensions["tthc"], Sender(1, "test"), events, clock)
    assert left == [3]


def test_a_part_holds_fewer_dossiers_of_many_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_PAUSES", 5)
    pauses = [{"from": "2023-10-03", "to": "2023-10-04"}, {"from": "2023-10-05"}]
    events = iter([read_record(dossier(f"A-{each}", pauses=pauses)) for each in range(5)])
    assert [len(pipeline.next_chunk(events)) for _ in range(3)] == [3, 2, 0]


def test_a_batch_of_several_parts_is_filed_whole(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "CHUNK", 2)
    summary = batch.ingest(app.extensions["tthc"], Sender(1, "test"), told_of(5), clock)
    assert (summary.received, summary.created) == (5, 5)
    assert client.counts(period="2023", as_of="2023-10-05")["workload"] == 5


@pytest.mark.parametrize(
    ("options", "counted"),
    [({}, ["created", "rejected"]), ({"dry_run": True}, []), ({"atomic": True}, [])],
    ids=["stored", "dry run", "refused"],
)
def test_metrics_are_counted_of_what_was_stored(
    app: Flask, client: Client, options: dict[str, Any], counted: list[str]
) -> None:
    seen: list[IngestCounts] = []
    parts: Components = replace(app.extensions["tthc"], on_ingest=seen.append)
    events = [*told_of(1), read_record(dossier("A-9", status="?"))]
    batch.ingest(parts, Sender(1, "test"), events, clock, **options)
    assert sorted(name for counts in seen for name in counts.results) == counted


@pytest.mark.parametrize("options", [{}, {"dry_run": True}, {"atomic": True}], ids=["stored", "dry run", "refused"])
def test_answers_are_made_anew_after_a_push_in_a_tenth_of_its_time(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    parts: Components = app.extensions["tthc"]
    given: list[float] = []
    monkeypatch.setattr(parts.answers, "renew", given.append)
    began = monotonic()
    events = [*told_of(1), read_record(dossier("A-9", status="?"))]
    batch.ingest(parts, Sender(1, "test"), events, clock, **options)
    most = (monotonic() - began) / 10
    assert [0 < seconds <= most for seconds in given] == ([] if options else [True])


def test_a_refused_batch_counts_all_as_rejected(app: Flask, client: Client) -> None:
    events = [*told_of(2), read_record(dossier("A-9", status="?"))]
    summary = batch.ingest(app.extensions["tthc"], Sender(1, "test"), events, clock, atomic=True)
    assert (summary.received, summary.created, summary.rejected) == (3, 0, 3)


def test_each_record_that_is_read_gives_its_request_time(app: Flask, client: Client) -> None:
    sender = Sender(1, "test")
    batch.ingest(app.extensions["tthc"], sender, told_of(3), clock)
    assert sender.allowed.records == 3


@pytest.mark.parametrize("is_single", [True, False], ids=["a single one", "a batch"])
def test_a_push_is_counted_with_its_lag_and_its_warnings(app: Flask, client: Client, is_single: bool) -> None:
    seen: list[IngestCounts] = []
    parts: Components = replace(app.extensions["tthc"], on_ingest=seen.append)
    event = read_record(dossier("A-1", due_at="2023-10-01", changed_at="2023-10-03T08:00:00+07:00"))
    assert isinstance(event, DossierEvent)
    if is_single:
        batch.ingest_one(parts, Sender(1, "test"), event, clock)
    else:
        batch.ingest(parts, Sender(1, "test"), [event], clock)
    told = [(dict(each.results), dict(each.warnings), len(each.lags)) for each in seen]
    assert told == [({"created": 1}, {"due_before_received": 1}, 1)]


def pushes(number: int) -> list[tuple[Sender, DossierEvent]]:
    events = (event for event in told_of(number) if isinstance(event, DossierEvent))
    return [(Sender(1, f"r-{place}"), event) for place, event in enumerate(events)]


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the dossier A-1 break its transaction."""
    first = EventResolver._first

    def broken(self: EventResolver, known: Any, version: Any, told: Any) -> Any:
        if version.snapshot.code == "A-1":
            raise ArithmeticError
        return first(self, known, version, told)

    monkeypatch.setattr(EventResolver, "_first", broken)


def parts_of(app: Flask) -> Components:
    parts: Components = app.extensions["tthc"]
    return parts


@pytest.mark.parametrize("number", [2, 3])
def test_of_a_group_each_push_is_told_what_became_of_it_alone(
    app: Flask, client: Client, breaking: None, number: int
) -> None:
    outcomes = batch._file_group(parts_of(app), pushes(number), clock)
    told = [type(each) if isinstance(each, Exception) else each[0].code for each in outcomes]
    assert told == ["A-0", ArithmeticError, "A-2"][:number]


def test_a_push_alone_is_told_what_it_broke(app: Flask, client: Client, breaking: None) -> None:
    (_, push) = pushes(2)
    with pytest.raises(ArithmeticError):
        batch.ingest_one(parts_of(app), *push, clock)


def test_a_group_is_stored_under_the_requests_of_its_pushes(app: Flask, client: Client, database: Database) -> None:
    batch._file_group(parts_of(app), pushes(2), clock)
    with database.reading() as session:
        stored = session.execute(select(DossierVersion.code, DossierVersion.request_id)).all()
    assert {tuple(row) for row in stored} == {("A-0", "r-0"), ("A-1", "r-1")}
