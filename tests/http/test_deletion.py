"""A dossier that its source takes back counts nowhere until it is sent again; its history stays. On both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from service.store import sources
from service.store.database import Database
from tests.support.client import Client, dossier
from tests.support.senders import SenderB, tien_do
from tests.support.tallies import differences

CODE = "H23.45-231002-0001"
DONE = {"status": "resolved", "finished_at": "2023-10-05T09:00:00+07:00", "changed_at": "2023-10-05T09:10:00+07:00"}


def delete(client: Client, code: str = CODE) -> Any:
    return client.http.delete(f"/api/v1/dossiers/{code}", headers=client.auth)


def history(client: Client) -> Any:
    response = client.http.get(f"/api/v1/dossiers/{CODE}", headers=client.auth)
    assert response.json is not None
    return response.json


def workload(client: Client) -> int:
    return client.counts(period="2023", as_of="2023-12-31")["workload"]


def test_the_answer_names_the_dossier(client: Client) -> None:
    client.push(dossier(CODE))
    response = delete(client)
    assert (response.status_code, response.json) == (200, {"code": CODE, "result": "deleted"})


@pytest.mark.parametrize("given", [{}, DONE, {"status": "awaiting_supplement", "pauses": [{"from": "2023-10-03"}]}])
def test_it_counts_nowhere(client: Client, given: dict[str, Any]) -> None:
    client.push(dossier(CODE, **given))
    delete(client)
    counts = client.counts(period="2023", as_of="2023-12-31")
    assert {name for name, count in counts.items() if count} == set()


def test_the_tallies_agree(client: Client, database: Database) -> None:
    client.push(dossier(CODE, **DONE))
    delete(client)
    with database.reading() as session:
        assert differences(session) == []


def test_a_submitted_one_no_longer_waits_for_its_reception(client: Client) -> None:
    client.push(dossier(CODE, status="submitted", received_at=None, submitted_at="2023-10-02T08:00:00+07:00"))
    delete(client)
    assert client.counts(period="2023", as_of="2023-12-31")["reception_overdue"] == 0


def test_it_is_deleted_once(client: Client) -> None:
    client.push(dossier(CODE))
    delete(client)
    assert delete(client).status_code == 200
    assert [version["kind"] for version in history(client)["versions"]] == ["snapshot", "delete"]


def test_the_history_says_so(client: Client) -> None:
    client.push(dossier(CODE))
    delete(client)
    assert history(client)["deleted"]


def test_sent_again_it_counts_again(client: Client) -> None:
    client.push(dossier(CODE))
    delete(client)
    client.push(dossier(CODE))
    assert workload(client) == 1


def test_a_paused_one_is_sent_again_with_its_pause(client: Client) -> None:
    paused = dossier(CODE, status="awaiting_supplement", pauses=[{"from": "2023-10-03"}])
    client.push(paused)
    delete(client)
    assert client.push(paused).json["result"] == "updated"
    assert client.counts(as_of="2023-10-04")["paused"] == 1


def test_it_is_the_newest_news_of_the_dossier_and_of_its_unit(client: Client) -> None:
    deleted_at = "2023-10-05T10:00:00+07:00"
    with time_machine.travel("2023-10-03T10:00:00+07:00", tick=False):
        client.push(dossier(CODE, changed_at="2023-10-03T09:00:00+07:00"))
    with time_machine.travel(deleted_at, tick=False):
        delete(client)
    told, updated_at = history(client), client.stats(as_of="2023-10-31")["updated_at"]
    assert [told["changed_at"], told["known_at"], updated_at] == [deleted_at] * 3


def test_news_that_are_filed_after_it_make_the_state_however_old_they_are(client: Client) -> None:
    client.push(dossier(CODE, **DONE))
    delete(client)
    client.push(dossier(CODE, changed_at="2023-10-03T08:00:00+07:00"))
    assert client.counts(period="2023", as_of="2023-12-31")["in_progress"] == 1


def test_deleted_and_sent_again_in_one_breath_with_the_same_content(client: Client) -> None:
    client.push(dossier(CODE, **DONE))
    delete(client)
    assert client.push(dossier(CODE, **DONE)).json["result"] == "updated"
    assert not history(client)["deleted"]


def test_a_step_on_a_deleted_dossier_is_refused_as_unknown(client: Client, app: Flask) -> None:
    client.push(dossier(CODE))
    delete(client)
    answer = SenderB(app.test_client(), client.key).post("CapNhatTienDoHoSoMC", [tien_do(CODE, "20231004093000", "9")])
    assert answer["error_code"] == "422"


def test_deleted_after_it_was_due_is_a_sign(client: Client) -> None:
    client.push(dossier(CODE))
    delete(client)
    assert [warning["kind"] for warning in history(client)["warnings"]] == ["deleted_after_due"]


def test_the_sign_stays_when_it_is_sent_again(client: Client) -> None:
    client.push(dossier(CODE))
    delete(client)
    client.push(dossier(CODE))
    assert "deleted_after_due" in [warning["kind"] for warning in history(client)["warnings"]]


def test_deleted_before_it_was_due_is_none(client: Client) -> None:
    with time_machine.travel(datetime(2023, 10, 4, 2, 0, tzinfo=UTC), tick=False):
        client.push(dossier(CODE))
        delete(client)
    assert history(client)["warnings"] == []


def test_deleted_after_it_ended_in_time_is_none(client: Client) -> None:
    client.push(dossier(CODE, **DONE))
    delete(client)
    assert history(client)["warnings"] == []


def test_a_deadline_moved_by_deleting_and_sending_again_is_a_sign(client: Client) -> None:
    client.push(dossier(CODE))
    delete(client)
    client.push(dossier(CODE, due_at="2023-10-20", changed_at="2023-10-12T08:00:00+07:00"))
    assert "deadline_moved_after_passing" in [warning["kind"] for warning in history(client)["warnings"]]


@pytest.mark.parametrize("code", ["H23.45-0", "%00", "a/b"])
def test_an_unknown_dossier_is_not_found(client: Client, code: str) -> None:
    assert delete(client, code).status_code == 404


def test_another_source_cannot_delete_it(client: Client, app: Flask, database: Database) -> None:
    client.push(dossier(CODE))
    with database.writing() as session:
        other = Client(app.test_client(), sources.add(session, "khac", None, datetime.now(UTC)))
    assert delete(other).status_code == 404
    assert workload(client) == 1


def test_nobody_deletes_without_a_key(client: Client) -> None:
    client.push(dossier(CODE))
    assert client.http.delete(f"/api/v1/dossiers/{CODE}").status_code == 401
