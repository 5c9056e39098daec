"""The cache of nginx as delivered: what one client asks keeps nobody waiting, and no answer is older than it may be."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread

from tests.ops.processes import get
from tests.ops.test_deploy import proxied
from tests.support.raw_http import connect, exchange, head, statuses


class Counting(BaseHTTPRequestHandler):
    """A service whose answers are numbered; each may be given again for a second, and for one more while it is made."""

    numbers = count()

    def do_GET(self) -> None:
        """Read the body as announced, and answer."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = str(next(self.numbers)).encode().rjust(120_000 if self.path == "/large" else 1)
        self.send_response(200)
        self.send_header("Cache-Control", "public, max-age=1, stale-while-revalidate=1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@contextmanager
def cached(place: Path) -> Iterator[str]:
    """Run nginx in front of such a service; yield its address."""
    service = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    Thread(target=service.serve_forever, daemon=True).start()
    with proxied(place, f"127.0.0.1:{service.server_port}") as address:
        yield f"http://{address}"
    service.shutdown()
    service.server_close()


def test_a_body_that_does_not_come_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    with cached(tmp_path) as base, connect(base) as sock:
        sock.sendall(head("GET", "/units", "Content-Length: 1"))
        time.sleep(0.3)
        began = time.monotonic()
        answer = exchange(base, head("GET", "/units", "Connection: close"))
        assert (statuses(answer), time.monotonic() - began < 2) == ([200], True)


def test_the_first_reader_after_a_quiet_time_is_given_a_new_answer(tmp_path: Path) -> None:
    with cached(tmp_path) as base:
        first = get(f"{base}/units")
        assert get(f"{base}/units") == first
        time.sleep(3.5)
        assert get(f"{base}/units") != first


def test_a_large_answer_is_not_kept(tmp_path: Path) -> None:
    """Under ever new questions large files filled the disk of the cache."""
    with cached(tmp_path) as base:
        assert get(f"{base}/large") != get(f"{base}/large")
        assert get(f"{base}/units") == get(f"{base}/units")


def test_a_question_with_a_large_body_is_refused(tmp_path: Path) -> None:
    with cached(tmp_path) as base:
        answer = exchange(base, head("GET", "/units", "Content-Length: 2000", "Connection: close"))
    assert statuses(answer) == [413]
