"""Four pushers at once on the same units: no deadlock, no 5xx, and every count agrees afterwards."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from service.components import Components
from service.domain.dossier.events import DossierEvent, Rejection
from service.ingest import sender as sender_module
from service.ingest.batch import ingest
from service.ingest.sender import Sender
from service.schemas.dossier_input import read_record
from service.store import sources
from service.store.database import Database
from tests.support.client import Client, dossier, whenever_told
from tests.support.tallies import differences

PUSHERS, BATCHES, SIZE = 4, 6, 120


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a push wait for its lock however busy the machine is."""
    monkeypatch.setattr(sender_module, "REQUEST_LOCK_SECONDS", 120)


def news_of(pusher: int) -> list[dict[str, Any]]:
    chance = random.Random(pusher)
    statuses = []
    for number in range(BATCHES * SIZE):
        day = chance.randint(1, 28)
        statuses.append(
            dossier(
                f"S{chance.randrange(300)}",
                unit_code=f"H23.45.{chance.randrange(30):02d}",
                field_code=f"F{chance.randrange(9)}",
                procedure_code=f"1.{chance.randrange(50):06d}",
                status=chance.choice([4, 5, 9, 9, 10]),
                received_at=f"2023-09-{day:02d}",
                finished_at=f"2023-10-{day:02d}",
                due_at=f"2023-10-{chance.randint(1, 28):02d}",
                changed_at=f"2023-11-01T08:{number % 60:02d}:{number // 60:02d}.{pusher}+07:00",
            )
        )
    return statuses


def push_all(app: Flask, key: str, pusher: int) -> list[int]:
    client, news = Client(app.test_client(), key), news_of(pusher)
    return [client.ndjson(news[start : start + SIZE]).status_code for start in range(0, len(news), SIZE)]


def test_four_sources_at_once_on_the_same_units(app: Flask, database: Database) -> None:
    with database.writing() as session:
        keys = [sources.add(session, f"s{n}", None, datetime.now(UTC)) for n in range(PUSHERS)]
    with ThreadPoolExecutor(PUSHERS) as pool:
        statuses = list(pool.map(push_all, [app] * PUSHERS, keys, range(PUSHERS)))
    assert {status for each in statuses for status in each} == {200}
    with database.reading() as session:
        assert differences(session) == []


def test_four_pushers_of_one_source_end_as_one_in_order(app: Flask, database: Database, key: str) -> None:
    with ThreadPoolExecutor(PUSHERS) as pool:
        statuses = list(pool.map(push_all, [app] * PUSHERS, [key] * PUSHERS, range(PUSHERS)))
    together = Client(app.test_client(), key).stats("H23", as_of="2023-11-02", group_by="unit")
    assert {status for each in statuses for status in each} == {200}
    with database.reading() as session:
        assert differences(session) == []
    with database.writing() as session:
        for table in ("dossier", "dossier_version", "paused_span", "tally_day", "tally_month"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")
    client = Client(app.test_client(), key)
    for pusher in reversed(range(PUSHERS)):
        client.ndjson(news_of(pusher))
    alone = client.stats("H23", as_of="2023-11-02", group_by="unit")
    assert whenever_told(alone["groups"]) == whenever_told(together["groups"])


def test_a_batch_is_read_before_it_waits_for_its_source(app: Flask, database: Database, key: str) -> None:
    """Others file meanwhile: reading takes a good part of a batch's time."""
    parts: Components = app.extensions["tthc"]
    with database.reading() as session:
        (source,) = sources.all_sources(session)

    def told() -> Iterator[DossierEvent | Rejection]:
        for number in range(3):
            with database.writing(lock_seconds=1) as session:
                sources.lock_for_push(session, source.id)
            yield read_record(dossier(f"A-{number}"))

    summary = ingest(parts, Sender(source.id, "test"), told(), lambda: datetime.now(UTC))
    assert summary.created == 3
