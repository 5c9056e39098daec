"""The nightly search for duplicates beside pushes: it takes its locks in their order; on PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from jobs.tasks import duplicate_candidates
from service.store import sources
from service.store.database import Database
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier


def test_every_source_is_locked_before_a_tally_is_written(
    app: Flask, client: Client, operator: Operator, database: Database
) -> None:
    """A push writes tallies while it holds its source's lock: the other order would let the two wait in a circle."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer")
    with database.writing() as session:
        keys = [sources.add(session, code, None, datetime.now(UTC)) for code in ("khac", "ba")]
    for place, source in enumerate([client, *(Client(app.test_client(), key) for key in keys)]):
        source.batch([dossier(f"{'ABC'[place]}-{number}") for number in (1, 2)])
    for second in ("B-1", "C-2"):
        operator.runs("duplicates", "confirm", f"A-{second[-1]}", second)
        client.http.delete(f"/api/v1/dossiers/A-{second[-1]}", headers=client.auth)
    steps: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        for step, words in (("search", "OVER ("), ("lock", "FOR NO KEY UPDATE"), ("tally", "INSERT INTO tally_day")):
            steps.extend([step] * (words in statement))

    duplicate_candidates(app.extensions["tthc"], datetime.now(UTC))
    searched = len(steps) - steps[::-1].index("search")
    assert steps[searched:].count("tally") == 1  # of all pairs at once: pair by pair they came in no order
    assert steps[searched:][:2] == ["lock", "lock"]
