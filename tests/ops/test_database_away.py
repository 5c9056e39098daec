"""Two replicas without a proxy, under load, while PostgreSQL is stopped, frozen, read-only or restarts."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest

from tests.load.faults import database_restarted, look
from tests.load.senders import Sender
from tests.load.site import Site, site_of
from tests.ops.processes import free_port, get, get_json, running, until
from tests.ops.test_databases import BOUND, frozen, on_server, timed
from tests.ops.test_stop import add_source

WIDGET = "/api/v1/widget/H23.45"


@dataclass
class TimedSender(Sender):
    """A sender that notes how long each answer took, and whether one did not come."""

    slowest: float = 0.0
    unanswered: int = 0

    def _sent(self, body: bytes) -> tuple[int, float]:
        began = time.monotonic()
        status, wait = super()._sent(body)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.unanswered += status == 0
        return status, wait


@dataclass
class Reader:
    """Asks the replicas for a known widget, one after the other."""

    bases: list[str]
    read: int = 0
    old: int = 0
    failed: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Read until it is told to stop."""
        for base in cycle(self.bases):
            if self.stopping.wait(0.02):
                return
            seconds, status, body = timed(base + WIDGET)
            self.read += 1
            self.old += '"stale":true' in body
            if status != 200 or seconds > BOUND or '"updated_at":"2' not in body:
                self.failed.append(f"{status} after {seconds:.1f} s: {body[:200]}")


def stopped(site: Site) -> None:
    """Stop PostgreSQL for three seconds."""
    os.kill(site.postgres.get_pid(), signal.SIGQUIT)
    until(lambda: not (Path(site.postgres.pgdata) / "postmaster.pid").exists(), 90)
    time.sleep(3)
    site.postgres.ensure_postgres_running()


def frozen_for_a_while(site: Site) -> None:
    """Freeze it for four seconds."""
    with frozen(site.url):
        time.sleep(4)


def read_only(site: Site) -> None:
    """Let it refuse to write for three seconds."""
    on_server(site.url, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    time.sleep(3)
    on_server(
        site.url,
        "SET default_transaction_read_only = off",
        "ALTER SYSTEM RESET default_transaction_read_only",
        "SELECT pg_reload_conf()",
    )


def restarting(site: Site) -> None:
    """Restart it twice, ten seconds apart."""
    for _ in range(2):
        database_restarted(site)
        time.sleep(10)


@contextmanager
def two_replicas(site: Site) -> Iterator[list[str]]:
    """Run them; yield their addresses, once each has answered the widget."""
    with ExitStack() as stack:
        bases = []
        for sender in site.senders:
            told = {"PORT": str(sender.port), "TTHC_HOST": "127.0.0.1", "TTHC_JOBS": "off", "TTHC_RATE_PUSHES": ""}
            log = site.folder / f"{sender.port}.log"
            stack.enter_context(running(["-m", "service.serve"], site.url, log, **told))
            bases.append(f"http://127.0.0.1:{sender.port}")
        for base in bases:
            until(partial(get, f"{base}/readyz"), 120)
        yield bases


@pytest.mark.parametrize("trouble", [stopped, frozen_for_a_while, read_only, restarting])
def test_widgets_are_answered_and_pushes_told_in_time(trouble: Callable[[Site], None]) -> None:
    with site_of("postgresql") as site:
        senders = [TimedSender(name, add_source(site.url, name), free_port()) for name in ("C", "D")]
        site.senders = list(senders)
        with two_replicas(site) as bases:
            reader = Reader(bases)
            threads = [sender.start() for sender in senders]
            try:
                until(lambda: all(sender.filed for sender in senders), 90)
                for base in bases:
                    until(partial(lambda base: get_json(base + WIDGET)["updated_at"], base), 90)
                threads.append(threading.Thread(target=reader.run))
                threads[-1].start()
                trouble(site)
                back = time.monotonic()
                until(lambda: all(sender.last_acknowledged > back for sender in senders), 120)
            finally:
                reader.stopping.set()
                for sender in senders:
                    sender.stopping.set()
                for thread in threads:
                    thread.join(100)
        assert reader.failed == []
        assert [sender.unanswered for sender in senders] == [0, 0]
        assert max(sender.slowest for sender in senders) < BOUND
        assert all(sender.waits[503] for sender in senders), "the trouble was met"
        look(site)
