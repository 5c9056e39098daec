"""nginx as delivered before two replicas: what one client provokes, or a host that is off, takes none from others."""

import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.ops.test_deploy import proxied
from tests.support.raw_http import exchange, head, statuses


class Busy(BaseHTTPRequestHandler):
    """A replica that has no room for what reads many rows, and answers some requests with headers above all limits."""

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.send_response(503 if self.path.startswith("/units/") else 200)
        if self.path.startswith("/long"):
            self.send_header("Location", "/" * 40_000)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Write no log."""


@pytest.mark.parametrize("path", ["/units/", "/long"])
def test_whose_answer_is_bad_takes_no_replica_from_the_others(path: str, tmp_path: Path) -> None:
    """One address that was told 503, or was redirected with a long question, took both replicas out for everybody."""
    replicas = [ThreadingHTTPServer(("127.0.0.1", 0), Busy) for _ in "12"]
    for replica in replicas:
        Thread(target=replica.serve_forever, daemon=True).start()
    with proxied(tmp_path, " ".join(f"127.0.0.1:{replica.server_port}" for replica in replicas)) as address:
        base = f"http://{address}"
        bad = [exchange(base, head("GET", f"{path}{number}", "Connection: close")) for number in range(6)]
        served = exchange(base, head("GET", "/healthz", "Connection: close"))
    for replica in replicas:
        replica.shutdown()
        replica.server_close()
    assert ([*map(statuses, bad)], statuses(served)) == ([[503]] * 6, [200])


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/dossiers", "/national/login"])
def test_a_replica_whose_host_is_off_costs_a_request_no_more_than_its_connecting(path: str, tmp_path: Path) -> None:
    """Half of all pushes were refused, as long as nobody counted its failures."""
    replica, off = ThreadingHTTPServer(("127.0.0.1", 0), Busy), socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = [socket.socket() for _ in "1234"]  # the kernel drops further ones
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(off.getsockname())
    Thread(target=replica.serve_forever, daemon=True).start()
    with proxied(tmp_path, f"127.0.0.1:{off.getsockname()[1]} 127.0.0.1:{replica.server_port}") as address:
        began = time.monotonic()
        method = "GET" if path == "/healthz" else "POST"
        asked = [head(method, path, "Connection: close", "Content-Length: 0") for _ in range(4)]
        told = [statuses(exchange(f"http://{address}", one)) for one in asked]
        seconds = time.monotonic() - began
    replica.shutdown()
    replica.server_close()
    for one in (off, *waiting):
        one.close()
    assert (told, seconds < 4 * 1.0) == ([[200]] * 4, True)
