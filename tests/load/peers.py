"""What a user would pick instead, on the same year with corrections: the same numbers? then how fast, and how old.

`make peers`. Every peer gets each version with its receipt, its end and its moment of change, and so needs no rules;
every third dossier comes again with its receipt a day earlier. Asked: received in the year and open at its end; open in
the middle of a day half a year before.
"""

import csv
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from chdb.session import Session as ClickHouse

from bench import dataset
from bench.ingest import new_source
from bench.measuring import in_turns, seconds, show
from bench.reads import AS_OF, HOURS, file
from bench.scale import INGESTED
from bench.serving import databases
from service.domain.calendar.local_time import day_start
from service.domain.calendar.periods import parse_period
from service.domain.statistics.questions import Question
from service.reporting.report import report
from service.store.database import Database

_MIDDLE = day_start(dataset.FIRST) + timedelta(days=182, hours=10)
_VERSION = "code text, received timestamp, ended timestamp, changed timestamp"
_NEWEST = "SELECT DISTINCT ON (code) * FROM version ORDER BY code, changed DESC"
_TRIGGER = """
CREATE TABLE dossier (code text PRIMARY KEY, received timestamp, ended timestamp, changed timestamp);
CREATE TABLE summary (day date PRIMARY KEY, received int DEFAULT 0, ended int DEFAULT 0);
CREATE FUNCTION moved(at timestamp, r int, e int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO summary SELECT (at + interval '7 hours')::date, r, e WHERE at IS NOT NULL
  ON CONFLICT (day) DO UPDATE SET received = summary.received + r, ended = summary.ended + e $$;
CREATE FUNCTION summarise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'UPDATE' THEN PERFORM moved(OLD.received, -1, 0), moved(OLD.ended, 0, -1); END IF;
  PERFORM moved(NEW.received, 1, 0), moved(NEW.ended, 0, 1); RETURN NULL; END $$;
CREATE TRIGGER summarise AFTER INSERT OR UPDATE ON dossier FOR EACH ROW EXECUTE FUNCTION summarise();
"""
_UPSERT = f"""INSERT INTO dossier {_NEWEST} ON CONFLICT (code) DO UPDATE SET received = excluded.received,
  ended = excluded.ended, changed = excluded.changed WHERE excluded.changed > dossier.changed"""
Answer = tuple[int, int]
"""Received in the year, and open at the moment asked for."""
Peer = tuple[Callable[[], object], Callable[[], object], Callable[[datetime], Answer]]
"""How it takes the file, what it must do before it answers with it, and how it answers."""


def history() -> list[dict[str, Any]]:
    """Return the records of a year, then the corrections."""
    first = list(dataset.dossiers(INGESTED, dataset.FIRST, dataset.DAYS))
    return first + [_corrected(record) for record in first[::3]]


def _corrected(record: dict[str, Any]) -> dict[str, Any]:
    received, changed = (datetime.fromisoformat(record[name]) for name in ("received_at", "changed_at"))
    earlier, later = received - timedelta(days=1), changed + timedelta(hours=1)
    return {**record, "received_at": earlier.isoformat(), "changed_at": later.isoformat()}


def _write(records: list[dict[str, Any]], path: Path) -> None:
    def moment(text: str | None) -> str:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if text else ""

    names = ("received_at", "finished_at", "changed_at")
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([r["code"], *(moment(r.get(name)) for name in names)] for r in records)


def _asked(table: str, m: datetime) -> str:
    start, until = (f"'{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}'" for moment in (day_start(dataset.FIRST), m))
    still_open = f"ended IS NULL OR CASE WHEN ended < received THEN received ELSE ended END > {until}"
    received = f"sum(CASE WHEN received >= {start} THEN 1 ELSE 0 END)"
    return f"SELECT {received}, sum(CASE WHEN {still_open} THEN 1 ELSE 0 END) FROM {table} d WHERE received <= {until}"


@contextmanager
def _product(url: str, records: list[dict[str, Any]]) -> Iterator[Peer]:
    new_source(url)
    database = Database(url)

    def ask(m: datetime) -> Answer:
        question = Question(dataset.PROVINCE, parse_period("2025", (m + timedelta(hours=7)).date()), m, ())
        with database.reading() as session:
            counts = report(session, question, HOURS).counts.as_dict()
        return counts["received"], counts["in_progress"]

    yield lambda: file(database, records), lambda: None, ask
    database.engine.dispose()


