"""The bench's old province, copied from a young one, counts as if it had been filed."""

from pathlib import Path

from bench import dataset, grown, reads
from bench.ingest import new_source
from service.domain.calendar.periods import parse_period
from service.domain.statistics.questions import Question
from service.reporting.report import report
from service.store.database import Database
from tests.support.tallies import differences

COUNT, YEARS = 300, 3


def test_copied_years_count_as_filed_ones(tmp_path: Path) -> None:
    young, old = tmp_path / "young.sqlite3", tmp_path / "old.sqlite3"
    new_source(f"sqlite:///{young}")
    _filed(young)
    grown.grow(young, old, YEARS)
    assert _differences(old) == []
    finished = {year: _ended(old, year) for year in (2023, 2024, 2025)}
    assert finished == dict.fromkeys(finished, _ended(young, 2025))
    assert finished[2025] > COUNT / 2


def _filed(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    reads.file(database, list(dataset.dossiers(COUNT, dataset.FIRST, 200)))
    database.engine.dispose()


def _differences(path: Path) -> list[str]:
    database = Database(f"sqlite:///{path}")
    with database.reading() as session:
        off = differences(session)
    database.engine.dispose()
    return off


def _ended(path: Path, year: int) -> int:
    """Return how many dossiers of the province ended in a year."""
    database = Database(f"sqlite:///{path}")
    question = Question(dataset.PROVINCE, parse_period(str(year), reads.LAST), reads.AS_OF, ())
    with database.reading() as session:
        counts = report(session, question, reads.HOURS).counts
    database.engine.dispose()
    return counts.early + counts.on_time + counts.late
