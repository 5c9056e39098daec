"""A year of a province: the report beside the plain SQL that gives the same numbers, and the widget over HTTP."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bench import baseline_sql, scrape, world
from bench.details_page import MAX_BYTES, MAX_RATIO, first_view
from bench.ingest import new_source
from bench.measuring import in_turns, requests_per_second, show, verdict
from bench.serving import databases, request, server
from models.base import microseconds
from service.app import create_app
from service.domain.calendar.local_time import day_end, day_start
from service.domain.calendar.periods import parse_period
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.questions import Question
from service.ingest.batch import Summary, file_events
from service.ingest.sender import Sender
from service.reporting.report import report
from service.schemas.dossier_input import read_record
from service.settings import Settings
from service.store import sources
from service.store.database import Database

SMALL = 10_000
LARGE = int(os.environ.get("BENCH_DOSSIERS", "1000000"))
ROUNDS = 7
LAST = world.last_day()
AS_OF = day_end(LAST)
HOURS = OfficeHours()
LEAST = {None: 20.0, "unit": 20.0, "field": 5.0, "channel": 5.0, "month": 5.0}


def load(url: str, count: int) -> None:
    """Fill a database with a year of the province, through the same ingest as everything else."""
    new_source(url)
    database = Database(url)
    made = tqdm(
        world.dossiers(count, world.FIRST, world.DAYS), total=count, desc="nạp / load", unit=" hồ sơ", mininterval=5
    )
    with database.reading() as session:
        source_id = sources.find(session, "bench").id
    batch: list[Any] = []
    for record in made:
        batch.append(read_record(record))
        if len(batch) == 50_000:
            _file(database, source_id, batch)
            batch = []
    _file(database, source_id, batch)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
    database.engine.dispose()


def _file(database: Database, source_id: int, batch: list[Any]) -> None:
    with database.writing() as session:
        file_events(session, Sender(source_id, "bench"), batch, lambda: datetime.now(UTC), HOURS, Summary().add)


def question(group: str | None) -> Question:
    """Ask for the whole year of the whole province."""
    return Question(world.PROVINCE, parse_period("2025", LAST), AS_OF, (group,) if group else ())


def timed(database: Database, group: str | None, rounds: int = ROUNDS) -> tuple[float, float]:
    """Return (report, plain SQL) seconds for a year, in turns; every answer is worked out anew."""
    bound: list[Any] = [day_start(world.FIRST), AS_OF]
    if database.is_sqlite:
        bound = [microseconds(moment) for moment in bound]

    def ours() -> object:
        with database.reading() as session:
            return report(session, question(group), HOURS)

    def plain() -> object:
        with database.reading() as session:
            return baseline_sql.run(session, group, world.PROVINCE, *bound)

    times = in_turns(rounds, ours=ours, plain=plain)
    return times["ours"], times["plain"]


@contextmanager
def _filled(kind: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a small and a large province."""
    with databases(kind) as make:
        small, large = make("small"), make("large")
        load(small, SMALL)
        load(large, LARGE)
        yield small, large


def stats(kind: str, url: str) -> None:
    """Print the report beside the plain SQL."""
    database = Database(url)
    rows: list[tuple[str, ...]] = [
        ("năm theo / year by", "dịch vụ / product", "SQL thường / plain SQL", "tỷ lệ / ratio")
    ]
    for group in LEAST:
        ours, plain = timed(database, group)
        rows.append(
            (
                group or "tổng / total",
                f"{ours * 1e3:.1f} ms",
                f"{plain * 1e3:.0f} ms",
                verdict(plain / ours, LEAST[group]),
            )
        )
    show(f"Số liệu năm, {kind}, {LARGE} hồ sơ, {len(world.UNITS)} đơn vị, {len(world.FIELDS)} lĩnh vực", rows)
    database.engine.dispose()


