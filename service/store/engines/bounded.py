"""A connection to PostgreSQL whose waits end, and what all connections know of their server.

A server that is frozen (SIGSTOP, a network that drops packets) sends no error. A connection that has waited a moment
asks the server for a sign of life on a new socket. Without an answer the wait ends, and for a second nobody connects.
So a push is answered 503 within two seconds.
"""

import socket
import struct
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self

import psycopg
from psycopg.abc import PQGen, PQGenConn
from psycopg.errors import Diagnostic

from service.store.engines.askers import asker

_REST_SECONDS = 1.0
_ENCRYPTION_REQUEST = struct.pack("!ii", 8, 80877103)
"""SSLRequest: the message that a server (or a pooler) answers, with one byte, before a user is named."""
_UNCONFIRMED = "synchronous replication"
_TOO_SLOW = "statement timeout: no answer in time from a server that is there"


@dataclass
class Patience:
    """How long a process waits, in seconds; a command waits longer than the service.

    quiet: after so long without an answer the server is asked for a sign of life, and has as long to give it.
    connect: for a new connection.
    idle: for the ping of a connection from the pool, and for anything else outside of a transaction.
    commit: for a commit, which waits while a synchronous standby is frozen though the server itself is well.
    """

    quiet: float = 5.0
    connect: float = 10.0
    idle: float = 10.0
    commit: float = 60.0


PATIENCE = Patience()


def answer_promptly() -> None:
    """Let this process, which serves requests, notice a frozen server within two seconds, a frozen standby in five."""
    PATIENCE.quiet, PATIENCE.connect, PATIENCE.idle, PATIENCE.commit = 0.6, 1.5, 1.0, 5.0


class Server:
    """When the server was last found to be silent; all connections of an engine share it."""

    def __init__(self) -> None:
        self._rests_until = 0.0

    def is_silent(self) -> None:
        """Remember that the server gave no answer just now."""
        self._rests_until = monotonic() + _REST_SECONDS

    @contextmanager
    def heard_lately(self) -> Iterator[None]:
        """Connect within this context; it raises at once if another connection found the server silent a moment ago."""
        if monotonic() < self._rests_until:
            raise psycopg.OperationalError("no answer from the server a moment ago")
        try:
            yield
        except psycopg.errors.ConnectionTimeout:
            self.is_silent()
            raise


class BoundedConnection(psycopg.Connection[Any]):
    """A connection whose waits end, and whose commit says when the standby did not confirm it."""

    answer_seconds: float | None = None
    """How long to wait for each statement of a transaction; None outside of a transaction."""
    is_watched = True
    unconfirmed = False
    server = Server()

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        """Connect within our own time; libpq's least is two seconds."""
        end = monotonic() + PATIENCE.connect

        def look() -> None:
            if monotonic() > end:
                raise psycopg.errors.ConnectionTimeout("connection timeout expired")

        return _watched(super()._connect_gen(conninfo), look)

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server's answer, and close the connection when none comes in time.

        While nothing comes, the server is asked for a sign of life. When the client has hung up, the statement is
        cancelled.
        """
        asked, gone = monotonic(), asker()

        def look() -> None:
            nonlocal asked, gone
            if self.is_watched and monotonic() - asked > PATIENCE.quiet:
                if not _answers(self.info.hostaddr or self.info.host, self.info.port):
                    raise _Silent
                asked = monotonic()
            if gone and gone.is_set():
                gone = None
                self.cancel_safe()

        seconds = (self.answer_seconds or PATIENCE.idle) if timeout is None else timeout
        try:
            return super().wait(_watched(gen, look), interval, seconds)
        except (psycopg.errors._WaitTimeout, _Silent) as error:  # noqa: SLF001 - it has no public name
            silent = isinstance(error, _Silent)
            if timeout is not None and not silent:
                raise
            self.close()
            if silent:
                self.server.is_silent()
                raise psycopg.OperationalError("no answer from the server in time") from None
            raise _Late(_TOO_SLOW if self.answer_seconds else "no answer from the server in time") from None

    def commit(self) -> None:
        """Commit; OperationalError when no standby confirms the commit, which may still be lost then."""
        self.unconfirmed = False
        if self.is_watched:
            self.answer_seconds = min(self.answer_seconds or PATIENCE.idle, PATIENCE.commit)
        try:
            super().commit()
        except _Late:
            self.unconfirmed = True
        if self.unconfirmed:
            raise psycopg.OperationalError("the standby did not confirm the commit (synchronous replication)")

    def note(self, notice: Diagnostic) -> None:
        """Note PostgreSQL's warning that a commit was not replicated; the warning is the only sign of that."""
        if _UNCONFIRMED in (notice.message_primary or ""):
            self.unconfirmed = True


class _Silent(Exception):
    """The server gave no sign of life."""


class _Late(psycopg.OperationalError):
    """The server gave a sign of life, but did not answer in time."""


def _watched(steps: Generator[Any, Any, Any], look: Callable[[], None]) -> Generator[Any, Any, Any]:
    """Go through the steps of a wait, and call `look` while nothing comes; an error that it raises ends the wait."""
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if not ready:
                look()
            wanted = steps.send(ready)
    except StopIteration as done:
        return done.value


def _answers(host: str, port: int) -> bool:
    """Say whether a server answers at an address; a path is the folder of its socket."""
    family = socket.AF_UNIX if host.startswith("/") else socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.settimeout(PATIENCE.quiet)
        try:
            probe.connect(f"{host}/.s.PGSQL.{port}" if family == socket.AF_UNIX else (host, port))
            probe.sendall(_ENCRYPTION_REQUEST)
            return bool(probe.recv(1))
        except OSError:
            return False
