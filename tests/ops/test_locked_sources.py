"""Sources that another replica has locked: their pushes wait, and keep nobody else's waiting."""

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.dossiers import Dossier
from service.store import sources
from service.store.database import Database
from tests.ops.processes import serving
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier

LOCKED = ("first", "second", "third")


def push_one(base: str, key: str, code: str) -> int:
    """Push one dossier and return the status."""
    return send(base, key, "", dossier(code))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_pushes_of_locked_sources_keep_no_others_waiting(database_url: str, tmp_path: Path) -> None:
    """Two such keys held every thread for single pushes, and for batches, until their locks were free."""
    keys, other = [add_source(database_url, code) for code in LOCKED], add_source(database_url, "other")
    database = Database(database_url)
    with serving(database_url, tmp_path / "log", TTHC_JOBS="off") as (_, base), ThreadPoolExecutor(100) as threads:
        for number, key in enumerate((*keys, other)):  # a key that was never right waits with those of its address
            push_one(base, key, f"KNOWN-{number}")
        with database.writing() as session:
            for code in LOCKED:
                sources.lock_for_push(session, sources.find(session, code).id)
            waiting = [
                threads.submit(push_one, base, key, f"{number}-{n}")
                for number, key in enumerate(keys)
                for n in range(16)
            ]
            waiting += [threads.submit(push, base, key, [dossier(f"{number}-B")]) for number, key in enumerate(keys)]
            time.sleep(2)
            began = time.monotonic()
            alone = push_one(base, other, "A-1")
            batch = push(base, other, [dossier("A-2")])
            waited = time.monotonic() - began
        told = [one.result() for one in waiting]
    database.engine.dispose()
    assert (alone, batch["created"]) == (201, 1)
    assert waited < 5
    assert told[:-3] == [201] * 48
    assert [batch["created"] for batch in told[-3:]] == [1] * 3


def send(base: str, key: str, path: str, sent: Any) -> int:
    """Push one dossier or a batch, and return the status."""
    request = urllib.request.Request(f"{base}/api/v1/dossiers{path}", json.dumps(sent).encode())
    request.headers = {"Authorization": f"Bearer {key}", "Content-type": "application/json"}
    with urllib.request.urlopen(request, timeout=60) as answer:
        status: int = answer.status
        return status


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_pushes_of_a_locked_source_are_filed_in_the_order_in_which_they_came(database_url: str, tmp_path: Path) -> None:
    """A push that gave its thread back was passed by a later one of its dossier: the older state stood in the end."""
    key, database = add_source(database_url), Database(database_url)
    end: dict[str, Any] = {"status": "resolved", "finished_at": "2023-10-05"}
    stored = []
    with serving(database_url, tmp_path / "log", TTHC_JOBS="off") as (_, base), ThreadPoolExecutor(10) as threads:
        push_one(base, key, "KNOWN")
        for number in range(8):
            code, path = f"A-{number}", ("", "/batch")[number % 2]
            records: list[Any] = [dossier(code), dossier(code, **end)]
            with database.writing() as session:
                sources.lock_for_push(session, 1)
                told = []
                for record in records:
                    told.append(threads.submit(send, base, key, path, [record] if path else record))
                    time.sleep(0.25)
                time.sleep(0.1 + 0.2 * (number // 2))  # while the first one tries, waits, and tries again
            assert [one.result() < 300 for one in told] == [True, True], number
            with database.reading() as session:
                stored.append(session.scalars(select(Dossier.ended_at).where(Dossier.code == code)).one())
    database.engine.dispose()
    assert None not in stored
