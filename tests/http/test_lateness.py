"""Whose lateness it is, over HTTP: what was told when, in total and by group."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from service.ingest import pipeline
from service.store import sources
from service.store.database import Database
from tests.support.client import Client, dossier
from tests.support.tallies import differences

OCTOBER = {"period": "2023-10", "as_of": "2023-10-31"}
FIVE = ("late_paused", "late_moved", "told_late", "overdue_confirmed", "overdue_unconfirmed")


def on(day: int, hour: int = 2) -> Any:
    """Stand on a day of October 2023 while something is sent."""
    return time_machine.travel(datetime(2023, 10, day, hour, tzinfo=UTC), tick=False)


def sent(day: int, **given: Any) -> dict[str, Any]:
    return dossier(changed_at=f"2023-10-{day:02d}T09:00:00+07:00", **given)


def done(day: int, told: int, **given: Any) -> dict[str, Any]:
    return sent(told, status=9, finished_at=f"2023-10-{day:02d}T08:30:00+07:00", **given)


def said(client: Client, **params: Any) -> dict[str, int]:
    with on(31):
        counts = client.counts(**{**OCTOBER, **params})
    return {name: counts[name] for name in FIVE if counts[name]}


PAUSE = [{"from": "2023-10-03T08:00:00+07:00", "to": "2023-10-06T08:00:00+07:00"}]

# What is sent on which day of October; a dossier is received on the 2nd and due on the 6th.
TOLD = {
    "known as open, done in time and told after": ([(3, sent(3)), (9, done(6, 9))], {"told_late": 1}),
    "told in time": ([(3, sent(3)), (6, done(6, 6))], {}),
    "never known as open": ([(9, done(6, 9))], {}),
    "told late and stamped anew": ([(3, sent(3)), (9, done(6, 9)), (10, done(6, 10))], {"told_late": 1}),
    "told in time and stamped anew after": ([(3, sent(3)), (6, done(6, 6)), (10, done(6, 10))], {}),
    "told late, then corrected to late": ([(3, sent(3)), (9, done(6, 9)), (10, done(9, 10))], {}),
    "the deadline was moved": ([(3, sent(3)), (6, sent(6, due_at="2023-10-12")), (9, done(9, 9, due_at="2023-10-12"))],
                               {"late_moved": 1}),
    "the deadline was moved to an earlier day": (
        [(3, sent(3)), (4, sent(4, due_at="2023-10-05")), (5, done(5, 5, due_at="2023-10-05"))], {},
    ),
    "late by less than it was paused": ([(3, sent(3)), (9, done(9, 9, pauses=PAUSE))], {"late_paused": 1}),
    "late by more than it was paused": ([(3, sent(3)), (11, done(11, 11, pauses=PAUSE))], {}),
    "open, and its unit heard before it was due": ([(3, sent(3)), (6, sent(6))], {"overdue_unconfirmed": 1}),
    "open, and its unit heard after it was due": ([(3, sent(3)), (7, sent(7))], {"overdue_confirmed": 1}),
    "open, and another of its unit heard": ([(3, sent(3)), (9, sent(9, code="B", due_at=None))],
                                            {"overdue_confirmed": 1}),
    "open, and another unit heard": ([(3, sent(3)), (9, sent(9, code="B", due_at=None, unit_code="H23.46"))],
                                     {"overdue_unconfirmed": 1}),
    "open, and sent once more as it was": ([(3, sent(3)), (9, sent(3))], {"overdue_confirmed": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("news", "wanted"), TOLD.values(), ids=TOLD.keys())
def test_what_is_said_of_one_dossier(client: Client, news: list[tuple[int, Any]], wanted: dict[str, int]) -> None:
    for day, record in news:
        with on(day):
            client.push(record)
    assert said(client) == wanted


@pytest.mark.parametrize("part", [1, 2])
def test_versions_that_come_in_one_request_were_never_seen_between(
    client: Client, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(pipeline, "CHUNK", part)
    with on(9):
        client.batch([sent(3), done(6, 9)])
    assert said(client) == {}


@pytest.mark.parametrize("chunk", [1, 2000])
@pytest.mark.parametrize(
    ("before", "batch", "wanted"),
    [
        pytest.param([], [sent(3), done(6, 9)], {}, id="opened-and-closed-by-the-batch"),
        pytest.param([sent(3)], [sent(4), done(6, 9)], {"told_late": 1}, id="open-before-it"),
        pytest.param([sent(3)], [done(5, 8), done(6, 9)], {"told_late": 1}, id="closed-by-it-and-corrected"),
        pytest.param([sent(3, status=1)], [sent(4), done(6, 9)], {}, id="only-submitted-before-it"),
    ],
)
def test_the_records_of_a_batch_are_taken_together_wherever_it_is_cut(
    client: Client, monkeypatch: pytest.MonkeyPatch, chunk: int, before: list[Any], batch: list[Any], wanted: Any
) -> None:
    monkeypatch.setattr("service.ingest.pipeline.CHUNK", chunk)
    for day, records in ((3, before), (9, batch)):
        with on(day):
            client.batch(records)
    assert said(client) == wanted


def test_a_clock_that_was_set_back_hides_no_open_dossier(client: Client) -> None:
    for day, record in ((8, sent(3)), (7, done(6, 7))):
        with on(day):
            client.push(record)
    assert said(client) == {"told_late": 1}


def test_what_was_told_late_stays_so_while_another_dossier_counts_in_its_place(
    app: Flask, client: Client, database: Database
) -> None:
    with on(3), database.writing() as session:
        other = Client(client.http, sources.add(session, "other", None, datetime(2023, 10, 3, tzinfo=UTC)))
    with on(3):
        client.push(sent(3, code="A"))
        other.batch([sent(3, code="B"), sent(3, code="C")])
    with on(9):
        other.push(done(6, 9, code="B"))
    runner = app.test_cli_runner()
    for decision in ("confirm", "refuse"):
        assert runner.invoke(args=["duplicates", decision, "A", "B"]).exit_code == 0
    runner.invoke(args=["duplicates", "confirm", "A", "C"])
    with on(10):
        other.push(done(6, 10, code="C"))
    runner.invoke(args=["duplicates", "refuse", "A", "C"])
    assert said(client)["told_late"] == 2


def test_an_earlier_deadline_that_comes_late_is_one_of_the_versions(client: Client) -> None:
    moved = {"due_at": "2023-10-12"}
    for day, record in ((9, done(9, 9, **moved)), (10, sent(3))):
        with on(day):
            client.push(record)
    assert said(client) == {"late_moved": 1}


def test_a_heartbeat_confirms_what_was_due_before_it(client: Client) -> None:
    with on(3):
        client.push(sent(3))
    until = [("2023-10-06T12:00:00+07:00", "overdue_unconfirmed"), ("2023-10-07T12:00:00+07:00", "overdue_confirmed")]
    for moment, name in until:
        with on(9):
            beat = {"units": [{"unit_code": "H23.45", "nothing_new_until": moment}]}
            assert client.http.post("/api/v1/heartbeats", json=beat, headers=client.auth).status_code == 200
        assert said(client) == {name: 1}


def test_of_two_declarations_of_one_unit_the_later_moment_confirms(client: Client) -> None:
    with on(3):
        client.push(sent(3))
    until = ("2023-10-07T12:00:00+07:00", "2023-10-06T12:00:00+07:00")
    units = [{"unit_code": "H23.45", "nothing_new_until": moment} for moment in until]
    with on(9):
        client.http.post("/api/v1/heartbeats", json={"units": units}, headers=client.auth)
    assert said(client) == {"overdue_confirmed": 1}


def test_what_another_source_tells_confirms_nothing_until_the_dossier_is_its_own(
    client: Client, database: Database
) -> None:
    with on(3):
        client.push(sent(3))
    with on(9), database.writing() as session:
        other = Client(client.http, sources.add(session, "other", None, datetime(2023, 10, 9, tzinfo=UTC)))
    with on(9):
        other.push(sent(9, code="B", due_at=None))
    assert said(client) == {"overdue_unconfirmed": 1}
    with database.writing() as session:
        sources.transfer(session, "mot-cua", "other")
    assert said(client) == {"overdue_confirmed": 1}


def test_a_deleted_dossier_says_nothing(client: Client) -> None:
    for day, record in ((3, sent(3)), (9, done(6, 9))):
        with on(day):
            client.push(record)
    client.http.delete(f"/api/v1/dossiers/{dossier()['code']}", headers=client.auth)
    assert said(client) == {}


def test_groups_of_time_tell_on_which_day(client: Client, database: Database) -> None:
    for day, record in ((3, sent(3)), (9, done(6, 9))):
        with on(day):
            client.push(record)
    with on(31):
        groups = client.stats(**OCTOBER, group_by="day")["groups"]
    assert [group["key"]["code"] for group in groups if group["counts"]["told_late"]] == ["2023-10-06"]
    with database.reading() as session:
        assert differences(session) == []
