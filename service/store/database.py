"""Engines and transactions: one way to read, one way to write, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

LOCK_SECONDS = 60
STATEMENT_SECONDS = 120


class Database:
    """An engine with its two kinds of transaction.

    Reading sees one snapshot, so that several statements of one answer agree. Writing takes its
    lock first on SQLite (BEGIN IMMEDIATE): a lock that is upgraded later is refused at once.
    """

    def __init__(self, url: str, pool_size: int = 8) -> None:
        """Create the engine; nothing is connected yet."""
        self.url = _normalised(url)
        self.engine = _create(self.url, pool_size)
        self._reader = self.engine.execution_options(**_read_options(self.is_sqlite))

    @property
    def is_sqlite(self) -> bool:
        """Say whether this is the small, one-machine database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one consistent snapshot and writes nothing."""
        with Session(self._reader, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session whose work is committed at the end, or not at all."""
        with Session(self.engine, autoflush=False) as session, session.begin():
            yield session


def _normalised(url: str) -> URL:
    """Accept the URL forms in use: postgres:// is what many platforms hand out."""
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed


def _read_options(sqlite: bool) -> dict[str, Any]:
    if sqlite:
        return {"read_only": True}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _create(url: URL, pool_size: int) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _create_sqlite(url, pool_size)
    options = (
        f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_SECONDS}s"
        f" -c idle_in_transaction_session_timeout={STATEMENT_SECONDS}s -c timezone=UTC"
        " -c jit=off"  # the statements are short: compiling them costs more than running them
    )
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=4,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"options": options, "connect_timeout": 10},
    )


def _create_sqlite(url: URL, pool_size: int) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=pool_size, max_overflow=4, connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, also for DDL
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged push survives a power cut
            "foreign_keys=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def file_state(session: Session) -> str:
    """Return what SQLite says of its own file: ok when it is sound."""
    return str(session.scalar(text("PRAGMA quick_check(1)")))


def server_version(session: Session) -> int:
    """Return the major version of PostgreSQL."""
    return int(session.scalar(text("SHOW server_version_num")) or 0) // 10_000


def server_clock(session: Session) -> datetime | None:
    """Return the moment that PostgreSQL's machine has now."""
    moment: datetime | None = session.scalar(text("SELECT clock_timestamp()"))
    return moment
