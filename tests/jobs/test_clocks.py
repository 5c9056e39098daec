"""Clocks that are wrong, in real processes (libfaketime): jobs run what is due by the clock, and never stop."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.job_runs import JobRun
from service.store.database import Database
from tests.jobs.test_many_processes import ALONE, runs
from tests.ops.processes import running, until
from tests.support.faketime import clock_environ


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Give what a process needs to follow the clock in a file."""
    return {
        "FAST_JOBS_FILE": str(tmp_path / "notes"),
        "SLOW_SECONDS": "0",
        **clock_environ(tmp_path / "clock"),
    }


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Database:
    path = tmp_path / "tthc.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    return Database(f"sqlite:///{path}")


def ticks(environ: dict[str, str]) -> int:
    notes = Path(environ["FAST_JOBS_FILE"])
    return Counter(line.split()[0] for line in notes.read_text().splitlines())["tick"] if notes.exists() else 0


def test_jobs_go_on_when_the_clock_is_set_back_by_two_days(
    environ: dict[str, str], database: Database, tmp_path: Path
) -> None:
    clock = Path(environ["FAKETIME_TIMESTAMP_FILE"])
    clock.write_text("+0d\n")
    with running(ALONE, str(database.url), tmp_path / "log", **environ):
        until(lambda: ticks(environ) >= 2, 90)
        clock.write_text("-2d\n")
        before = ticks(environ)
        until(lambda: ticks(environ) >= before + 3, 90)
    database.engine.dispose()


def test_after_a_first_start_400_days_ahead_jobs_run_again(
    environ: dict[str, str], database: Database, tmp_path: Path
) -> None:
    clock = Path(environ["FAKETIME_TIMESTAMP_FILE"])
    clock.write_text("+400d\n")
    with running(ALONE, str(database.url), tmp_path / "ahead.log", **environ) as process:
        until(lambda: ticks(environ) >= 2, 90)
        process.stop()
    assert runs(database, "tick")[-1].slot > datetime.now(UTC) + timedelta(days=300)
    clock.write_text("+0d\n")
    before = ticks(environ)
    with running(ALONE, str(database.url), tmp_path / "right.log", **environ):
        until(lambda: ticks(environ) >= before + 3, 90)
    with database.reading() as session:
        newest = session.scalars(select(func.max(JobRun.slot)).where(JobRun.job == "tick")).one()
    assert newest < datetime.now(UTC) + timedelta(minutes=1), "runs of the future are gone"
    database.engine.dispose()
