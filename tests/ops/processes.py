"""Real processes of the service for tests: started on a free port, watched, and ended by their own id."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import orjson

from tests.support.required_programs import require

ROOT = Path(__file__).resolve().parents[2]


_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw10").removeprefix("gw")) % 11
_PORTS = range(10_000 + 2000 * _WORKER, 12_000 + 2000 * _WORKER)
"""Each worker has its own, below those that the system gives to outgoing connections: one met another's server."""


@cache
def _ports_of(_process_id: int) -> Iterator[int]:
    """Return a worker's ports in an order of this process: one that is forked would go on in its parent's."""
    return cycle(random.SystemRandom().sample(_PORTS, len(_PORTS)))


def free_port() -> int:
    """Return a port that nobody listens on now, and that nobody else takes in the next moment."""
    for port in _ports_of(os.getpid()):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError


def until(what: Callable[[], Any], seconds: float = 30, step: float = 0.1) -> Any:
    """Wait until something is true and return it; fail loudly when it takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := what():
                return answer
        except OSError:
            pass  # not listening yet
        time.sleep(step)
    raise AssertionError(f"waited {seconds} s in vain")


def get(url: str, **headers: str) -> bytes:
    """Read an address."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        body: bytes = answer.read()
        return body


def get_json(url: str) -> Any:
    """Read JSON from an address."""
    return orjson.loads(get(url))


class Running:
    """A process with its children, in a group of their own."""

    def __init__(self, args: list[str], database_url: str, log: Path, root: Path = ROOT, /, **environ: str) -> None:
        """Start `python ARGS` of the program in a folder on this database."""
        told = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TTHC_")},
            "DATABASE_URL": database_url,
            "DEMO": "0",
            **environ,
        }
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, *args], cwd=root, env=told, stdout=out, stderr=out, start_new_session=True
            )

    def kill(self) -> None:
        """End it as a power cut would: kill -9, children too."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self, seconds: float = 60) -> int:
        """Ask it to end (TERM) and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def peaks_mb(self) -> dict[int, float]:
        """Return the greatest resident memory that it and each of its children, still running, has had."""
        peaks = {}
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
                group = int((status.parent / "stat").read_text().rpartition(")")[2].split()[2])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if group == self.process.pid and (peak := re.search(r"VmHWM:\s+(\d+) kB", text)):
                peaks[int(status.parent.name)] = int(peak[1]) / 1024
        return peaks

    def cpu_seconds(self) -> float:
        """Return how much of a processor it has used."""
        return cpu_seconds(self.process.pid)

    def text(self) -> str:
        """Return what it logged."""
        return self.log.read_text(encoding="utf-8")


def cpu_seconds(process_id: int) -> float:
    """Return how much of a processor a process has used."""
    used = (Path("/proc") / str(process_id) / "stat").read_text().rpartition(")")[2].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(args: list[str], database_url: str, log: Path, root: Path = ROOT, /, **environ: str) -> Iterator[Running]:
    """Run a process for a test, and leave nothing behind."""
    process = Running(args, database_url, log, root, **environ)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()


@contextmanager
def serving(
    database_url: str, log: Path, module: str = "service.serve", **environ: str
) -> Iterator[tuple[Running, str]]:
    """Run the real server; yield it and its address once it is ready."""
    port = free_port()
    told = {"PORT": str(port), "TTHC_HOST": "127.0.0.1", "TTHC_THREADS": "4", "TTHC_RATE_PUSHES": "", **environ}
    with running(["-m", module], database_url, log, **told) as process:
        base = f"http://127.0.0.1:{port}"
        try:
            until(lambda: get(f"{base}/readyz"), 60)
        except AssertionError:
            raise AssertionError(process.text()) from None
        yield process, base


@contextmanager
def monitoring(program: str, args: list[str], log: Path) -> Iterator[str]:
    """Run Prometheus or Alertmanager on a free port; yield its address once it is ready."""
    address = f"127.0.0.1:{free_port()}"
    with log.open("wb") as out:
        process = subprocess.Popen([require(program), *args, f"--web.listen-address={address}"], stdout=out, stderr=out)
    try:
        until(lambda: get(f"http://{address}/-/ready"), 90)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(20)
