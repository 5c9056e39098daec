"""Two replicas of the last release are upgraded one after the other under load, and back, as docs/runbook.md says."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count, cycle
from pathlib import Path
from threading import Event
from typing import Any
from urllib.error import HTTPError

import pytest
from sqlalchemy import select

from models.dossiers import Dossier
from service.store import migrations
from service.store.database import Database
from tests.agreement.test_habits import RELEASES
from tests.ops.processes import ROOT, Running, free_port, get, running, until
from tests.ops.test_databases import new_url
from tests.ops.test_stop import push, stored
from tests.support.client import dossier

__all__ = ["new_url"]
QUESTIONS = ("/api/v1/widget/H23.45", "/api/v1/stats?unit=H23.45", "/units/H23.45")


def released(place: Path) -> Path:
    """Unpack the last release."""
    version, commit = RELEASES[-1]
    packed = f"{place}.tar"
    if subprocess.run(["git", "archive", "-o", packed, commit], cwd=ROOT, capture_output=True).returncode:
        pytest.skip(f"this clone lacks the commit of {version}")
    shutil.unpack_archive(packed, place, filter="data")
    return place


def command(root: Path, url: str, log: Path, *words: str) -> str:
    """Run a command of the program in a folder; return what it printed."""
    with running(["-m", "flask", "--app", "wsgi", *words], url, log, root) as process:
        assert process.process.wait(120) == 0, process.text()
    return process.text()


class Replicas:
    """Two servers on fixed ports; who asks turns to the other one when the first is away, as a proxy does."""

    def __init__(self, url: str, place: Path, stack: ExitStack) -> None:
        self.url, self.place, self.stack = url, place, stack
        self.ports = [free_port(), free_port()]
        self.processes: dict[int, Running] = {}

    def run(self, port: int, root: Path) -> None:
        """Let the program in a folder serve on a port, in place of what served there; return once it is ready."""
        if port in self.processes:
            assert self.processes[port].stop() == 0, self.processes[port].text()
        told = {"PORT": str(port), "TTHC_HOST": "127.0.0.1", "TTHC_CACHE_SECONDS": "0"}
        log = self.place / f"{port}.log"
        self.processes[port] = self.stack.enter_context(running(["-m", "service.serve"], self.url, log, root, **told))
        until(lambda: get(f"http://127.0.0.1:{port}/readyz"), 60)

    def ask(self, turn: int, call: Callable[..., Any], path: str, *more: Any) -> Any:
        """Return the answer of one, or of the other; None when both are away."""
        for port in self.ports if turn % 2 else reversed(self.ports):
            try:
                return call(f"http://127.0.0.1:{port}{path}", *more)
            except HTTPError as error:
                assert error.code == 503, f"{error.code} {error.url} {error.read()[:300]!r}"
            except OSError:
                continue  # refused, or cut off
        return None


class Load:
    """Readers, and sources that send until they are acknowledged."""

    def __init__(self, replicas: Replicas, key: str) -> None:
        self.replicas, self.key = replicas, key
        self.over, self.reads, self.pushes = Event(), 0, 0
        self.acknowledged: dict[str, bool] = {}  # whether the dossier has ended

    def read(self) -> None:
        for turn, path in enumerate(cycle(QUESTIONS)):
            if self.over.wait(0.02):
                return
            assert self.replicas.ask(turn, get, path), f"no replica answers {path}"
            self.reads += 1

    def push(self, name: str) -> None:
        """Open five dossiers, and end those that the push before opened."""
        for turn in count():
            if self.over.wait(0.05):
                return
            records = [dossier(f"{name}-{turn}-{n}") for n in range(5)]
            end = f"2023-10-0{turn % 2 * 4 + 5}T09:00:00+07:00"  # in time, or late
            ended = {"status": "resolved", "finished_at": end}
            records += [dossier(f"{name}-{turn - 1}-{n}", **ended) for n in range(5) if turn]
            assert until(partial(self.replicas.ask, turn, push, "", self.key, records), 60)["rejected"] == 0
            self.acknowledged |= {record["code"]: "finished_at" in record for record in records}
            self.pushes += 1


@contextmanager
def under(load: Load) -> Iterator[Callable[[], None]]:
    """Put a load on; yield what waits until there was more of it, and fails when any of it failed."""
    with ThreadPoolExecutor(4) as pool:
        at_work = [*(pool.submit(load.read) for _ in range(2)), *(pool.submit(load.push, name) for name in "AB")]

        def more() -> None:
            reads, pushes = load.reads + 30, load.pushes + 10
            until(lambda: any(one.done() for one in at_work) or (load.reads > reads and load.pushes > pushes), 60)
            assert not [one.result() for one in at_work if one.done()]

        try:
            yield more
        finally:
            load.over.set()
    assert not any(one.result() for one in at_work)


def test_an_upgrade_and_the_way_back_fail_no_read_and_lose_no_push(new_url: str, tmp_path: Path) -> None:
    old = released(tmp_path / "old")
    database = Database(new_url)
    with ExitStack() as stack:
        replicas = Replicas(new_url, tmp_path, stack)
        for port in replicas.ports:
            replicas.run(port, old)
        key = command(old, new_url, tmp_path / "key", "sources", "add", "mot-cua").split()[-1]
        load = Load(replicas, key)
        replicas.ask(0, push, "", key, [dossier()])
        with under(load) as more:
            more()
            assert not migrations.state(database).fits, "the release made this schema"
            command(ROOT, new_url, tmp_path / "upgrade", "db", "upgrade")
            for port in replicas.ports:
                get(f"http://127.0.0.1:{port}/readyz")
            for program in (ROOT, old):
                for port in replicas.ports:
                    more()
                    replicas.run(port, program)
            more()
    with database.reading() as session:
        ended = {code: end is not None for code, end in session.execute(select(Dossier.code, Dossier.ended_at))}
    database.engine.dispose()
    assert ended == {dossier()["code"]: False, **load.acknowledged}
    assert stored(new_url)[2] == [], "the tallies agree"
