"""Dossiers that a source sent again under another code: found by the nightly job, kept by pushes; on both databases."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from flask import Flask

from jobs import tasks
from jobs.tasks import duplicate_candidates
from service.store import sources
from service.store.database import Database
from service.store.duplicates.recoded import CROWD
from tests.support.client import Client, dossier

RECEIVED = "2023-10-02T08:03:17+07:00"
DONE = {"received_at": RECEIVED, "status": "returned", "finished_at": "2023-10-04T08:00:00+07:00"}


def recoded(app: Flask) -> int:
    """Run the job and return how many dossiers it marks."""
    return duplicate_candidates(app.extensions["tthc"], datetime.now(UTC))["recoded"]


def kinds_of(client: Client, code: str) -> list[str]:
    response = client.http.get(f"/api/v1/dossiers/{code}", headers=client.auth)
    assert response.json is not None
    return [warning["kind"] for warning in response.json["warnings"]]


def test_a_dossier_sent_again_under_another_code_is_marked(client: Client, app: Flask) -> None:
    client.push(dossier("000.00.45.H23-231002-0001", received_at=RECEIVED))
    client.push(dossier("H23.45-231002-0001", received_at=RECEIVED))
    assert recoded(app) == 1
    assert kinds_of(client, "H23.45-231002-0001") == ["recoded"]


def test_the_earlier_dossier_is_not_marked(client: Client, app: Flask) -> None:
    client.push(dossier("A-1", received_at=RECEIVED))
    client.push(dossier("B-1", received_at=RECEIVED))
    recoded(app)
    assert kinds_of(client, "A-1") == []


def test_the_answer_to_a_push_has_no_such_warning(client: Client) -> None:
    client.push(dossier("A-1", received_at=RECEIVED))
    assert client.push(dossier("B-1", received_at=RECEIVED)).json["warnings"] == []


def test_the_next_push_keeps_the_mark(client: Client, app: Flask) -> None:
    client.push(dossier("A-1", received_at=RECEIVED))
    client.push(dossier("B-1", received_at=RECEIVED))
    recoded(app)
    client.push(dossier("B-1", received_at=RECEIVED, status="received"))
    assert kinds_of(client, "B-1") == ["recoded"]


def test_the_job_run_again_marks_the_same(client: Client, app: Flask) -> None:
    client.push(dossier("A-1", received_at=RECEIVED))
    client.push(dossier("B-1", received_at=RECEIVED))
    assert recoded(app) == recoded(app) == 1


def test_the_mark_goes_when_the_two_dossiers_differ_now(client: Client, app: Flask) -> None:
    client.push(dossier("A-1", received_at=RECEIVED))
    client.push(dossier("B-1", received_at=RECEIVED))
    recoded(app)
    client.push(dossier("B-1", received_at=RECEIVED, procedure_code="2.000815"))
    assert recoded(app) == 0
    assert kinds_of(client, "B-1") == []


def test_a_finished_one_is_recognised_by_its_end(client: Client, app: Flask) -> None:
    client.push(dossier("A-1", **DONE))
    client.push(dossier("B-1", **DONE))
    assert recoded(app) == 1


def test_two_that_ended_at_different_moments_are_two(client: Client, app: Flask) -> None:
    client.push(dossier("A-1", **DONE))
    client.push(dossier("B-1", **{**DONE, "finished_at": "2023-10-04T09:00:00+07:00"}))
    assert recoded(app) == 0


@pytest.mark.parametrize(
    "difference",
    [{"unit_code": "H24"}, {"procedure_code": "2.000815"}, {"received_at": "2023-10-02T08:03:18+07:00"}],
)
def test_a_dossier_that_differs_is_not_marked(client: Client, app: Flask, difference: Any) -> None:
    same = {"received_at": RECEIVED}
    client.push(dossier("A-1", **same))
    client.push(dossier("B-1", **{**same, **difference}))
    assert recoded(app) == 0


def test_dossiers_of_one_request_are_not_recoded(client: Client, app: Flask) -> None:
    client.batch([dossier("A-1"), dossier("B-1")])
    assert recoded(app) == 0


def test_a_bare_date_of_receipt_tells_nobody_apart(client: Client, app: Flask) -> None:
    client.push(dossier("C-1", received_at="2023-10-02"))
    client.push(dossier("D-1", received_at="2023-10-02"))
    assert recoded(app) == 0


def test_a_moment_that_a_crowd_shares_tells_nobody_apart(client: Client, app: Flask) -> None:
    for number in range(CROWD + 1):
        client.push(dossier(f"A-{number}", received_at=RECEIVED))
    assert recoded(app) == 0


def test_dossiers_of_two_sources_are_not_recoded(client: Client, app: Flask, database: Database) -> None:
    with database.writing() as session:
        other = Client(app.test_client(), sources.add(session, "khac", None, datetime.now(UTC)))
    client.push(dossier("A-1", received_at=RECEIVED))
    other.push(dossier("B-1", received_at=RECEIVED))
    assert recoded(app) == 0


def test_pushes_go_on_between_the_marks(client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job held SQLite's one lock while it marked 95,000 dossiers: everybody's pushes were 503 for 40 s."""
    monkeypatch.setattr(tasks, "_MARKED_AT_ONCE", 2)
    for number in range(6):
        client.push(dossier(f"A-{number}", received_at=RECEIVED))
    begun = Mock(side_effect=Database.writing)
    monkeypatch.setattr(Database, "writing", lambda *given, **more: begun(*given, **more))
    assert (recoded(app), begun.call_count) == (5, 4)  # three for the marks, one for pairs
    assert [kinds_of(client, f"A-{number}") for number in (0, 1, 5)] == [[], ["recoded"], ["recoded"]]
