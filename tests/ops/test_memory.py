"""Whatever is sent, the memory of the real server stays flat: measured, not believed."""

import http.client
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import repeat
from urllib.parse import urlsplit

import pytest

from service.store import migrations
from service.store.database import Database
from tests.ops.processes import Running, serving
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier

MEGABYTE = 1024 * 1024
NDJSON, JSON = ({"Content-Type": f"application/{kind}"} for kind in ("x-ndjson", "json"))
MOST_MB = 128
"""What bodies may add to a warm server: an array is read whole, up to 32 MB, and decoded to four times that."""


def peak_mb(server: Running) -> float:
    """Return the greatest resident memory that any process of the server has had."""
    return max(server.peaks_mb().values())


def packed(megabytes: int) -> Iterator[bytes]:
    """Yield a gzip stream that unpacks to this many megabytes of blank lines."""
    packer = zlib.compressobj(1, wbits=16 + zlib.MAX_WBITS)
    for _ in range(megabytes):
        yield packer.compress(b" \n" * (MEGABYTE // 2))
    yield packer.flush()


HOSTILE: dict[str, tuple[dict[str, str], Callable[[], Iterable[bytes]], int]] = {
    "200 MB without an end": (NDJSON, lambda: repeat(b'{"a":1}\n' * (MEGABYTE // 8), 200), 413),
    "a line without an end": (NDJSON, lambda: repeat(b"x" * MEGABYTE, 40), 413),
    "a gzip of 2 GB": (NDJSON | {"Content-Encoding": "gzip"}, lambda: packed(2000), 413),
    "10 million empty objects": (JSON, lambda: [b"[", *repeat(b"{}," * 10_000, 1000), b"{}]"], 413),
    "16 million brackets": (JSON, lambda: repeat(b"[" * MEGABYTE, 16), 413),
    "28 MB of text in one record": (JSON, lambda: [b'["', *repeat("\U0001f600".encode() * MEGABYTE, 7), b'"]'], 422),
}


def post(base: str, headers: dict[str, str], body: Iterable[bytes]) -> int:
    """Send a body in chunks, as long as the server takes it, and return the status."""
    where = urlsplit(base)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=120)
    with suppress(BrokenPipeError, ConnectionResetError):  # refused before the end: the answer is there
        connection.request("POST", "/api/v1/dossiers/batch", iter(body), headers)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str, str, float]]:
    """Run the server on SQLite with one source; yield it with its address, the key and its peak once warm."""
    folder = tmp_path_factory.mktemp("memory")
    url = f"sqlite:///{folder / 'tthc.sqlite3'}"
    migrations.upgrade(Database(url))
    key = add_source(url)
    with serving(url, folder / "log", TTHC_JOBS="off", TTHC_LOG_LEVEL="ERROR") as (process, base):
        push(base, key, [dossier(f"WARM-{number}") for number in range(2000)])
        yield process, base, key, peak_mb(process)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_and_adds_little(server: tuple[Running, str, str, float], name: str) -> None:
    process, base, key, warm = server
    headers, body, status = HOSTILE[name]
    assert post(base, headers | {"Authorization": f"Bearer {key}"}, body()) == status
    assert peak_mb(process) - warm < MOST_MB


def test_a_hundred_thousand_good_records_add_little(server: tuple[Running, str, str, float]) -> None:
    process, base, key, warm = server
    answer = push(base, key, [dossier(f"GOOD-{number}") for number in range(100_000)])
    assert answer["created"] == 100_000
    assert peak_mb(process) - warm < MOST_MB
