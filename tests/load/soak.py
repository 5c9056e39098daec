"""A mixed load at 70 % of what the machine can do: `make soak`, an hour or SOAK_MINUTES; see docs/reliability.md.

By parts of the time: half and 99th percentile of each kind of request, memory, descriptors, connections, SQLite's log;
and single pushes beside the load against those of a quiet service.
"""

import http.client
import itertools
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.measuring import show
from bench.serving import databases
from service.store import migrations
from service.store.database import Database
from tests.ops.processes import Running, serving
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
_SHARE, _WORKERS, _TRY_SECONDS, _PARTS = 0.7, 8, 15, 12
_DUE = "2099-10-06"
"""After the end became known: each dossier whose end was told late is counted by itself, and all would be."""
Request = tuple[str, str, bytes | None]


class Sender:
    """One source: what it began it ends in the same order, so the same sender has to say both."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._begun, self._ended = itertools.count(), itertools.count()

    def begun(self) -> dict[str, Any]:
        """Return a new dossier."""
        return dossier(f"S-{next(self._begun)}", due_at=_DUE)

    def ended(self) -> dict[str, Any]:
        """Return the end of the oldest one."""
        return dossier(f"S-{next(self._ended)}", due_at=_DUE, status="resolved", finished_at="2023-10-05")


def _widget(_: Sender) -> Request:
    return "GET", "/api/v1/widget/H23.45", None


def _stats(_: Sender) -> Request:
    day = random.randint(1, 28)
    return "GET", f"/api/v1/stats?unit=H23.45&period=2023&as_of=2023-12-{day:02d}&group_by=month", None


def _push(sender: Sender) -> Request:
    return "POST", "/api/v1/dossiers", json.dumps(sender.begun()).encode()


def _end(sender: Sender) -> Request:
    return "POST", "/api/v1/dossiers", json.dumps(sender.ended()).encode()


def _batch(sender: Sender) -> Request:
    """Half new dossiers and half ends: as many stay unfinished as there were when the load began."""
    records = [record for _ in range(100) for record in (sender.begun(), sender.ended())]
    return "POST", "/api/v1/dossiers/batch", json.dumps(records).encode()


MIX: dict[str, tuple[int, Callable[[Sender], Request]]] = {
    "widget": (60, _widget),
    "stats": (15, _stats),
    "push": (12, _push),
    "end": (11, _end),
    "batch": (2, _batch),
}
"""Of a hundred requests, how many of which kind; every pusher has its own key."""


@dataclass
class Met:
    """Moments and seconds of each kind, and answers that were no good."""

    times: list[tuple[float, str, float]] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)

    def percentile(self, kind: str, share: float, first: float = 0, last: float = float("inf")) -> float:
        """Return a percentile in milliseconds of what was asked between two moments."""
        times = sorted(seconds for at, name, seconds in self.times if name == kind and first <= at < last)
        return times[min(int(len(times) * share), len(times) - 1)] * 1000 if times else float("nan")


class Load:
    """Workers that ask in the mix, as fast as they can or at a rate."""

    def __init__(
        self, port: int, keys: dict[str, Sender], mix: dict[str, tuple[int, Callable[[Sender], Request]]]
    ) -> None:
        """Start nothing yet."""
        self.port, self.senders, self.met = port, list(keys.items()), Met()
        self._kinds = [kind for kind, (weight, _) in mix.items() for _ in range(weight)]
        self._mix = mix

    def run(self, seconds: float, rate: float | None = None, workers: int = _WORKERS) -> float:
        """Ask for so long; return how many were answered a second."""
        before, end = len(self.met.times), time.monotonic() + seconds
        pause = workers / rate if rate else 0.0
        threads = [threading.Thread(target=self._work, args=(number, end, pause)) for number in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return (len(self.met.times) - before) / seconds

    def _work(self, number: int, end: float, pause: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        key, sender = self.senders[number]
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        due = time.monotonic() + random.random() * pause
        while (now := time.monotonic()) < end:
            if now < due:
                time.sleep(min(due - now, end - now))
                continue
            kind = random.choice(self._kinds)
            self._ask(connection, kind, *self._mix[kind][1](sender), headers)
            due = max(due + pause, now)  # who was held up does not make up for it
        connection.close()

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        kind: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
    ) -> None:
        began = time.monotonic()
        try:
            connection.request(method, path, body, headers if body else {})
            answer = connection.getresponse()
            answer.read()
            status = str(answer.status)
        except OSError as error:
            connection.close()
            status = type(error).__name__
        if status < "300":
            self.met.times.append((began, kind, time.monotonic() - began))
        else:
            self.met.failed[status] = self.met.failed.get(status, 0) + 1


def run(kind: str, minutes: float) -> list[tuple[str, ...]]:
    """Find what the machine can do, load it with a part of that, and return the table."""
    with databases(kind) as make, tempfile.TemporaryDirectory() as folder:
        url = make("soak")
        migrations.upgrade(Database(url))
        keys = {add_source(url, f"soak-{number}"): Sender() for number in range(_WORKERS)}
        with serving(url, Path(folder) / "log", TTHC_LOG_LEVEL="ERROR", TTHC_THREADS="8") as (process, base):
            for key, sender in keys.items():  # more than a batch: nothing is ended before it began
                push(base, key, [sender.begun() for _ in range(600)])
            port = int(base.rpartition(":")[2])
            quiet = Load(port, keys, {"push": MIX["push"]})
            quiet.run(_TRY_SECONDS, rate=20, workers=1)
            most = Load(port, keys, MIX).run(_TRY_SECONDS)
            return _soaked(Load(port, keys, MIX), process, url, minutes, most, quiet.met.percentile("push", 0.99))


def _soaked(load: Load, process: Running, url: str, minutes: float, most: float, quiet: float) -> list[tuple[str, ...]]:
    kinds = ("widget", "stats", "push", "batch")
    heads = (f"{kind} p50 / p99 ms" for kind in kinds)
    table: list[tuple[str, ...]] = [("until minute", *heads, "memory MB", "descriptors", "log MB")]
    for part in range(1, _PARTS + 1):
        began = time.monotonic()
        load.run(minutes * 60 / _PARTS, rate=most * _SHARE)
        times = (f"{load.met.percentile(k, 0.5, began):.0f} / {load.met.percentile(k, 0.99, began):.0f}" for k in kinds)
        table.append((f"{minutes * part / _PARTS:.1f}", *times, *_held(process, url)))
    loaded = load.met.percentile("push", 0.99)
    table.append(("requests a second", f"{most:.0f} at most", f"{most * _SHARE:.0f} here", *[""] * 5))
    ratio = f"{loaded / quiet:.1f}"
    table.append(("push p99", f"quiet {quiet:.0f}", f"loaded {loaded:.0f}", f"× {ratio}", *[""] * 4))
    table.append(("not answered well", str(load.met.failed or "none"), *[""] * 6))
    return table


def _held(process: Running, url: str) -> tuple[str, str, str]:
    """Return memory, descriptors (connections among them) and the size of SQLite's log."""
    place = Path(f"/proc/{process.process.pid}")
    memory = next(line.split()[1] for line in (place / "status").read_text().splitlines() if line.startswith("VmRSS"))
    log = Path(f"{url.removeprefix('sqlite:///')}-wal")
    size = f"{log.stat().st_size / 1e6:.0f}" if log.exists() else ""
    return f"{int(memory) / 1024:.0f}", str(len(list((place / "fd").iterdir()))), size


if __name__ == "__main__":
    for database_kind in ("sqlite", "postgresql"):
        show(database_kind, run(database_kind, MINUTES / 2))
