"""Ten years of a province on SQLite, copied from one: `BENCH_SCALE=whole python -m bench.grown FOLDER`.

Filing ten million dossiers one by one takes half an hour on an idle core. Here one year is filed through the ingest, and its
finished dossiers are copied into the years before, with other codes and all their moments moved by 365 days a year.
Their payloads and digests stay as they are, which no question reads. The tallies are recounted from the dossiers. A folder
that has the files already is only measured.
"""

import shutil
import sqlite3
import sys
from pathlib import Path

from bench import dataset, reads, scrape
from bench.measuring import heading, seconds
from bench.scale import LARGE, SMALL
from models.base import Base, Instant
from models.dossiers import Dossier, DossierVersion, PausedIntervalRow
from service.ingest.tally_recount import mend, recount
from service.store.database import Database

_YEAR = dataset.DAYS * 86_400 * 1_000_000
_FINISHED = "(source_id, code) IN (SELECT source_id, code FROM dossier WHERE span IS NOT NULL AND code NOT LIKE '+%')"


def _copy(model: type[Base], year: int) -> str:
    """Return the statement that copies a table's rows of finished dossiers into an earlier year."""
    table = model.metadata.tables[model.__tablename__]
    columns = [column for column in table.columns if column.name != "id"]

    def moved(name: str, kind: object) -> str:
        if name == "code":
            return f"'+{year}-' || code"
        return f'"{name}" - {year * _YEAR}' if isinstance(kind, Instant) else f'"{name}"'

    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(moved(column.name, column.type) for column in columns)
    rows = f'SELECT {values} FROM "{table.name}" WHERE {_FINISHED} ORDER BY source_id, code'
    return f'INSERT INTO "{table.name}" ({names}) {rows}'


def grow(young: Path, old: Path, years: int) -> None:
    """Make an old province of a young one."""
    part = old.with_suffix(".part")
    shutil.copy(young, part)
    connection = sqlite3.connect(part, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2000000"):
        connection.execute(f"PRAGMA {pragma}")
    for year in range(1, years):
        for model in (Dossier, DossierVersion, PausedIntervalRow):
            connection.execute(_copy(model, year))
        print(f"{year + 1} năm / years", file=sys.stderr, flush=True)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    database = Database(f"sqlite:///{part}")
    with database.reading(patient=True) as snapshot:
        for one in recount(snapshot):
            mend(database, one)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connected:
        connected.exec_driver_sql("ANALYZE")
    database.engine.dispose()
    part.rename(old)


def run(folder: Path) -> None:
    """Make the two provinces where they are missing; measure reads and print."""
    young, old = folder / "young.sqlite3", folder / "old.sqlite3"
    urls = [f"sqlite:///{path}" for path in (young, old)]
    if not young.exists():
        loading = young.with_suffix(".part")
        print(f"young: {seconds(lambda: reads.load(f'sqlite:///{loading}', SMALL, 1)):.0f} s", flush=True)
        loading.rename(young)
    if not old.exists():
        print(f"old: {seconds(lambda: grow(young, old, LARGE // SMALL)):.0f} s", flush=True)
    heading(f"Đọc / reads, sqlite, chép từ một năm / copied from one year: {LARGE} hồ sơ, {len(dataset.UNITS)} đơn vị")
    reads.lines("sqlite", *urls)
    scrape.run("sqlite", urls[1])


if __name__ == "__main__":
    run(Path(sys.argv[1]))
