"""The scrape: its database part beside the plain SQL that gives the same gauges, and the whole of it."""

from typing import Any

from bench import baseline_sql, dataset
from bench.measuring import in_turns, line
from models.base import EPOCH
from service.app import create_app
from service.domain.calendar.local_time import MICROSECOND, day_end, day_start
from service.domain.calendar.periods import parse_period
from service.domain.calendar.work_calendar import OfficeHours
from service.reporting.unit_gauges import gauges
from service.settings import Settings
from service.store.database import Database

LAST = dataset.last_day()
AS_OF = day_end(LAST)
MOST_SECONDS = 0.5


def compare(database: Database) -> tuple[float, float]:
    """Return (gauges, plain SQL) seconds for all units over the year and the month to date, in turns."""
    settings = Settings(metrics_max_units=500)
    starts: list[Any] = [day_start(parse_period(kind, LAST).first) for kind in ("ytd", "month")]
    m: Any = AS_OF
    if database.is_sqlite:
        m, *starts = ((moment - EPOCH) // MICROSECOND for moment in (AS_OF, *starts))

    def ours() -> object:
        with database.reading() as session:
            return gauges(session, AS_OF, OfficeHours(), settings)

    def plain() -> object:
        with database.reading() as session:
            return [baseline_sql.run(session, "unit", dataset.PROVINCE, start, m) for start in starts]

    times = in_turns(5, ours=ours, plain=plain)
    return times["ours"], times["plain"]


def run(kind: str, url: str) -> None:
    """Measure on a filled province and print; the gauges' own equality with reports is a test."""
    database = Database(url)
    ours, plain = compare(database)
    app = create_app(Settings.model_validate({"database_url": url, "metrics_cache_seconds": 0, "log_level": "ERROR"}))
    client = app.test_client()
    whole = in_turns(5, whole=lambda: client.get("/metrics"))["whole"]
    size = len(client.get("/metrics").data)
    line(f"{kind}: scrape's statements ÷ plain SQL", plain / ours, f"{ours * 1e3:.0f} ms", least=5)
    line(f"{kind}: whole scrape, s", whole, f"{size} B", most=MOST_SECONDS)
    database.engine.dispose()
    app.extensions["tthc"].database.engine.dispose()
