"""Reads of two commits side by side: `python -m bench.beside THEN [sqlite|postgresql] [COUNT] [NOW]`.

THEN and NOW are worktrees of the commits; NOW is this tree unless another is given.

Each program files the same dossiers into its own database and answers the same questions in a process of its own, in
turns, nothing kept. What is compared is the median processor time of program and database together.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

YEAR, UNIT, ROUNDS = 2025, "H90", 60
LAST = date(YEAR, 12, 31)
QUESTIONS = {
    "the year, in total": f"unit={UNIT}",
    "by unit": f"unit={UNIT}&group_by=unit",
    "by field": f"unit={UNIT}&group_by=field",
    "by channel": f"unit={UNIT}&group_by=channel",
    "by month": f"unit={UNIT}&group_by=month",
    "one unit": f"unit={UNIT}.01.01",
    "a past moment, inside a day": f"unit={UNIT}&as_of={YEAR}-07-15T10:00:00%2B07:00",
}


def work(url: str, records: str) -> None:
    """File records, then answer one question a line of the standard input with seconds and workload, as JSON.

    Runs in the tree of either program: the two are asked over HTTP, whose addresses did not change.
    """
    from service.app import create_app
    from service.settings import Settings

    settings = {"database_url": url, "cache_seconds": 0, "log_level": "ERROR", "rate_reads": ""}
    app = create_app(Settings(**{name: value for name, value in settings.items() if name in Settings.model_fields}))  # type: ignore[arg-type]
    before = time.process_time()
    database = _fill(url, records)
    said: dict[str, Any] = {"filed": time.process_time() - before}
    client, clock = app.test_client(), _clock(app, database)
    print(orjson.dumps(said).decode(), flush=True)
    for question in sys.stdin:
        start = clock()
        answer = client.get(f"/api/v1/stats?{question.strip()}")
        spent = clock() - start
        print(orjson.dumps({"seconds": spent, "workload": answer.json["counts"]["workload"]}).decode(), flush=True)


def _fill(url: str, records: str) -> Any:
    from bench.ingest import new_source

    new_source(url)
    try:
        from service.store.database import Database
    except ImportError:  # before the house was moved
        from models.database import Database  # type: ignore[import-not-found, no-redef]
    try:
        from bench.reads import file
    except ImportError:  # before 1.0.0
        file = _file_before
    database, batch = Database(url), []
    with Path(records).open("rb") as lines:
        for line in lines:
            batch.append(orjson.loads(line))
            if len(batch) == 50_000:
                file(database, batch)
                batch = []
    if batch:
        file(database, batch)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
    return database


def _file_before(database: Any, batch: list[Any]) -> None:
    from bench import reads

    then: Any = reads
    with database.reading() as session:
        source = then.sources.find(session, "bench").id
    then._file(database, source, list(map(then.read_record, batch)))  # noqa: SLF001 - it was private then


def _clock(app: Any, database: Any) -> Any:
    """Return a clock of the processor time of this process and, for PostgreSQL, of the one that answers it."""
    pool = app.extensions["tthc"].database
    if database.is_sqlite:
        return time.process_time
    with pool.engine.connect() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    path = Path(f"/proc/{pid}/schedstat")
    return lambda: time.process_time() + int(path.read_text().split()[0]) / 1e9


class _Program:
    """One of the two, in its own tree."""

    def __init__(self, tree: Path, url: str, records: str) -> None:
        command = [sys.executable, str(Path(__file__).resolve()), "--work", url, records]
        environ = {**os.environ, "PYTHONPATH": str(tree)}
        self._process = subprocess.Popen(
            command, cwd=tree, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.filed = self._read()["filed"]

    def ask(self, question: str) -> dict[str, Any]:
        """Return what an answer took, and its workload."""
        assert self._process.stdin is not None
        print(question, file=self._process.stdin, flush=True)
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        said: dict[str, Any] = orjson.loads(self._process.stdout.readline())
        return said

    def end(self) -> None:
        """Stop it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


def run(trees: dict[str, Path], kind: str, count: int) -> None:
    """Compare the trees "then" and "now", and print."""
    from bench import dataset
    from bench.measuring import show
    from bench.serving import databases

    with tempfile.TemporaryDirectory() as folder, databases(kind) as make:
        records = Path(folder) / "records.ndjson"
        made = dataset.dossiers(count, LAST - timedelta(days=364), 365)
        records.write_bytes(b"\n".join(map(orjson.dumps, made)))
        both = {name: _Program(where, make(name), str(records)) for name, where in trees.items()}
        rows: list[tuple[str, ...]] = [("question", "then", "now", "ratio")]
        for name, asked in QUESTIONS.items():
            question = asked if "as_of" in asked else f"{asked}&period={YEAR}&as_of={LAST}"
            spent: dict[str, list[float]] = {program: [] for program in both}
            for number in range(ROUNDS + 5):
                answers = {program: one.ask(question) for program, one in both.items()}
                if len({answer["workload"] for answer in answers.values()}) > 1:
                    raise SystemExit(f"{name}: the answers differ: {answers}")
                for program, answer in answers.items():
                    spent[program] += [answer["seconds"]] if number >= 5 else []
            then, now = (statistics.median(spent[program]) for program in both)
            rows.append((name, f"{then * 1e3:.2f} ms", f"{now * 1e3:.2f} ms", f"{now / then:.2f}"))
        show(f"{kind}, {count} dossiers, filed in {both['then'].filed:.0f} s and {both['now'].filed:.0f} s", rows)
        for program in both.values():
            program.end()


if __name__ == "__main__":
    if sys.argv[1] == "--work":
        work(*sys.argv[2:4])
    else:
        then, kind, count, now = (
            *sys.argv[1:],
            *("", "sqlite", "200000", Path(__file__).parents[1])[len(sys.argv) - 1 :],
        )
        run({"then": Path(then).resolve(), "now": Path(now).resolve()}, str(kind), int(count))
        print(datetime.now().astimezone().date())
