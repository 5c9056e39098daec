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

REQUEST_LOCK_SECONDS = 20.0
"""Seconds for which a request waits for a lock; then it is answered 503, while its client still listens."""
READ_SECONDS = 15.0
"""Seconds after which a statement for a public answer is ended; most take milliseconds."""
_LEAST_WAIT = 0.05
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

        Each of its statements must end within READ_SECONDS. patient: for jobs and commands that read every dossier;
        their statements have as long as those of a writing session.
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
        """Open a session whose work is committed at the end, or not at all. lock_seconds: how long it waits for a lock.

        long: a batch. On SQLite batches queue up among themselves first, so a single push waits for one batch at most.
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

        SQLite itself has no queue: it tries again now and then, and may never find the lock free beside busy writers.
        """
        if not self.is_sqlite:
            yield lock_seconds
            return
        end = monotonic() + (lock_seconds or sqlite.LOCK_SECONDS)
        with ExitStack() as turn:
            for lock in (self._long_writers, self._writers) if long else (self._writers,):
                if lock.acquire(timeout=max(end - monotonic(), 0)):
                    turn.callback(lock.release)
            yield max(end - monotonic(), _LEAST_WAIT)


def commit_soon(session: Session) -> None:
    """Let this commit wait for neither disk nor standby; the next commit that waits makes this one durable, too."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL synchronous_commit = off"))


def wait_for_locks(session: Session, seconds: float) -> None:
    """Let the rest of a transaction wait this long for each lock; on SQLite it holds the only one."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL lock_timeout = {int(seconds * 1000)}"))


def file_state(session: Session) -> str:
    """Return the result of SQLite's check of its file: "ok", or what is wrong."""
    return str(session.scalar(text("PRAGMA quick_check(1)")))


def server_version(session: Session) -> int:
    """Return the major version of PostgreSQL."""
    return int(session.scalar(text("SHOW server_version_num")) or 0) // 10_000


def standbys(session: Session) -> tuple[str, int, int]:
    """Return the standbys that commits wait for, "" for none, how many are connected, and our commits that wait."""
    return tuple(session.execute(_STANDBYS).one())


def lacking_rights(session: Session) -> str:
    """Return the tables of PostgreSQL that the role may not read and write, "" when there are none."""
    return str(session.scalar(_LACKING))