def widget(kind: str, small: str, large: str) -> None:
    """Print widget requests a second beside a bare route, at both sizes, and beside the plain SQL."""
    path = f"/api/v1/widget/{world.PROVINCE}?period=2025&as_of={LAST}"
    with server("service.serve", small) as at_small, server("service.serve", large) as at_large:
        _, body = request(at_large, "GET", path)
        with tempfile.TemporaryDirectory() as folder:
            same = Path(folder) / "same.json"
            same.write_bytes(body)
            with server("bench.baseline", large, BENCH_SAME=str(same)) as bare:
                urls = {
                    "small": f"http://127.0.0.1:{at_small}{path}",
                    "large": f"http://127.0.0.1:{at_large}{path}",
                    "bare": f"http://127.0.0.1:{bare}/same",
                }
                rates: dict[str, list[float]] = {name: [] for name in urls}
                for _ in range(3):
                    for name, url in urls.items():
                        rates[name].append(requests_per_second(url))
    middle = {name: sorted(measured)[1] for name, measured in rates.items()}
    uncached_small, _ = _timed_total(small)
    uncached, plain = _timed_total(large)
    show(
        f"Tiện ích qua HTTP / widget over HTTP, {kind}",
        [
            ("", "giá trị / value", "yêu cầu / needed"),
            ("tuyến trần / bare route", f"{middle['bare']:,.0f}/s", ""),
            (
                f"tiện ích / widget, {LARGE}",
                f"{middle['large']:,.0f}/s",
                verdict(middle["large"] / middle["bare"], 0.5),
            ),
            (f"tiện ích / widget, {SMALL}", f"{middle['small']:,.0f}/s", ""),
            ("lớn ÷ nhỏ / large ÷ small", "", verdict(middle["large"] / middle["small"], 1 / 1.2)),
            ("SQL thường / plain SQL", f"{1 / plain:,.1f}/s", verdict(middle["large"] * plain, 20)),
            (
                "không nhớ đệm / uncached report",
                f"{uncached * 1e3:.1f} ms ({LARGE}), {uncached_small * 1e3:.1f} ms ({SMALL})",
                f"{plain / uncached:.0f} × SQL",
            ),
        ],
    )


def page(kind: str, url: str) -> None:
    """Print what a first view of the province's details page costs."""
    settings = {"database_url": url, "cache_seconds": 0, "log_level": "ERROR"}
    app = create_app(Settings.model_validate(settings))
    view = first_view(app, world.PROVINCE, f"period=2025&as_of={LAST}")
    size, ratio = view.page_bytes + view.asset_bytes, view.ratio
    held = {True: "đạt/holds", False: "KHÔNG ĐẠT/MISSED"}
    show(
        f"Trang chi tiết, lần xem đầu / details page, first view, {kind}",
        [
            ("", "giá trị / value", "yêu cầu / needed"),
            ("trên đường truyền / on the wire", f"{size} B", f"< {MAX_BYTES}: {held[size < MAX_BYTES]}"),
            (
                "trang ÷ các câu hỏi / page ÷ its stats",
                f"{view.page_seconds * 1e3:.0f} ms ÷ {view.stats_seconds * 1e3:.0f} ms = {ratio:.2f}",
                f"≤ {MAX_RATIO:g}: {held[ratio <= MAX_RATIO]}",
            ),
        ],
    )
    app.extensions["tthc"].database.engine.dispose()


def _timed_total(url: str) -> tuple[float, float]:
    database = Database(url)
    times = timed(database, None, rounds=5)
    database.engine.dispose()
    return times


def run() -> None:
    """Measure on both databases and print."""
    for kind in ("sqlite", "postgresql"):
        with _filled(kind) as (small, large):
            stats(kind, large)
            widget(kind, small, large)
            scrape.run(kind, large)
            page(kind, large)
    for dialect in ("sqlite", "postgresql"):
        print(f"\nSQL thường / plain SQL ({dialect}), theo tháng / by month:\n")
        for statement in baseline_sql.statements(dialect, "month"):
            print("    " + " ".join(statement.split()) + "\n")


if __name__ == "__main__":
    run()
