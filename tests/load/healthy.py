"""Clients as they should be: what they meet while something else goes on."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.client import dossier

HEALTH, WIDGET, PUSH = "/healthz", "/api/v1/widget/H23.45", "/api/v1/dossiers"


@dataclass
class Met:
    """How long each kind of request took, and what was not answered well."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {HEALTH: [], WIDGET: [], PUSH: []})
    failed: dict[str, int] = field(default_factory=dict)
    refused: int = 0

    def p99(self, kind: str) -> float:
        """Return the 99th percentile in milliseconds."""
        return self.percentile(kind, 0.99)

    def percentile(self, kind: str, share: float) -> float:
        """Return a percentile in milliseconds."""
        sorted_times = sorted(self.seconds[kind])
        return sorted_times[min(int(len(sorted_times) * share), len(sorted_times) - 1)] * 1000

    def told(self) -> str:
        """Return one line: requests and p99 of each kind, and what failed."""
        parts = [f"{kind} {len(times)}× p99 {self.p99(kind):.0f} ms" for kind, times in self.seconds.items() if times]
        return f"{'; '.join(parts)}; 503: {self.refused}; failed: {self.failed or 'none'}"


@contextmanager
def healthy(port: int, key: str, *, pushers: int = 1, pause: float = 0.01) -> Iterator[Met]:
    """Read health and a widget, and push single dossiers, until the block ends."""
    met, stop = Met(), threading.Event()
    threads = [threading.Thread(target=_read, args=(port, kind, met, stop, pause)) for kind in (HEALTH, WIDGET)]
    threads += [threading.Thread(target=_push, args=(port, key, number, met, stop, pause)) for number in range(pushers)]
    for thread in threads:
        thread.start()
    try:
        yield met
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)


def _read(port: int, kind: str, met: Met, stop: threading.Event, pause: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while not stop.wait(pause):
        _timed(connection, met, kind, "GET", kind)
    connection.close()


def _push(port: int, key: str, number: int, met: Met, stop: threading.Event, pause: float) -> None:
    connection, sent = http.client.HTTPConnection("127.0.0.1", port, timeout=30), 0
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    while not stop.wait(pause):
        sent += 1
        body = json.dumps(dossier(f"H-{number}-{sent}")).encode()
        if _timed(connection, met, PUSH, "POST", PUSH, body, headers) == 503:
            stop.wait(0.2)
    connection.close()


def _timed(
    connection: http.client.HTTPConnection,
    met: Met,
    kind: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> int:
    began = time.perf_counter()
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
    except OSError as error:
        connection.close()
        met.failed[type(error).__name__] = met.failed.get(type(error).__name__, 0) + 1
        return 0
    if answer.status == 503:
        met.refused += 1
    elif answer.status >= 400:
        met.failed[str(answer.status)] = met.failed.get(str(answer.status), 0) + 1
    else:
        met.seconds[kind].append(time.perf_counter() - began)
    return answer.status
