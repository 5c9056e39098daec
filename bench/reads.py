"""A year of a province that is one year old, and of the same after ten years: flat, beside plain SQL, at a past moment."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bench import baseline_sql, dataset, scrape
from bench.details_page import HOME_QUESTIONS, MAX_BYTES, MAX_RATIO, QUESTIONS, first_view
from bench.ingest import new_source
from bench.measuring import heading, in_turns, line, requests_per_second
from bench.scale import KINDS, LARGE, SCALE, SMALL
from bench.serving import databases, request, server
from models.base import microseconds
from service.app import create_app
from service.domain.calendar.local_time import day_end, day_start
from service.domain.calendar.periods import parse_period
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.questions import Question
from service.ingest.batch import Summary, file_events
from service.ingest.sender import Sender
from service.reporting.answers.durations import durations
from service.reporting.report import report
from service.schemas.dossier_input import read_record
from service.settings import Settings
from service.store import sources
from service.store.database import Database
from tests.load import coverage, footprint

LAST = dataset.last_day()
AS_OF = day_end(LAST)
YEAR_AGO = AS_OF - timedelta(days=365, hours=14)
HOURS = OfficeHours()
GROUPS = (None, "unit", "field", "channel", "month")
_NEEDED = {"middle": (20.0, 20.0, 5.0, 5.0, 5.0), "whole": (50.0, 50.0, 30.0, 5.0, 5.0)}
LEAST: dict[str | None, float | None] = dict(zip(GROUPS, _NEEDED.get(SCALE, (None,) * 5), strict=True))
"""How many times plain SQL each answer is; of small provinces nothing is asked: SQL reads them in no time."""
_FLAT = (None, "unit", "field", "month")
_AT_ONCE = 50_000


def load(url: str, count: int, years: int) -> None:
    """Fill a database with years of the province, through the same ingest as everything else."""
    new_source(url)
    database = Database(url)
    days = dataset.DAYS * years
    made = dataset.dossiers(count, LAST - timedelta(days=days - 1), days)
    batch: list[Any] = []
    for record in tqdm(made, total=count, desc="nạp / load", unit=" hồ sơ", mininterval=5):
        batch.append(record)
        if len(batch) == _AT_ONCE:
            file(database, batch)
            batch = []
    file(database, batch)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
    database.engine.dispose()


def file(database: Database, records: list[Any]) -> None:
    """File records in one transaction."""
    events = map(read_record, records)
    with database.writing() as session:
        sender = Sender(sources.find(session, "bench").id, "bench")
        file_events(session, sender, events, lambda: datetime.now(UTC), HOURS, Summary().add)


def timed(databases: dict[str, Database], group: str | None, as_of: datetime = AS_OF) -> dict[str, float]:
    """Return the seconds of the report of a moment's year on each database, and of plain SQL on the last, in turns.

    Every answer is worked out anew.
    """
    day = (as_of + timedelta(hours=7)).date()
    question = Question(dataset.PROVINCE, parse_period(str(day.year), day), as_of, (group,) if group else ())
    last = list(databases.values())[-1]
    bound: list[Any] = [day_start(date(day.year, 1, 1)), as_of]
    if last.is_sqlite:
        bound = [microseconds(moment) for moment in bound]

    def ours(database: Database) -> object:
        with database.reading(patient=True) as session:
            return report(session, question, HOURS)

    def plain() -> object:
        with last.reading(patient=True) as session:
            return baseline_sql.run(session, group, dataset.PROVINCE, *bound)

    return in_turns(7, plain=plain, **{name: partial(ours, database) for name, database in databases.items()})


@contextmanager
def _filled(kind: str) -> Iterator[tuple[str, str, str]]:
    """Yield the addresses of an empty, a young and an old province."""
    with databases(kind) as make:
        empty, small, large = make("empty"), make("small"), make("large")
        new_source(empty)
        load(small, SMALL, 1)
        load(large, LARGE, LARGE // SMALL)
        yield empty, small, large


def _years(kind: str, small: str, large: str) -> None:
    both = {"young": Database(small), "old": Database(large)}
    for group, least in LEAST.items():
        times = timed(both, group)
        figures = ", ".join(f"{times[name] * 1e3:.1f} ms" for name in ("old", "plain", "young"))
        name = f"{kind}: year by {group or 'nothing'}"
        line(f"plain SQL ÷ {name}", times["plain"] / times["old"], figures, least=least)
        if group in _FLAT:
            line(f"{name}, {LARGE} ÷ {SMALL}", times["old"] / times["young"], most=1.5)
    times = timed({"old": both["old"]}, None, YEAR_AGO)
    figures = f"{times['old'] * 1e3:.1f} ms, {times['plain'] * 1e3:.0f} ms"
    least = 10 if SCALE == "whole" else None
    line(f"plain SQL ÷ {kind}: a year ago, inside a day", times["plain"] / times["old"], figures, least=least)
    for database in both.values():
        database.engine.dispose()


def _durations(kind: str, small: str, large: str) -> None:
    """Print how long the durations of the last year take, in total and by unit, at both sizes."""
    both = {"young": Database(small), "old": Database(large)}

    def ours(database: Database, asked: Question) -> object:
        with database.reading(patient=True) as session:
            return durations(session, asked, "ended", HOURS)

    clock = coverage.cpu_clock(*both.values())
    for group in ((), ("unit",)):
        asked = Question(dataset.PROVINCE, parse_period(str(LAST.year), LAST), AS_OF, group)
        times = in_turns(7, clock, **{name: partial(ours, database, asked) for name, database in both.items()})
        told = f"{times['old'] * 1e3:.1f} ms, {times['young'] * 1e3:.1f} ms"
        line(
            f"{kind}: durations by {'unit' if group else 'nothing'}, {LARGE} ÷ {SMALL}",
            times["old"] / times["young"],
            told,
            most=1.5,
        )
    for database in both.values():
        database.engine.dispose()


def _widget(kind: str, small: str, large: str) -> None:
    """Print widget requests a second beside a bare route, and at both sizes."""
    path = f"/api/v1/widget/{dataset.PROVINCE}?period={LAST.year}&as_of={LAST}"
    with server("service.serve", small) as at_small, server("service.serve", large) as at_large:
        _, body = request(at_large, "GET", path)
        with tempfile.TemporaryDirectory() as folder:
            same = Path(folder) / "same.json"
            same.write_bytes(body)
            with server("bench.baseline", large, BENCH_SAME=str(same)) as bare:
                urls = {"small": (at_small, path), "large": (at_large, path), "bare": (bare, "/same")}
                rates: dict[str, list[float]] = {name: [] for name in urls}
                for _ in range(3):
                    for name, (port, asked) in urls.items():
                        rates[name].append(requests_per_second(f"http://127.0.0.1:{port}{asked}"))
    middle = {name: sorted(measured)[1] for name, measured in rates.items()}
    line(f"{kind}: widget ÷ bare route", middle["large"] / middle["bare"], f"{middle['bare']:,.0f}/s", least=0.5)
    flat = middle["large"] / middle["small"]
    line(f"{kind}: widget, {LARGE} ÷ {SMALL}", flat, f"{middle['large']:,.0f}/s", least=1 / 1.2)


def _pages(kind: str, url: str) -> None:
    """Print what a first view of the province's details page costs, and of the first page with all its units."""
    settings = {"database_url": url, "cache_seconds": 0, "log_level": "ERROR"}
    app = create_app(Settings.model_validate(settings))
    asked = f"period={LAST.year}&as_of={LAST}"
    pages = {"details": (f"/units/{dataset.PROVINCE}?{asked}", QUESTIONS), "first": (f"/?{asked}", HOME_QUESTIONS)}
    for name, (path, questions) in pages.items():
        view = first_view(app, path, [f"unit={dataset.PROVINCE}&{asked}&{question}" for question in questions])
        line(f"{kind}: {name} page ÷ its stats", view.ratio, f"{view.page_seconds * 1e3:.0f} ms", most=MAX_RATIO)
        line(f"{kind}: {name} page, bytes", view.page_bytes + view.asset_bytes, most=MAX_BYTES)
    app.extensions["tthc"].database.engine.dispose()


def lines(kind: str, small: str, large: str) -> None:
    """Print what questions, durations and the widget take at both sizes."""
    _years(kind, small, large)
    _durations(kind, small, large)
    _widget(kind, small, large)


def run() -> None:
    """Measure on both databases and print."""
    for kind in KINDS:
        with _filled(kind) as (empty, small, large):
            heading(f"Đọc / reads, {kind}: {LARGE} hồ sơ, {len(dataset.UNITS)} đơn vị, {len(dataset.FIELDS)} lĩnh vực")
            lines(kind, small, large)
            scrape.run(kind, large)
            _pages(kind, large)
            footprint.run(kind, empty, small, large, file)
            coverage.run(kind, large)


if __name__ == "__main__":
    run()
