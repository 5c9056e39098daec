"""A real service process, and a portal of another origin with a strict content policy."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.layouts import layout
from tests.ops.processes import free_port
from tests.support.demonstration import AS_OF, QUERY, UNIT
from tests.support.portal_pages import QuietHandler, origin_of

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 180


class ServiceProcess:
    """The service as it is run, on a database that exists."""

    def __init__(self, database: Path) -> None:
        """Choose a port; nothing is started yet."""
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._database = database
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("TTHC_")}
        environ |= {
            "DATABASE_URL": f"sqlite:///{self._database}",
            "PORT": str(self.port),
            "DEMO": "0",
            "TTHC_HOST": "127.0.0.1",
            "TTHC_JOBS": "off",
            "TTHC_LOG_LEVEL": "ERROR",
        }
        self._process = subprocess.Popen([sys.executable, "-m", "service.serve"], cwd=ROOT, env=environ)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.origin}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the service did not start")

    def stop(self) -> None:
        """Stop it, and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(SECONDS)
            self._process = None


PORTAL = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Cổng thông tin</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="{service}/widget.js" async></script></head>
<body><main><h1>Cổng thông tin điện tử</h1>
<tthc-widget unit="{unit}" as-of="{as_of}"></tthc-widget>
<tthc-widget unit="{unit}" as-of="{as_of}" theme="dark"></tthc-widget>
<iframe src="{service}/embed/{unit}?{query}" title="Kết quả giải quyết TTHC" width="320" height="460"></iframe>
<p><img src="{service}/badge/{unit}.svg?{query}" alt="TTHC đúng hạn" height="20"></p>
</main></body></html>"""


@contextmanager
def portal(service: str) -> Iterator[str]:
    """Serve a page that embeds the service, under a policy that allows nothing else."""
    policy = (
        f"default-src 'none'; script-src {service}; connect-src {service}; frame-src {service}; img-src {service};"
        " base-uri 'none'; form-action 'none'"
    )
    first = PORTAL.format(service=service, unit=UNIT, as_of=AS_OF, query=QUERY).encode()
    policies = {"/": policy, "/scripts-only": f"default-src 'self'; script-src {service}"}
    layouts = f"{policy}; style-src 'unsafe-inline'"

    class Page(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - the base's name
            body = first if self.path in policies else layout(service, self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policies.get(self.path, layouts))
            self.end_headers()
            self.wfile.write(body)

    with origin_of(Page) as origin:
        yield origin
