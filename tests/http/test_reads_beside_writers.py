"""Reads never wait for writers: while somebody writes, every public answer is given."""

import orjson
import pytest
from sqlalchemy import text
from werkzeug.test import create_environ

from service.app import create_app
from service.http.response_cache import repeated
from service.settings import Settings
from service.store.database import Database
from tests.support.client import Client, dossier

PATHS = ["/healthz", "/readyz", "/api/v1/widget/H23.45", "/api/v1/stats?unit=H23.45&group_by=unit", "/api/v1/units",
         "/api/v1/durations?unit=H23.45", "/api/v1/quality?unit=H23.45", "/units/H23.45", "/embed/H23.45", "/",
         "/badge/H23.45.svg", "/status"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_is_given_while_a_writer_holds_its_locks(client: Client, database: Database, path: str) -> None:
    """One that waited for a lock would be a 503 after some seconds, and never this name."""
    client.push(dossier(unit_name="Huyện"))
    with database.writing() as session:
        for table, column in (("unit", "name"), ("dossier", "code"), ("source", "code"), ("tally_day", "day")):
            session.execute(text(f"UPDATE {table} SET {column} = {column}"))
        assert client.http.get(path).status_code == 200
        session.rollback()


def test_a_widget_that_is_being_repeated_is_made_anew_by_a_batch(
    settings: Settings, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its next reader is given what the batch told, without a question to the database."""
    monkeypatch.setattr("service.ingest.batch.RENEWING", 1000)
    app = create_app(settings.model_copy(update={"cache_seconds": 60}))
    client = Client(app.test_client(), key)
    client.push(dossier("A-1"))
    parts, asked = app.extensions["tthc"], create_environ("/api/v1/widget/H23.45")
    assert client.widget()["counts"]["workload"] == 1
    assert repeated(parts, asked)
    client.batch([dossier("A-2"), dossier("A-3")])
    kept = repeated(parts, asked)
    now = client.widget()
    parts.database.engine.dispose()
    assert kept
    assert orjson.loads(kept.body)["counts"]["workload"] == 3
    assert orjson.loads(kept.body) == now
