"""What an old province costs: ingest beside an empty one, the start, memory, disk, and a recount while pushes go on."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import dataset
from bench.ingest import new_source
from bench.measuring import line, seconds
from bench.scale import LARGE, SMALL
from bench.serving import peak_memory, post, request, server
from service.store.database import Database

File = Callable[[Database, list[Any]], None]
_ROUNDS, _BATCH = 6, 2000
_ROOT = Path(__file__).parents[2]
_VERIFY = [sys.executable, "-m", "flask", "--app", "wsgi", "tallies", "verify"]


def run(kind: str, empty: str, small: str, large: str, file: File) -> None:
    """Print the lines of one database."""
    _ingest(kind, empty, large, file)
    _start(kind, large)
    _disk(kind, large)
    _recount(kind, small, large)


def _ingest(kind: str, empty: str, large: str, file: File) -> None:
    made = dataset.dossiers(_ROUNDS * _BATCH, date(2026, 1, 1), 20, seed=2)
    spent = {empty: 0.0, large: 0.0}
    databases = {url: Database(url) for url in spent}  # kept open, as by a server
    for number in range(_ROUNDS):
        records = list(islice(made, _BATCH))
        for url, database in databases.items():
            took = seconds(partial(file, database, records))
            spent[url] += took if number else 0  # the first round fills caches
    for database in databases.values():
        database.engine.dispose()
    rate = (_ROUNDS - 1) * _BATCH / spent[large]
    line(f"{kind}: ingest at {LARGE} ÷ at empty", spent[empty] / spent[large], f"{rate:,.0f}/s", least=0.8)


def _start(kind: str, large: str) -> None:
    began = time.perf_counter()
    with server("service.serve", large) as port:
        request(port, "GET", f"/api/v1/widget/{dataset.PROVINCE}")
        line(f"{kind}: start to first answer, s", time.perf_counter() - began, most=3)
        time.sleep(2)
        line(f"{kind}: worker at rest, MB", port.memory(), most=150)


def _disk(kind: str, large: str) -> None:
    database = Database(large)
    size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    if not database.is_sqlite:
        size = "SELECT pg_database_size(current_database())"
    with database.reading(patient=True) as session:
        line(f"{kind}: bytes on disk a dossier", session.execute(text(size)).scalar_one() / LARGE)
    database.engine.dispose()


def _recount(kind: str, small: str, large: str) -> None:
    """Measure pushes beside `tallies verify`, and its memory beside that of the small province."""
    base = peak_memory(_verify(small))
    source = new_source(large, "beside")
    bodies = list(dataset.ndjson(dataset.dossiers(40_000, date(2026, 2, 1), 20, seed=3), 500))
    with server("service.serve", large) as port:
        alone = _pushes(port, bodies[:20], source)
        process = _verify(large)
        beside = _pushes(port, bodies[20:40], source)
        running = process.poll() is None
        peak = peak_memory(process)
    told = "" if running else "verify ended before the pushes"
    line(f"{kind}: pushes beside verify ÷ alone", alone / beside, told, least=0.7)
    line(f"{kind}: verify, more MB than at {SMALL}", peak - base, f"{peak:.0f} MB", most=100)


def _pushes(port: int, bodies: list[bytes], headers: dict[str, str]) -> float:
    return seconds(lambda: [post(port, "/api/v1/dossiers/batch", body, headers) for body in bodies])


def _verify(url: str) -> subprocess.Popen[bytes]:
    environ: dict[str, Any] = {**os.environ, "DATABASE_URL": url, "TTHC_LOG_LEVEL": "ERROR"}
    return subprocess.Popen(_VERIFY, env=environ, stdout=subprocess.DEVNULL, cwd=_ROOT)
