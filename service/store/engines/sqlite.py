"""The engine of SQLite: durable, one writer at a time, and aware of its file."""

import os
import sqlite3
import time
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from service.store.engines.askers import asker

LOCK_SECONDS = 60
WAL_BYTES = 40 * 1024 * 1024
"""A log longer than this is checkpointed and truncated."""
_WRITTEN_BACK = 32 * 1024 * 1024 // 4096
"""Pages of the log after which SQLite checkpoints it: the more, the more pushes share the pages that are written."""
_CUT_SECONDS = 0.5
"""How long a truncation waits for readers at work; meanwhile it holds the lock of writers, but between its tries."""
_TRY_SECONDS = 0.02
"""How long one try waits: it waits for places that readers of old pages held, also when new readers sit there."""
_REST_SECONDS = 5.0
"""When readers did not end in time, the next truncation is tried after so long."""
_STEPS = 50_000
"""Steps of SQLite's machine between two looks at the clock: about half a millisecond."""
_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32768",
    f"wal_autocheckpoint={_WRITTEN_BACK}",
)  # fmt: skip
"""FULL: an acknowledged push survives a power cut."""


class _File:
    """The file of a database: a process works on the file that it opened first, never on another of the same name.

    When the file is deleted, moved or replaced, SQLite would go on writing to the old file, which nobody sees, and new
    connections would open an empty one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._opened: tuple[int, int] | None = None

    def opened(self) -> None:
        """Remember which file was opened, the first time."""
        if self._opened is None:
            self._opened = self._on_disk()

    def check(self) -> None:
        """Raise OperationalError when the name no longer leads to the file that was opened."""
        if self._opened is None or (now_there := self._on_disk()) == self._opened:
            return
        what = "was replaced" if now_there else "was deleted or moved"
        raise OperationalError(None, None, sqlite3.OperationalError(f"the database file {what}"))

    def _on_disk(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self._path)  # noqa: PTH116 - Path.stat costs twice as much, for each transaction
        except OSError:
            return None
        return status.st_dev, status.st_ino


class WriteAheadLog:
    """The log beside a database, which never shrinks by itself while readers overlap.

    SQLite starts its log again only when no reader is at work at the end of a commit. Under steady reading that moment
    never comes. So the log is truncated by a checkpoint, which holds the writers' lock and waits for readers of old
    pages. New readers read the database itself, so they are not waited for.
    """

    def __init__(self, path: Path) -> None:
        self._database = path
        self._log = path.with_name(f"{path.name}-wal")
        self._not_before = 0.0

    def cut_if_long(self) -> None:
        """Checkpoint and truncate a log that has grown long, after a commit; on a full disk it stays long."""
        try:
            size = os.stat(self._log).st_size  # noqa: PTH116 - after each commit
        except OSError:
            return
        if size < WAL_BYTES or time.monotonic() < self._not_before:
            return
        end = time.monotonic() + _CUT_SECONDS
        connect = partial(sqlite3.connect, self._database, timeout=_TRY_SECONDS, isolation_level=None)
        with suppress(sqlite3.OperationalError), closing(connect()) as connection:
            while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > end:
                    self._not_before = time.monotonic() + _REST_SECONDS
                    return
                time.sleep(_TRY_SECONDS / 4)


class CommitCounter:
    """Says whether anything was committed to a database, by whatever process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    def mark(self) -> tuple[int, int]:
        """Return a value that changes with each commit, and when another file takes this one's place."""
        with self._lock:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return self._path.stat().st_ino, version


def _limit(connection: Connection) -> None:
    """End the statements of a public answer after `answer_seconds`, or when its client hangs up; no others."""
    seconds = connection.get_execution_options().get("answer_seconds")
    raw: Any = connection.connection.driver_connection
    if seconds is None:
        raw.set_progress_handler(None, 0)
        return
    end, gone = time.monotonic() + seconds, asker()
    raw.set_progress_handler(lambda: time.monotonic() > end or (gone is not None and gone.is_set()), _STEPS)


def create(url: URL, pool_size: int) -> Engine:
    """Create the engine; it begins transactions itself, as SQLite refuses to upgrade a read lock beside writers."""
    path = Path(str(url.database))
    if not path.is_absolute():
        with suppress(OSError):  # opening the file will raise it
            path.parent.mkdir(parents=True, exist_ok=True)
    file = _File(path)
    engine = create_engine(url, pool_size=pool_size, max_overflow=4, connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(engine, "do_connect")
    def _before_connect(*_: Any) -> None:
        file.check()

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, also for DDL
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        file.opened()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        file.check()
        read_only = connection.get_execution_options().get("read_only")
        _limit(connection)
        if not read_only:
            seconds = connection.get_execution_options().get("lock_seconds", LOCK_SECONDS)
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
