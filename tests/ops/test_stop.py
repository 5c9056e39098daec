"""Ending the real server in the middle of a batch: TERM is clean, and kill -9 loses nothing acknowledged."""

import json
import re
import subprocess
import sys
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select

from models.dossiers import Dossier, DossierVersion
from service.store import sources
from service.store.database import Database
from tests.ops.processes import get, running, serving, until
from tests.support.client import dossier
from tests.support.tallies import differences

BIG = 15_000


def add_source(database_url: str, code: str = "mot-cua") -> str:
    """Add a source and return its key."""
    database = Database(database_url)
    with database.writing() as session:
        key = sources.add(session, code, None, datetime.now(UTC))
    database.engine.dispose()
    return key


def push(base: str, key: str, records: list[dict[str, Any]]) -> Any:
    """Push NDJSON and return the answer; OSError when the server goes away."""
    request = urllib.request.Request(
        f"{base}/api/v1/dossiers/batch",
        data=b"\n".join(json.dumps(record).encode() for record in records),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return orjson.loads(answer.read())


def push_in_background(pool: ThreadPoolExecutor, base: str, key: str) -> "Future[Any]":
    """Send a big batch, and return once the server is at work on it."""
    sent = pool.submit(push, base, key, [dossier(f"BIG-{n}") for n in range(BIG)])
    at_work = re.compile(rb'tthc_db_pool_connections\{state="in_use"\} [1-9]')  # a job may wait for the lock beside it
    until(lambda: at_work.search(get(f"{base}/metrics")) or sent.done(), 60, 0.05)
    return sent


def stored(database_url: str) -> tuple[int, int, list[str]]:
    """Return how many dossiers and versions are stored, and the differences of the tallies."""
    database = Database(database_url)
    with database.reading() as session:
        dossiers = session.scalar(select(func.count()).select_from(Dossier)) or 0
        versions = session.scalar(select(func.count()).select_from(DossierVersion)) or 0
        off = differences(session)
    database.engine.dispose()
    return dossiers, versions, off


def test_term_in_the_middle_of_a_batch_ends_cleanly(database_url: str, tmp_path: Path) -> None:
    key = add_source(database_url)
    with ThreadPoolExecutor(1) as pool, serving(database_url, tmp_path / "log", TTHC_METRICS_CACHE_SECONDS="0") as site:
        process, base = site
        sent = push_in_background(pool, base, key)
        assert process.stop() == 0
        try:
            acknowledged = sent.result(60)["created"]
        except OSError:
            acknowledged = 0
    count, versions, off = stored(database_url)
    assert count in ({BIG} if acknowledged else {0, BIG}), "all of the batch or nothing"
    assert (versions, off) == (count, [])


def test_kill_in_the_middle_of_a_batch_loses_nothing_acknowledged(database_url: str, tmp_path: Path) -> None:
    key = add_source(database_url)
    with ThreadPoolExecutor(1) as pool, serving(database_url, tmp_path / "log", TTHC_METRICS_CACHE_SECONDS="0") as site:
        process, base = site
        acknowledged = push(base, key, [dossier(f"SMALL-{n}") for n in range(200)])["created"]
        sent = push_in_background(pool, base, key)
        process.kill()
        with suppress(OSError):  # also URLError
            acknowledged += sent.result(60)["created"]
    count, versions, off = stored(database_url)
    assert count in ({200, 200 + BIG} if acknowledged == 200 else {200 + BIG})
    assert (versions, off) == (count, [])
    with serving(database_url, tmp_path / "again.log") as (_, base):  # and it starts again and works
        assert push(base, key, [dossier(f"BIG-{n}") for n in range(10)])["rejected"] == 0


def test_after_a_kill_a_push_is_acknowledged_for_less_than_three_seconds_of_a_processor(
    database_url: str, tmp_path: Path
) -> None:
    key = add_source(database_url)
    with serving(database_url, tmp_path / "log") as (process, base):
        push(base, key, [dossier("BEFORE")])
        process.kill()
    with serving(database_url, tmp_path / "again.log") as (process, base):
        assert push(base, key, [dossier("AFTER")])["created"] == 1
        assert process.cpu_seconds() < 3


def test_doctor_finds_a_running_service_in_order(database_url: str, tmp_path: Path) -> None:
    log = tmp_path / "doctor.log"
    with running(["-m", "flask", "--app", "wsgi", "doctor"], database_url, log) as doctor:
        assert doctor.process.wait(60) == 0, doctor.text()


def test_doctor_says_what_to_do_about_a_new_database(tmp_path: Path) -> None:
    log = tmp_path / "doctor.log"
    with running(["-m", "flask", "--app", "wsgi", "doctor"], f"sqlite:///{tmp_path / 'new.sqlite3'}", log) as doctor:
        assert doctor.process.wait(60) == 1
    assert "flask --app wsgi db upgrade" in doctor.text()


def test_a_wrong_setting_stops_the_start_with_its_name(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    with running(["-m", "service.serve"], database_url, tmp_path / "log", TTHC_THREADS="many") as process:
        assert process.process.wait(60) == 1
    assert "TTHC_THREADS" in process.text()


def test_importing_the_application_starts_no_job(tmp_path: Path) -> None:
    # The store of the rate limits looks once for what has expired, in a thread that ends within milliseconds.
    code = "import wsgi, threading, time; time.sleep(1); print(sorted(t.name for t in threading.enumerate()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "['MainThread']"
