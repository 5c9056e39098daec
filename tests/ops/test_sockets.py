"""What the real server makes of requests that proxies disagree about, and of clients that wait."""

import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from service.store import migrations
from service.store.database import Database
from tests.ops.processes import Running, free_port, get, running, serving, until
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier
from tests.support.raw_http import connect, exchange, head, read_all, statuses

GET = "GET /healthz HTTP/1.1\r\nHost: a.vn\r\n"
POST = "POST /national/login HTTP/1.1\r\nHost: a.vn\r\n"
DISPUTED = {
    "Content-Length and Transfer-Encoding": f"{POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": f"{POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}",
    "two equal lengths": f"{POST}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}",
    "a list of lengths": f"{POST}Content-Length: 2, 2\r\n\r\n{{}}",
    "a negative length": f"{POST}Content-Length: -2\r\n\r\n",
    "a signed length": f"{POST}Content-Length: +2\r\n\r\n{{}}",
    "bare line feeds": "GET /healthz HTTP/1.1\nHost: a.vn\n\n",
    "a folded header": f"{GET}X-A: 1\r\n  2\r\n\r\n",
    "a blank before the colon": f"{GET}X-A : 1\r\n\r\n",
    "a header without a name": f"{GET}: 1\r\n\r\n",
    "an unknown transfer encoding": f"{POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked, but not last": f"{POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "packed and chunked": f"{POST}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
    "a broken chunk": f"{POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n",
    "a NUL in a header": f"{GET}X-A: \x00\r\n\r\n",
    "no Host": "GET /healthz HTTP/1.1\r\n\r\n",
    "two Hosts": f"{GET}Host: b.vn\r\n\r\n",
    "an empty Host": "GET /healthz HTTP/1.1\r\nHost:\r\n\r\n",
    "a bad Host": "GET /healthz HTTP/1.1\r\nHost: a.vn/x@y\r\n\r\n",
    "a version of its own": "GET /healthz HTTP/9.9\r\nHost: a.vn\r\n\r\n",
    "HTTP/2 without asking": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str, str]]:
    """Run the server on SQLite with a source; yield it with its address and the key."""
    folder = tmp_path_factory.mktemp("sockets")
    url = f"sqlite:///{folder / 'tthc.sqlite3'}"
    migrations.upgrade(Database(url))
    key = add_source(url)
    with serving(url, folder / "log", TTHC_JOBS="off", TTHC_LOG_LEVEL="ERROR") as (process, base):
        yield process, base, key


@pytest.mark.parametrize("name", DISPUTED)
def test_a_request_that_two_servers_may_read_in_two_ways_is_refused(site: tuple[Running, str, str], name: str) -> None:
    answer = exchange(site[1], DISPUTED[name].encode("latin-1"))
    assert statuses(answer) == [400]
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])  # the whole head may come in one piece
def test_headers_without_an_end_are_refused(site: tuple[Running, str, str], end: bytes) -> None:
    assert statuses(exchange(site[1], GET.encode() + b"X-A: " + b"a" * 80_000 + end)) == [431]


@pytest.mark.parametrize(("fields", "status"), [(95, 200), (101, 431)])
def test_a_request_has_a_hundred_headers_at_most(site: tuple[Running, str, str], fields: int, status: int) -> None:
    """60 KB of headers of four bytes took 2 MB of memory."""
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(fields))
    assert statuses(exchange(site[1], GET.encode() + many + b"Connection: close\r\n\r\n")) == [status]


CHUNKED = POST.encode() + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


def test_what_follows_a_body_is_no_header(site: tuple[Running, str, str]) -> None:
    trailers = b"Host: b.vn\r\nContent-Encoding: gzip\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"
    assert statuses(exchange(site[1], CHUNKED + b"2\r\n{}\r\n0\r\n" + trailers)) == [200]


@pytest.mark.parametrize(
    "start", [b"2;a=", b"2\r\n{}\r\n0\r\nX-A: ", b"2\r\n{}\r\n0\r\n" + b"X-A: 1\r\n" * 99, b"1\r\n \r\n" * 99]
)
def test_the_frame_of_a_body_without_an_end_is_refused_at_once(site: tuple[Running, str, str], start: bytes) -> None:
    """Without that one client without a key held a gigabyte within 12 s, and the service up for seconds."""
    rest = start if start.endswith(b"\n") else b"a" * 4096
    with connect(site[1]) as sock:
        sent = until_refused(sock, CHUNKED + start, rest)
    assert sent < 20_000_000, "the kernel keeps some megabytes on both sides"


def until_refused(sock: socket.socket, start: bytes, rest: bytes) -> int:
    """Send without an end until the server closes; return how many bytes that took."""
    sent = 0
    with suppress(OSError):
        sock.sendall(start)
        while sent < 60_000_000:
            sock.sendall(rest)
            sent += len(rest)
    return sent


