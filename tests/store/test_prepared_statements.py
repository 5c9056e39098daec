"""Statements that are built once find what they name by an index: a push would else read all dossiers of its source."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from service.store import dossiers, migrations
from service.store.catalogues import versions
from service.store.database import Database
from service.store.statistics import heard

STATEMENTS = [
    pytest.param(dossiers._CURRENT, "(source_id=? AND code=?)", id="dossiers"),
    pytest.param(dossiers._FILED, "(source_id=? AND code=?)", id="versions"),
    pytest.param(versions._IMPORTED, "(code=?)", id="procedures"),
    pytest.param(heard._NOTED, "(unit_code=? AND day=?)", id="units heard"),
]


@pytest.mark.parametrize(("statement", "found_by"), STATEMENTS)
def test_a_statement_about_some_codes_uses_an_index(statement: Any, found_by: str, tmp_path: Path) -> None:
    """With a Boolean SQLite was asked `code IN (…) = 1`: 64 ms in place of 3 at 270,000 dossiers."""
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    migrations.upgrade(database)
    written = str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))
    with database.reading() as session:
        given = {"source": 1, "among": '["a"]', "on": "2023-10-02"}
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {written}"), given).all()
    database.engine.dispose()
    assert any(found_by in row.detail for row in plan), plan
