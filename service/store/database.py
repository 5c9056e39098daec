"""Engines and transactions: one way to read, one way to write, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic

from sqlalchemy import text
from sqlalchemy.orm import Session

from service.database_url import parse_database_url
from service.store.engines import postgresql, sqlite

REQUEST_LOCK_SECONDS = 5.0
"""Seconds for which a request waits for a lock. Then it is told to come again, as others want its thread."""
READ_SECONDS = 15.0
"""A public answer takes milliseconds; what takes longer than this shall not hold a thread."""
_LAST_LOOK = 0.05
_LACKING = text(Path(__file__).with_name("lacking_rights.sql").read_text("utf-8"))
_STANDBYS = text(Path(__file__).with_name("standbys.sql").read_text("utf-8"))


class Database:
    """An engine with its two kinds of transaction.

    Reading sees one snapshot, so that several statements of one answer agree. Writing takes its lock first on SQLite
    (BEGIN IMMEDIATE), because SQLite refuses to turn a read lock into a write lock while others write.
    """

    def __init__(self, url: str, pool_size: int = 8) -> None:
        self.url = parse_database_url(url)
        create = sqlite.create if self.is_sqlite else postgresql.create
        self.engine = create(self.url, pool_size)
        self._log = sqlite.WriteAheadLog(Path(str(self.url.database)).absolute()) if self.is_sqlite else None
        self._commits = sqlite.CommitCounter(Path(str(self.url.database)).absolute()) if self.is_sqlite else None
        self._writers, self._long_writers = Lock(), Lock()
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._patient = self.engine.execution_options(**({"read_only": True} if self.is_sqlite else snapshot))
        self._reader = self._patient.execution_options(answer_seconds=READ_SECONDS)

    @property
    def is_sqlite(self) -> bool:
        """Say whether this is the small, one-machine database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self, *, patient: bool = False) -> Iterator[Session]:
        """Open a session that sees one consistent snapshot and writes nothing.

        Each of its statements must answer within seconds, as a public reader wants. patient: for jobs and commands
        that read every dossier; their statements have as long as those of a writing session.
        """
        with Session(self._patient if patient else self._reader, autoflush=False) as session:
            yield session

    def mark(self) -> object:
        """Return a value that changes whenever anything was committed, by whatever process or replica."""
        if self._commits is not None:
            return self._commits.mark()
        with self.reading() as session:
            return session.scalar(text("SELECT CAST(pg_current_snapshot() AS text)"))

    @contextmanager
    def writing(self, lock_seconds: float | None = None, *, long: bool = False) -> Iterator[Session]:
        """Open a session whose work is committed at the end, or not at all. It waits this long for a lock of others.

        long: on SQLite, one long writer at a time waits with the short ones, so that these seldom wait for two.
        """
        with self._turn(lock_seconds, long) as seconds:
            engine = self.engine.execution_options(lock_seconds=seconds) if seconds else self.engine
            with Session(engine, autoflush=False) as session, session.begin():
                yield session
        if self._log is not None:
            self._log.cut_if_long()

    @contextmanager
    def _turn(self, lock_seconds: float | None, long: bool) -> Iterator[float | None]:
        """Wait for the other writers of this process, on SQLite; yield how long to wait for other processes.

        SQLite itself only looks again now and then; beside writers without a pause it may never find the lock free.
        """
        if not self.is_sqlite:
            yield lock_seconds
            return
        end = monotonic() + (lock_seconds or sqlite.LOCK_SECONDS)
        with ExitStack() as turn:
            for lock in (self._long_writers, self._writers) if long else (self._writers,):
                if lock.acquire(timeout=max(end - monotonic(), 0)):
                    turn.callback(lock.release)
            yield max(end - monotonic(), _LAST_LOOK)


def commit_soon(session: Session) -> None:
    """Let this transaction's commit wait for no disk and no standby; a later commit that waits has it before it."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL synchronous_commit = off"))


def file_state(session: Session) -> str:
    """Return what SQLite says of its own file: ok when it is sound."""
    return str(session.scalar(text("PRAGMA quick_check(1)")))


def server_version(session: Session) -> int:
    """Return the major version of PostgreSQL."""
    return int(session.scalar(text("SHOW server_version_num")) or 0) // 10_000


def standbys(session: Session) -> tuple[str, int, int]:
    """Return the standbys that commits wait for, "" for none, how many are connected, and our commits that wait."""
    return tuple(session.execute(_STANDBYS).one())


def lacking_rights(session: Session) -> str:
    """Return the tables in which the role may not read and write all, "" when there are none; on PostgreSQL."""
    return str(session.scalar(_LACKING))
