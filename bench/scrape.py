"""The scrape at 300 units and a million dossiers: its database part beside the plain SQL that gives the same.

`python -m bench.scrape [DOSSIERS]`: on a SQLite file of its own; exit 1 when a limit is not kept.
Limits: the database part at most a fifth of the plain SQL, the whole scrape under half a second.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from models import schema_version
from models.database import Database
from service.app import create_app
from service.domain.localtime import day_start, local_day
from service.domain.periods import CIVIL, parse_period
from service.domain.standing import RECEPTION_TIME
from service.domain.workcalendar import OfficeHours
from service.settings import Settings
from service.usecases import catalogue, verification
from service.usecases.gauges import Bounds, Gauges, gauges

UNITS = 300
DAY = 86_400_000_000

# Two and a half years of dossiers, 1 of 60 open, each closed one between 0 and 30 days after its receipt.
FILL = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :number),
made AS (
  SELECT i, i * 7919 % 300 AS unit, :now - (i * 104729 % 900) * :day - (i * 31 % 80000) * 1000000 AS received,
         (i * 613 % 30) * :day AS took, (i * 389 % 24 + 8) * :day AS given, i % 60 = 0 AS open FROM n)
INSERT INTO dossier SELECT 1, 'D-' || i, printf('H%02d.%02d', unit / 10 + 10, unit % 10 + 1), '1.004873', 'F' || (i % 20),
  i % 3 + 1, CASE WHEN open OR received + took > :now THEN 4 ELSE 9 END, received, received + given,
  CASE WHEN open OR received + took > :now THEN NULL ELSE received + took END,
  CASE WHEN open OR received + took > :now THEN NULL WHEN took > given THEN 'late' WHEN took > given - :day THEN 'on_time'
       ELSE 'early' END,
  CASE WHEN open OR received + took > :now THEN NULL WHEN took <= :day THEN 0 WHEN took <= 4 * :day THEN 1
       WHEN took <= 16 * :day THEN 2 ELSE 3 END,
  0, NULL, received, received, 2, 'x', NULL, NULL, '' FROM made
"""

PLAIN = """
SELECT d.unit_code,
  count(CASE WHEN received_at >= :start AND channel = 1 THEN 1 END), count(CASE WHEN received_at >= :start AND channel = 2 THEN 1 END),
  count(CASE WHEN received_at >= :start AND channel = 3 THEN 1 END),
  count(CASE WHEN ended_at <= :m AND ended_at >= :start AND outcome = 'early' THEN 1 END),
  count(CASE WHEN ended_at <= :m AND ended_at >= :start AND outcome = 'on_time' THEN 1 END),
  count(CASE WHEN ended_at <= :m AND ended_at >= :start AND outcome = 'late' THEN 1 END),
  count(CASE WHEN ended_at <= :m AND ended_at >= :start AND outcome = 'no_deadline' THEN 1 END),
  count(CASE WHEN received_at < :start THEN 1 END),
  count(CASE WHEN live AND p.code IS NULL AND (due_at IS NULL OR due_at >= :m) THEN 1 END),
  count(CASE WHEN live AND p.code IS NULL AND due_at < :m THEN 1 END),
  count(CASE WHEN live AND p.in_time THEN 1 END), count(CASE WHEN live AND NOT p.in_time THEN 1 END),
  count(CASE WHEN live AND p.code IS NULL AND due_at BETWEEN :m AND :soon THEN 1 END),
  count(CASE WHEN received_at >= :start AND reception_limit IS NOT NULL THEN 1 END)
FROM (SELECT *, ended_at IS NULL OR ended_at > :m AS live FROM dossier WHERE received_at <= :m
      AND (ended_at IS NULL OR ended_at >= :start)) d
LEFT JOIN paused_span p ON p.source_id = d.source_id AND p.code = d.code AND p.start <= :m AND (p."end" IS NULL OR p."end" > :m)
GROUP BY d.unit_code
"""


def micros(moment: datetime) -> int:
    """Return a moment as SQLite holds it."""
    return int(moment.timestamp() * 1_000_000)


def fill(database: Database, number: int, now: datetime) -> None:
    """Make the dossiers and units in SQL, and the tallies by the recount."""
    schema_version.upgrade(database)
    with database.writing() as session:
        session.execute(
            text("INSERT INTO source VALUES (1, 'bench', NULL, 'k', 'h', '0', :now, NULL, :now)"), {"now": micros(now)}
        )
        session.execute(text(FILL), {"number": number, "now": micros(now), "day": DAY})
        learned = session.execute(text("SELECT DISTINCT unit_code FROM dossier")).scalars().all()
        provinces = sorted({code.partition(".")[0] for code in learned})
        for code in [*provinces, *learned]:
            parent = code.partition(".")[0] if "." in code else None
            session.execute(
                text("INSERT INTO unit VALUES (:code, NULL, NULL, :parent, NULL, NULL, '', 1)"),
                {"code": code, "parent": parent},
            )
        verification.verify(session, repair=True)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def timed(work: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """Return the median time of some runs, and what the last one gave."""
    taken = []
    result = None
    for _ in range(times):
        began = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken), result


def main() -> None:
    """Fill, measure side by side, compare the answers, and print the figures."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{Path(place) / 'bench.sqlite3'}"
        database = Database(url)
        fill(database, number, now)
        year = parse_period("ytd", local_day(now))
        month = parse_period("month", local_day(now))
        hours = OfficeHours()
        bounds = Bounds(500, 99, CIVIL)

        def ours() -> Gauges:
            with database.reading() as session:
                return gauges(session, now, hours, bounds)

        def plain() -> tuple[Any, Any]:
            with database.reading() as session:
                soon = catalogue.work_calendar(session, hours).latest_within(now, RECEPTION_TIME)
                told = [(year, soon), (month, month.last_instant)]
                answers = [
                    session.execute(
                        text(PLAIN), {"start": micros(day_start(p.first)), "m": micros(now), "soon": micros(s)}
                    ).all()
                    for p, s in told
                ]
            return answers[0], answers[1]

        ours_seconds, found = timed(ours)
        plain_seconds, (of_year, _) = timed(plain, 3)
        for row in of_year:
            counts = found.units[row[0]].year
            same = (counts.received_direct, counts.received_online, counts.received_postal, counts.early)
            assert (*same, counts.on_time, counts.late) == tuple(row[1:7]), row[0]
            assert (counts.carried_over, counts.open_in_time, counts.open_overdue) == (row[8], row[9], row[10]), row[0]
        app = create_app(Settings.model_validate({"database_url": url, "metrics_cache_seconds": 0}))
        http = app.test_client()
        scrape_seconds, answer = timed(lambda: http.get("/metrics"))
        print(f"{number} dossiers, {len(found.units)} units, SQLite")
        print(
            f"database part {ours_seconds:.3f} s, plain SQL {plain_seconds:.3f} s: 1/{plain_seconds / ours_seconds:.1f}"
        )
        print(f"whole scrape  {scrape_seconds:.3f} s, {len(answer.data)} bytes")
        database.engine.dispose()
    if ours_seconds * 5 > plain_seconds or scrape_seconds > 0.5:
        raise SystemExit("a limit is not kept")


if __name__ == "__main__":
    main()
