"""SQLite's log stays short while readers overlap, and a public answer ends in time."""

import sqlite3
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models.sources import Source
from service.store.database import Database
from service.store.engines import sqlite

MEGABYTE = 1024 * 1024


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    path = tmp_path / "tthc.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setattr(sqlite, "WAL_BYTES", MEGABYTE)
    return Database(f"sqlite:///{path}", pool_size=20)


@pytest.mark.parametrize(("readers", "seconds"), [(4, 0.12), (14, 0.05)])
def test_the_log_stays_short_under_overlapping_readers(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readers: int, seconds: float
) -> None:
    monkeypatch.setattr(sqlite, "_CUT_SECONDS", 30.0)  # a reader that a busy machine holds up is waited for
    monkeypatch.setattr(sqlite, "_REST_SECONDS", 1000.0)  # so one truncation that fails is seen
    stop = threading.Event()
    starts = [seconds * number / readers for number in range(readers)]
    threads = [threading.Thread(target=_read, args=(database, stop, start, seconds)) for start in starts]
    for thread in threads:
        thread.start()
    longest = 0
    for number in range(150):
        _write(database, number)
        longest = max(longest, (tmp_path / "tthc.sqlite3-wal").stat().st_size)
    stop.set()
    for thread in threads:
        thread.join(10)
    database.engine.dispose()
    assert longest < 4 * MEGABYTE


def test_pushes_share_one_checkpoint_of_the_log(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "tthc.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    before = path.stat().st_size
    for number in range(40):
        _write(database, number)
    assert path.stat().st_size == before, "the log was written back before it held 32 MB"
    assert path.with_name(f"{path.name}-wal").stat().st_size > 8 * MEGABYTE
    database.engine.dispose()


def _read(database: Database, stop: threading.Event, first: float, seconds: float) -> None:
    """Read in snapshots that overlap with those of the other readers."""
    time.sleep(first)
    while not stop.is_set():
        with database.reading() as session:
            session.execute(text("SELECT count(*) FROM source"))
            time.sleep(seconds)


def _write(database: Database, number: int) -> None:
    """Write some 200 KB."""
    with database.writing() as session:
        session.add_all(
            Source(
                code=f"s-{number}-{row}",
                name="x" * 3900,
                key_id=f"{number:04}{row:04}",
                key_hash="0" * 64,
                ok_code="0",
                created_at=datetime.now(UTC),
            )
            for row in range(50)
        )


_ENDLESS = text("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c")


def test_a_public_answer_ends_in_time(database: Database) -> None:
    hurried = Database(database.url.render_as_string())
    hurried._reader = hurried._patient.execution_options(answer_seconds=0.2)
    began = time.monotonic()
    with hurried.reading() as session, pytest.raises(OperationalError, match="interrupted"):
        session.execute(_ENDLESS)
    hurried.engine.dispose()
    assert time.monotonic() - began < 2


def test_the_time_limit_of_an_answer_does_not_hold_for_the_next_transaction(database: Database) -> None:
    one = Database(database.url.render_as_string(), pool_size=1)
    one._reader = one._patient.execution_options(answer_seconds=0.2)
    with one.reading() as session, pytest.raises(OperationalError):
        session.execute(_ENDLESS)
    with one.writing() as session:
        time.sleep(0.3)
        assert session.scalar(text("SELECT count(*) FROM source")) == 0
    one.engine.dispose()


def test_a_log_that_cannot_be_cut_takes_back_no_push(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk a batch that was stored was told 500."""
    monkeypatch.setattr(sqlite, "WAL_BYTES", 0)
    full = Mock(side_effect=sqlite3.OperationalError("database or disk is full"))
    monkeypatch.setattr(sqlite.sqlite3, "connect", full)  # type: ignore[attr-defined]
    _write(database, 1)
    assert full.called