@contextmanager
def _postgresql(url: str, path: Path, prepare: str, after: str, table: str) -> Iterator[Peer]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE version ({_VERSION}); {prepare}")

        def load() -> None:
            with connection.cursor() as cursor, cursor.copy("COPY version FROM STDIN (FORMAT csv)") as copy:
                copy.write(path.read_bytes())

        def ask(m: datetime) -> Answer:
            day = (m + timedelta(hours=7)).date()
            asked = table.format(day=day) if table.startswith("SELECT") else _asked(table, m)
            return connection.execute(asked).fetchone() or (0, 0)

        yield load, lambda: connection.execute(after), ask


@contextmanager
def _duckdb(path: Path) -> Iterator[Peer]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE version ({_VERSION})")

        def ask(m: datetime) -> Answer:
            received, still_open = connection.execute(_asked(f"({_NEWEST})", m)).fetchone() or (0, 0)
            return int(received), int(still_open)

        yield lambda: connection.execute(f"COPY version FROM '{path}'"), lambda: None, ask


@contextmanager
def _clickhouse(path: Path) -> Iterator[Peer]:
    session = ClickHouse()
    kinds = "code String, received DateTime64(0), ended Nullable(DateTime64(0)), changed DateTime64(0)"
    session.query(f"CREATE TABLE version ({kinds}) ENGINE ReplacingMergeTree(changed) ORDER BY code")

    def ask(m: datetime) -> Answer:
        received, still_open = str(
            session.query(_asked("version FINAL", m).replace("FINAL d", "AS d FINAL"), "CSV")
        ).split(",")
        return int(received), int(still_open)

    yield (
        lambda: session.query(f"INSERT INTO version SELECT * FROM file('{path}', 'CSV', '{kinds}')"),
        lambda: None,
        ask,
    )
    session.close()


def _measure(name: str, peer: Peer, rows: int, truth: dict[datetime, Answer]) -> tuple[str, ...]:
    load, refresh, ask = peer
    took, waited = seconds(load), seconds(refresh)
    answers = {m: ask(m) for m in (AS_OF, _MIDDLE)}
    truth.update({m: answer for m, answer in answers.items() if m not in truth})
    same = ["có / yes" if answers[m] == truth[m] else f"KHÔNG / NO {answers[m]} ≠ {truth[m]}" for m in answers]
    asked = in_turns(5, ask=lambda: ask(AS_OF))["ask"]
    return name, *same, f"{rows / (took + waited):,.0f}/s", f"{asked * 1e3:.1f} ms", f"{waited:.2f} s"


def run() -> None:
    """Measure every peer and print; the product, which comes first, says what is right."""
    records, truth = history(), dict[datetime, Answer]()
    head = ("", "năm / the year", "lúc trước / past moment", "nhận / in", "trả lời / answer", "chờ / waits")
    in_year = f"sum(received) FILTER (WHERE day >= '{dataset.FIRST}')"
    summary = f"SELECT {in_year}, sum(received) - sum(ended) FROM summary WHERE day <= '{{day}}'"
    view = f"CREATE MATERIALIZED VIEW newest AS {_NEWEST}"
    with databases("postgresql") as make, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.csv"
        _write(records, path)
        peers = {
            "dịch vụ / product, PostgreSQL": _product(make("ours"), records),
            "triggers": _postgresql(make("triggers"), path, _TRIGGER, _UPSERT, summary),
            "materialised view": _postgresql(make("view"), path, view, "REFRESH MATERIALIZED VIEW newest", "newest"),
            "DuckDB": _duckdb(path),
            "chDB": _clickhouse(path),
        }
        rows: list[tuple[str, ...]] = [head]
        for name, opened in peers.items():
            with opened as peer:
                rows.append(_measure(name, peer, len(records), truth))
    show(f"Lựa chọn khác / peers: {len(records)} phiên bản / versions", rows)


if __name__ == "__main__":
    run()
