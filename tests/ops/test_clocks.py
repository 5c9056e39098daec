"""Replicas whose clocks are apart or jump, in real processes (libfaketime): what is filed later counts as later."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from tests.ops.processes import get_json, serving
from tests.ops.test_stop import push, stored
from tests.support.client import dossier
from tests.support.faketime import clock_environ, set_clock
from tests.support.raw_http import connect, head, read_all

DOSSIERS, A_DAY = 40, 86_400
STEPS = [(0, -2), (10 * A_DAY, -10 * A_DAY), (-10 * A_DAY, 10 * A_DAY), (3600, 0), (-2 * A_DAY, -400 * A_DAY)]
"""By how many seconds the clocks of the two are off, one after the other."""
STATES: list[dict[str, Any]] = [
    {"status": "received"},
    {"status": "processing"},
    {"status": "resolved", "finished_at": "2023-10-05"},
]


class Replica(NamedTuple):
    """A server that runs, and the file that says how its clock is off."""

    base: str
    clock: Path


@pytest.fixture
def replicas(database_url: str, tmp_path: Path) -> Iterator[list[Replica]]:
    """Give two servers on one database, each with a clock of its own."""
    with ExitStack() as stack:
        started = []
        for name in "ab":
            set_clock(clock := tmp_path / f"clock-{name}", 0)
            environ = {**clock_environ(clock), "TTHC_JOBS": "off", "TTHC_LOG_LEVEL": "ERROR"}
            _, base = stack.enter_context(serving(database_url, tmp_path / f"log-{name}", **environ))
            started.append(Replica(base, clock))
        yield started


def set_clocks(replicas: list[Replica], steps: tuple[int, int]) -> None:
    for replica, seconds in zip(replicas, steps, strict=True):
        set_clock(replica.clock, seconds)


def test_ends_that_a_replica_two_seconds_behind_files_count(
    replicas: list[Replica], key: str, database_url: str
) -> None:
    set_clocks(replicas, (0, -2))
    ahead, behind = replicas
    for number in range(DOSSIERS):
        push(ahead.base, key, [dossier(f"A-{number}")])
        push(behind.base, key, [dossier(f"A-{number}", **STATES[2])])
    counts = get_json(f"{behind.base}/api/v1/widget/H23.45?period=2023&as_of=2023-12-31")["counts"]
    assert (counts["resolved"], counts["in_progress"]) == (DOSSIERS, 0)
    assert stored(database_url) == (DOSSIERS, 2 * DOSSIERS, [])


def test_steps_of_days_both_ways_change_no_order(replicas: list[Replica], key: str, database_url: str) -> None:
    """Each piece of news is filed by the other replica, and between two pieces both clocks jump."""
    told = 0
    for steps in STEPS:
        set_clocks(replicas, steps)
        for state in STATES:
            replica = replicas[told % 2]
            assert push(replica.base, key, [dossier("A-1", **state)])["updated"] == (1 if told else 0)
            assert history(replica, key)["status"] == state["status"]
            told += 1
    known = [version["known_at"] for version in history(replicas[0], key)["versions"]]
    assert known == sorted(known)
    assert stored(database_url) == (1, told, [])


def history(replica: Replica, key: str) -> Any:
    with connect(replica.base) as sock:
        sock.sendall(head("GET", "/api/v1/dossiers/A-1", f"Authorization: Bearer {key}", "Connection: close"))
        return orjson.loads(read_all(sock).partition(b"\r\n\r\n")[2])
