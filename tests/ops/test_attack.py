"""Nobody can hold the door: silent and trickling senders, with and without a key, beside healthy clients."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load.attackers import attackers
from tests.load.healthy import HEALTH, PUSH, WIDGET, healthy
from tests.ops.processes import serving, until
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier

MOST_MS = 250
"""On a machine that runs other tests beside this one; `make attack` prints what a quiet machine gives (50)."""


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[tuple[int, str]]:
    """Run the server with one dossier pushed; yield its port and the key."""
    key = add_source(database_url)
    with serving(database_url, tmp_path / "log", TTHC_JOBS="off", TTHC_LOG_LEVEL="ERROR") as (_, base):
        push(base, key, [dossier("A-1")])
        yield int(base.rpartition(":")[2]), key


def test_600_clients_that_hold_connections_stop_nobody(site: tuple[int, str]) -> None:
    port, key = site
    with attackers(port, key) as still, healthy(port, key) as met:
        until(lambda: still.value > 550, 20, 0.05)
        began = time.monotonic()
        until(lambda: still.value == 0, 30, 0.2)
        gone = time.monotonic() - began
    sys.stdout.write(f"{met.told()}; attackers gone after {gone:.0f} s\n")
    assert gone < 15
    assert met.failed == {}
    assert max(met.p99(HEALTH), met.p99(WIDGET)) < MOST_MS
    assert len(met.seconds[PUSH]) > 100, "pushes went on"