def test_an_upgrade_is_answered_as_before_and_closed(site: tuple[Running, str, str]) -> None:
    request = head("GET", "/healthz", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: x")
    assert statuses(exchange(site[1], request)) == [200]


def test_requests_in_a_row_are_answered_in_order(site: tuple[Running, str, str]) -> None:
    row = head("GET", "/healthz") + head("GET", "/api/v1/widget/NOPE") + head("GET", "/healthz", "Connection: close")
    assert statuses(exchange(site[1], row)) == [200, 404, 200]


def test_a_row_without_an_end_is_cut(site: tuple[Running, str, str]) -> None:
    """Without that one connection made the service wait for seconds, and twenty held a gigabyte."""
    with connect(site[1]) as sock:
        assert until_refused(sock, b"", head("GET", "/healthz") * 500) < 20_000_000
    assert max(site[0].peaks_mb().values()) < 400


def test_a_refused_sender_reads_the_refusal(site: tuple[Running, str, str]) -> None:
    body = b"x" * 700_000
    request = head("POST", "/api/v1/dossiers/batch", f"Content-Length: {len(body)}") + body
    assert [statuses(exchange(site[1], request)) for _ in range(10)] == [[401]] * 10


def test_a_sender_that_asks_first_is_refused_before_it_sends(site: tuple[Running, str, str]) -> None:
    request = head("POST", "/api/v1/dossiers/batch", "Content-Length: 700000", "Expect: 100-continue")
    assert statuses(exchange(site[1], request)) == [401]


def test_a_sender_that_asks_first_may_send(site: tuple[Running, str, str]) -> None:
    with connect(site[1]) as sock:
        sock.sendall(head("POST", "/national/login", "Content-Length: 2", "Expect: 100-continue", "Connection: close"))
        assert sock.recv(100).startswith(b"HTTP/1.1 100")
        sock.sendall(b"{}")
        assert statuses(read_all(sock)) == [200]


def test_40_clients_that_do_not_read_hold_little_and_are_cut(site: tuple[Running, str, str]) -> None:
    process, base, _ = site
    large = "/docs/assets/swagger-ui-bundle.js"
    size = len(get(base + large))
    get(f"{base}/healthz")
    before = rss_mb(process)
    with_reader = [connect(base) for _ in range(40)]
    for sock in with_reader:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(head("GET", large))
    time.sleep(2)
    assert rss_mb(process) - before < 40, f"40 answers of {size / 1e6:.1f} MB"
    began = time.monotonic()
    get(f"{base}/healthz")
    assert time.monotonic() - began < 0.5
    time.sleep(13)
    assert sum(len(read_all(sock)) < size for sock in with_reader) == 40
    for sock in with_reader:
        sock.close()


def rss_mb(server: Running) -> float:
    """Return the resident memory of the server."""
    line = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{server.process.pid}/status").read_text())
    assert line
    return int(line[1]) / 1024


def test_a_port_in_use_stops_the_start_with_one_line(site: tuple[Running, str, str], tmp_path: Path) -> None:
    port = site[1].rpartition(":")[2]
    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    with running(["-m", "service.serve"], url, tmp_path / "log", PORT=port, TTHC_HOST="127.0.0.1") as second:
        assert second.process.wait(120) == 1
    assert second.text().strip().count("\n") == 0
    assert second.text().startswith(f"PORT: cổng {port} ")
    assert not (tmp_path / "other.sqlite3").exists(), "nothing is touched before"


def test_an_address_that_is_not_ours_stops_the_start_with_one_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    told = {"PORT": str(free_port()), "TTHC_HOST": "203.0.113.7"}
    with running(["-m", "service.serve"], url, tmp_path / "log", **told) as process:
        assert process.process.wait(120) == 1
    assert (process.text().strip().count("\n"), process.text().startswith("TTHC_HOST")) == (0, True)


def test_after_kill_9_nothing_serves_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tthc.sqlite3'}"
    with serving(url, tmp_path / "log") as (process, base):
        os.kill(process.process.pid, 9)  # this process alone, not its group
        process.process.wait(10)
        until(lambda: not _answers(base), 30)


def _answers(base: str) -> bool:
    try:
        connect(base, 1).close()
    except OSError:
        return False
    return True


def test_after_kill_9_no_body_stays_on_the_disk(tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path / 'tthc.sqlite3'}", tmp_path / "tmp"
    folder.mkdir()
    migrations.upgrade(Database(url))
    key = add_source(url)
    with serving(url, tmp_path / "log", TMPDIR=str(folder)) as (process, base):
        with connect(base) as sock:
            told = ("Content-Length: 9000000", f"Authorization: Bearer {key}")
            sock.sendall(head("POST", "/api/v1/dossiers/batch", *told) + b"x" * 5_000_000)
            time.sleep(0.5)
            process.kill()
    assert list(folder.iterdir()) == []


def test_a_push_that_runs_at_term_is_answered(database_url: str, tmp_path: Path) -> None:
    key = add_source(database_url)
    with serving(database_url, tmp_path / "log", TTHC_JOBS="off") as (process, base), connect(base, 60) as sock:
        body = b"\n".join(_lines(6000))
        told = (f"Content-Length: {len(body)}", f"Authorization: Bearer {key}", "Content-Type: application/x-ndjson")
        sock.sendall(head("POST", "/api/v1/dossiers/batch", *told) + body)
        time.sleep(0.3)
        assert process.stop() == 0
        assert b'"created":6000' in read_all(sock)


def _lines(count: int) -> Iterator[bytes]:
    import orjson

    return (orjson.dumps(dossier(f"TERM-{number}")) for number in range(count))


def test_a_server_with_stuck_senders_stops_within_the_deadline(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tthc.sqlite3'}"
    migrations.upgrade(Database(url))
    key = add_source(url)
    with serving(url, tmp_path / "log", TTHC_JOBS="off") as (process, base):
        push(base, key, [dossier("A-1")])
        stuck = [connect(base) for _ in range(20)]
        for sock in stuck:
            sock.sendall(head("POST", "/national/service", "Content-Length: 900") + b"{")
        began = time.monotonic()
        assert process.stop() == 0
        assert time.monotonic() - began < 15
        for sock in stuck:
            sock.close()
