"""Reads never wait for writers: while somebody writes, every public answer is given."""

import pytest
from sqlalchemy import text

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
