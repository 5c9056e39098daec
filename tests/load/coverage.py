"""What the coverage adds to a question: with and without it in turns, while three units are silent."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import select, text, update

from bench import dataset
from bench.measuring import in_turns, line
from models.catalogue import UnitRow
from service.domain.calendar.local_time import day_end
from service.domain.calendar.periods import parse_period
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.coverage import UnitCoverage
from service.domain.statistics.questions import Question
from service.reporting.counting.coverage import CoverageReader
from service.reporting.report import report
from service.store.database import Database

_SILENT = select(UnitRow.code).order_by(UnitRow.code.desc()).limit(3)


def cpu_clock(*databases: Database) -> Callable[[], float]:
    """Return a clock of the CPU time that questions take here and in the databases: whoever else is at work adds none.

    PostgreSQL answers this process in one process a database, whose time Linux tells in nanoseconds.
    """
    spent = []
    for database in databases:
        if not database.is_sqlite:
            with database.reading() as session:
                spent.append(Path(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}/schedstat"))
    return lambda: time.process_time() + sum(int(path.read_text().split()[0]) for path in spent) / 1e9


def run(kind: str, url: str) -> None:
    """Print for some groupings how long the last year takes with its coverage, and without."""
    database, last = Database(url), dataset.last_day()
    with database.writing() as session:
        session.execute(update(UnitRow).values(provisional=False))
        session.execute(update(UnitRow).where(UnitRow.code.in_(_SILENT)).values(heard_on=None))

    def whole(asked: Question) -> object:
        with database.reading() as session:
            return report(session, asked, OfficeHours())

    def bare(asked: Question) -> object:
        with patch.object(CoverageReader, "all", lambda _: UnitCoverage(0, ())):
            return whole(asked)

    clock = cpu_clock(database)
    for group in (None, "unit", "month"):
        asked = Question(dataset.PROVINCE, parse_period(str(last.year), last), day_end(last), (group,) if group else ())
        times = in_turns(60, clock, whole=partial(whole, asked), bare=partial(bare, asked))
        told = f"{times['whole'] * 1e3:.1f} ms ÷ {times['bare'] * 1e3:.1f} ms"
        line(f"{kind}: coverage, year by {group or 'nothing'}", times["whole"] / times["bare"], told, most=1.1)
    database.engine.dispose()
