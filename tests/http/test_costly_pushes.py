"""What one key cannot do to the others with a push that is small as sent: hold their locks, or the memory of all."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import get_native_id
from typing import Any

import pytest

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.events import DeletionEvent, Rejection
from service.ingest.pipeline import Event, Pipeline
from service.ingest.sender import Sender
from service.schemas import unknown_fields
from service.schemas.dossier_input import read_record
from service.schemas.unknown_fields import NAMED, RecordReader
from service.store import sources
from service.store.database import Database
from tests.support.client import Client, dossier
from tests.support.register_files import COLUMNS, as_xlsx, row, send, told

BATCH = "/api/v1/dossiers/batch"


@pytest.mark.parametrize("path", ["/api/v1/dossiers", "/api/v1/heartbeats"])
def test_one_dossier_is_no_list_of_a_million(client: Client, path: str) -> None:
    """Read whole, it would take 400 MB; sixteen such pushes of one key are read at a time."""
    packed = gzip.compress(b"[" + b'{"a":0},' * 1_000_000 + b"{}]")
    headers = {**client.auth, "Content-Encoding": "gzip"}
    answer = client.http.post(path, data=packed, content_type="application/json", headers=headers)
    assert (len(packed) < 50_000, answer.status_code) == (True, 413)


def test_a_push_that_takes_too_long_stores_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.push(dossier("A-1"))
    monkeypatch.setattr("service.ingest.pipeline.LONGEST", -1.0)
    answer = client.batch([dossier("A-2")])
    assert (answer.status_code, "split it" in answer.text) == (422, True)
    assert client.counts(as_of="2023-10-05", period="2023")["workload"] == 1


def test_names_that_nobody_reads_are_compared_a_few_times_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr(unknown_fields, "nearest", lambda name, _words: compared.append(name))
    reader = RecordReader(strict=True)
    for number in range(100):
        record = reader.read({f"x{number}_{place}": 1 for place in range(50)})
        assert isinstance(record, Rejection) and len(record.errors) >= NAMED
    assert len(compared) == NAMED


def test_a_dossier_may_be_taken_back_any_number_of_times(database: Database, key: str) -> None:
    code, ticks = "A-1", iter(range(10_000))
    news: list[Event] = []
    for number in range(400):
        news += [read_record(dossier(code, field_name=f"Lĩnh vực {number}")), DeletionEvent(code)]
    with database.writing() as session:
        sender = Sender(sources.find(session, "mot-cua").id, "r", is_source=False)
        now = datetime(2023, 10, 5, tzinfo=UTC)
        pipeline = Pipeline(session, sender, lambda: now + timedelta(seconds=next(ticks)), OfficeHours())
        results = [result.result for result in pipeline.file(news)]
    assert set(results[::2]) == {"created", "updated"} and set(results[1::2]) == {"deleted"}


@contextmanager
def _noting_children(database: Database, seen: list[str], **given: Any) -> Iterator[Any]:
    seen.append(_children())
    with _WRITING(database, **given) as session:
        yield session


def _children() -> str:
    return Path(f"/proc/self/task/{get_native_id()}/children").read_text()


_WRITING = Database.writing


def test_a_workbook_has_been_read_when_the_lock_is_taken(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet of two cells far apart keeps the process that reads it busy for seconds, and a file may have hundreds."""
    content = as_xlsx(COLUMNS, *(row(f"H23.45-{number}") for number in range(2500)))
    seen, before = list[str](), _children()  # such as the servers of the tests
    monkeypatch.setattr(Database, "writing", lambda self, *_, **__: _noting_children(self, seen))
    answer = told(send(client, "a.xlsx", content))
    assert (answer["created"], {*seen}) == (2500, {before})


def test_a_sheet_may_be_asked_for_under_any_name(client: Client) -> None:
    answer = send(client, "a.xlsx", as_xlsx(COLUMNS, row()), sheet="\0" + "x" * 200_000)
    assert (answer.status_code, "no such sheet" in answer.text) == (422, True), json.dumps(answer.json)[:300]
