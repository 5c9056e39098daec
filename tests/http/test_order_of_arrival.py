"""The order of arrival is the order in which events are filed, never a clock; on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from service.app import create_app
from service.settings import Settings
from tests.support.client import Client, dossier

NOW = datetime(2025, 3, 10, 3, 0, tzinfo=UTC)
CASE = {"received_at": "2025-03-03T08:00:00+07:00", "due_at": "2025-03-28"}
SKEWS = [timedelta(seconds=-2), timedelta(seconds=2), timedelta(days=-10), timedelta(days=10), timedelta(0)]


@pytest.fixture
def other_replica(settings: Settings, app: Flask, client: Client) -> Iterator[Client]:
    """Give a second replica on the same database, with the same key."""
    replica = create_app(settings)
    yield Client(replica.test_client(), client.key)
    replica.extensions["tthc"].database.engine.dispose()


def push(client: Client, clock: datetime, **given: Any) -> Any:
    with time_machine.travel(clock, tick=False):
        return client.push(dossier("A-1", **CASE, **given)).json


def versions(client: Client) -> Any:
    response = client.http.get("/api/v1/dossiers/A-1", headers=client.auth)
    assert response.json is not None
    return response.json


@pytest.mark.parametrize("skew", SKEWS, ids=str)
def test_an_end_that_another_replica_files_later_counts(client: Client, other_replica: Client, skew: timedelta) -> None:
    push(client, NOW)
    push(other_replica, NOW + skew, status="resolved", finished_at="2025-03-07T08:00:00+07:00")
    assert versions(client)["status"] == "resolved"


@pytest.mark.parametrize("skew", SKEWS, ids=str)
def test_what_is_filed_later_is_told_as_updated(client: Client, skew: timedelta) -> None:
    push(client, NOW)
    assert push(client, NOW + skew, status="received")["result"] == "updated"


def test_each_of_many_steps_of_the_clock_both_ways_is_followed(client: Client) -> None:
    clock = NOW
    for number, skew in enumerate(SKEWS * 3):
        clock += skew
        push(client, clock, status="processing" if number % 2 else "received")
    assert versions(client)["status"] == "received"


def test_what_became_known_is_never_before_what_was_known(client: Client) -> None:
    push(client, NOW)
    push(client, NOW - timedelta(days=10), status="received")
    first, second = versions(client)["versions"]
    assert first["known_at"] < second["known_at"]


def test_a_step_that_is_filed_later_is_known_later(client: Client) -> None:
    push(client, NOW)
    step = [{"MaHoSo": "A-1", "ThoiDiemXuLy": "20250307080000", "TrangThai": "9"}]
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        client.http.post("/national/CapNhatTienDoHoSoMC", json=step, headers=client.auth)
    first, second = versions(client)["versions"]
    assert first["known_at"] < second["known_at"]


def test_an_older_change_that_is_filed_later_stays_stale(client: Client) -> None:
    push(client, NOW, changed_at="2025-03-09T08:00:00+07:00")
    result = push(client, NOW + timedelta(days=1), status="received", changed_at="2025-03-08T08:00:00+07:00")["result"]
    assert result == "stale"
