"""The gauges of all units, asked at once, are what the report says of each."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.domain.calendar.local_time import VIETNAM, local_day
from service.domain.calendar.periods import parse_period
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.late_budget import late_budget
from service.domain.statistics.questions import Question
from service.domain.units import Unit
from service.reporting.report import report
from service.reporting.unit_gauges import gauges
from service.settings import Settings
from service.store import catalogue
from service.store.database import Database
from tests.support.client import Client, dossier

HOURS = OfficeHours()
NOW = datetime(2026, 10, 14, 10, 30, tzinfo=VIETNAM).astimezone(UTC)
UNITS = ("H23", "H23.45", "H23.45.01", "H23.45.02", "H23.46", "H23.46.07", "H44.100", "OTHER")
MOMENTS = (
    NOW,
    datetime(2026, 10, 14, 0, 30, tzinfo=VIETNAM),
    datetime(2026, 10, 14, 6, 59, tzinfo=VIETNAM),
    datetime(2026, 10, 13, 23, 59, 59, 999999, tzinfo=VIETNAM),
    datetime(2026, 1, 1, 0, 0, tzinfo=VIETNAM),
)


def many(number: int) -> list[dict[str, Any]]:
    """Build dossiers of all kinds over a year and a half."""
    chance = random.Random(7)
    made = []
    for n in range(number):
        received = NOW - timedelta(days=chance.uniform(0, 500))
        due = received + timedelta(days=chance.randint(1, 40))
        status = chance.choice(["processing", "resolved", "returned", "withdrawn", "stopped", "awaiting_supplement"])
        ended = received + timedelta(days=chance.uniform(0, 50))
        if ended > NOW and status in ("resolved", "returned", "withdrawn", "stopped"):
            status = "processing"
        closed = status in ("resolved", "returned", "withdrawn", "stopped")
        made.append(
            dossier(
                f"X-{n}",
                unit_code=chance.choice(UNITS),
                status=status,
                channel=chance.choice(["direct", "online", "postal"]),
                submitted_at=(received - timedelta(days=chance.uniform(0, 4))).isoformat(),
                received_at=received.isoformat(),
                due_at=chance.choice([due.date().isoformat(), None]),
                finished_at=ended.isoformat() if closed else None,
            )
        )
    return made


@pytest.fixture
def filled(client: Client, database: Database) -> Database:
    """Give a database with dossiers in three trees, one unit of which is dissolved."""
    assert client.batch(many(600)).status_code == 200
    with database.writing() as session:
        dissolved = Unit("H23.46", "Cũ", None, "H23", None, datetime(2025, 6, 30).date(), ("H23.45",))
        catalogue.put_units(session, [dissolved])
    return database


def test_every_unit_has_the_report_s_counts(filled: Database) -> None:
    for as_of in MOMENTS:
        with filled.reading() as session:
            shown_units = gauges(session, as_of, HOURS, Settings(metrics_max_units=100))
            year = parse_period("ytd", local_day(as_of))
            expected = {code: report(session, Question(code, year, as_of), HOURS).counts for code in shown_units.units}
        shown = {code: replace(unit.year, due_by_horizon=0) for code, unit in shown_units.units.items()}
    assert shown == expected


def test_the_budget_is_made_of_the_month_s_report(filled: Database) -> None:
    month = parse_period("month", local_day(NOW))
    with filled.reading() as session:
        measured = gauges(session, NOW, HOURS, Settings(metrics_max_units=100))
        counts = report(session, Question("H23", month, NOW), HOURS).counts
    budget = measured.units["H23"].budget
    due_by_end = budget.expected - counts.early_or_on_time - counts.late - counts.open_overdue
    assert due_by_end > 0
    assert budget == late_budget(counts, due_by_end, 99)


def test_a_cut_leaves_out_the_units_lowest_in_the_tree(filled: Database) -> None:
    with filled.reading() as session:
        measured = gauges(session, NOW, HOURS, Settings(metrics_max_units=4))
        all_of_them = gauges(session, NOW, HOURS, Settings(metrics_max_units=100))
    assert list(measured.units) == ["H23", "H44", "OTHER", "H23.45"]
    assert measured.cut == len(all_of_them.units) - 4
    assert measured.units["H23"] == all_of_them.units["H23"]


def test_an_empty_database_has_no_gauges(database: Database) -> None:
    with database.reading() as session:
        assert gauges(session, NOW, HOURS, Settings(metrics_max_units=10)).units == {}
