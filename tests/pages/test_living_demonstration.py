"""The living district of the demonstration: numbers at today's date, and the published ones as they were."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from service import living_demonstration
from service.components import Components
from service.domain.calendar.local_time import VIETNAM
from service.serve import prepare
from service.settings import Settings
from service.store import migrations
from service.store.database import Database
from tests.pages.reading import strict, text_of
from tests.support.demonstration import AS_OF

UNIT = living_demonstration.UNIT
TODAY = datetime.now(VIETNAM).date()


def days(back: int) -> dict[str, str]:
    """Return the parameters of the period of some days that ends today."""
    return {"from": (TODAY - timedelta(days=back)).isoformat(), "to": TODAY.isoformat()}


def stats(app: Flask, unit: str, **params: str) -> Any:
    return app.test_client().get("/api/v1/stats", query_string={"unit": unit, **params}).json


def renew(app: Flask, moment: datetime) -> None:
    parts: Components = app.extensions["tthc"]
    with parts.database.writing() as session:
        living_demonstration.renew(session, moment, parts.hours)


def test_a_start_on_a_database_of_before_says_that_it_loads_no_demonstration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/x"
    database = Database(url)
    migrations.upgrade(database)
    database.engine.dispose()
    prepare(Settings(database_url=url, demo=True))
    assert "không nạp minh họa (no demonstration" in capsys.readouterr().out


def test_today_has_numbers_and_the_published_ones_stay(demo_app: Flask) -> None:
    assert stats(demo_app, UNIT, **days(30))["rates"]["on_time"]["percent"] is not None
    assert stats(demo_app, "H23", as_of=AS_OF)["counts"]["workload"] == 41362


def test_a_later_load_carries_it_on_and_counts_nothing_twice(demo_copy: Flask) -> None:
    later = datetime.now(UTC) + timedelta(days=20)
    with time_machine.travel(later, tick=False):
        renew(demo_copy, later)
        once = stats(demo_copy, UNIT, period="month")
        renew(demo_copy, later)
        assert stats(demo_copy, UNIT, period="month") == once
    assert later - datetime.fromisoformat(once["updated_at"]) < timedelta(days=12)  # Tết is the longest time off


def test_a_load_after_its_removal_brings_nothing_back(demo_copy: Flask) -> None:
    demo_copy.test_cli_runner().invoke(args=["demo", "remove"])
    renew(demo_copy, datetime.now(UTC))
    assert demo_copy.test_client().get("/api/v1/units").json["units"] == []


def test_it_says_what_it_is_and_nobody_waits_for_its_source(demo_app: Flask) -> None:
    client = demo_app.test_client()
    assert "Đơn vị này không có thật" in text_of(strict(client.get(f"/units/{UNIT}.01").text))
    assert 'tthc_source_silent{source="demo' not in client.get("/metrics").text


def test_too_few_come_for_an_alert_about_a_month(demo_app: Flask) -> None:
    """Alerts speak of months with 100 dossiers and of ten that are newly overdue."""
    months = stats(demo_app, UNIT, **days(700), group_by="month")["groups"]
    assert max(month["counts"]["workload"] for month in months) < 100
