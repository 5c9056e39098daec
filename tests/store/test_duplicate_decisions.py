"""What a decision on two dossiers leaves behind: versions, the reason of the pair, and whose name a refusal gives."""

from collections.abc import Iterator
from datetime import UTC, datetime
from unittest.mock import Mock, call

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from models.dossiers import DuplicatePair
from service.ingest.rework.duplicates import search
from service.store import sources
from service.store.database import Database
from service.store.duplicates import pairs
from tests.store.test_duplicates import ASKED, RECEIVED, listed, refusal, run_job
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier

AT = "2023-10-04T09:00:00+07:00"


@pytest.fixture
def other(app: Flask, client: Client, database: Database) -> Client:
    """Give the client of a second source; each of the two has sent the same dossier."""
    with database.writing() as session:
        second = Client(app.test_client(), sources.add(session, "khac", None, datetime.now(UTC)))
    with time_machine.travel("2023-10-03T09:00:00+07:00", tick=False):
        client.push(dossier("A-1", received_at=RECEIVED))
        second.push(dossier("B-1", received_at=RECEIVED))
    return second


@pytest.fixture
def at() -> Iterator[None]:
    """Let a command run at AT."""
    with time_machine.travel(AT, tick=False):
        yield


def states(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(pair.state, pair.reason) for pair in pairs.pairs(session)]


@pytest.mark.usefixtures("at")
def test_the_version_of_a_merged_dossier_has_the_moment_and_the_name_of_the_work(
    other: Client, operator: Operator
) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    last = other.http.get("/api/v1/dossiers/B-1", headers=other.auth).json["versions"][-1]
    assert (last["request_id"], last["known_at"]) == ("duplicates-20231004T020000", AT)


def test_a_decision_is_no_news_of_a_unit(client: Client, other: Client, operator: Operator) -> None:
    before = client.stats(**ASKED)["updated_at"]
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    assert client.stats(**ASKED)["updated_at"] == before


def test_a_decision_holds_for_a_source_that_was_bound_elsewhere_meanwhile(
    client: Client, other: Client, operator: Operator
) -> None:
    """It was said to be done, and both dossiers counted, or neither."""
    operator.imports("units", "code,name", "H99,Khác")
    operator.runs("sources", "set", "khac", "--unit", "H99")
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    assert client.counts(**ASKED)["workload"] == 1
    operator.runs("duplicates", "refuse", "A-1", "B-1")
    assert client.counts(**ASKED)["workload"] == 2


def test_a_pair_that_a_person_named_has_that_as_its_reason(client: Client, other: Client, operator: Operator) -> None:
    client.push(dossier("A-2"))
    operator.runs("duplicates", "confirm", "A-2", "B-1")
    assert listed(operator)[-1] == "mot-cua/A-2\tkhac/B-1\tđã gộp / confirmed\tnamed"


def test_a_pair_that_was_searched_keeps_its_reason(other: Client, operator: Operator) -> None:
    assert listed(operator) == ["mot-cua/A-1\tkhac/B-1\tchờ xác nhận / candidate\treceipt"]
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    assert listed(operator) == ["mot-cua/A-1\tkhac/B-1\tđã gộp / confirmed\treceipt"]


def test_of_other_pairs_none_gives_its_reason(client: Client, other: Client, operator: Operator, app: Flask) -> None:
    run_job(app)
    client.push(dossier("A-2"))
    other.push(dossier("B-2"))
    operator.runs("duplicates", "confirm", "A-2", "B-2")
    assert sorted(line.rpartition("\t")[2] for line in listed(operator)) == ["named", "receipt"]


def test_a_candidate_that_is_refused_counts_both(client: Client, other: Client, operator: Operator, app: Flask) -> None:
    run_job(app)
    operator.runs("duplicates", "refuse", "A-1", "B-1")
    assert [client.counts(**ASKED)[name] for name in ("workload", "merged")] == [2, 0]


def test_a_refused_pair_is_kept_as_such(other: Client, operator: Operator, database: Database, app: Flask) -> None:
    run_job(app)
    operator.runs("duplicates", "refuse", "A-1", "B-1")
    assert states(database) == [("refused", "receipt")]


def test_a_refused_pair_can_be_confirmed(client: Client, other: Client, operator: Operator, database: Database) -> None:
    operator.runs("duplicates", "refuse", "A-1", "B-1")
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    assert (states(database), client.counts(**ASKED)["merged"]) == ([("confirmed", "named")], 1)


def test_a_confirmed_pair_is_refused_in_either_order(client: Client, other: Client, operator: Operator) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    operator.runs("duplicates", "refuse", "B-1", "A-1")
    assert [client.counts(**ASKED)[name] for name in ("workload", "merged")] == [2, 0]


def test_the_search_tells_the_pairs_that_are_known(other: Client, operator: Operator, app: Flask) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    assert run_job(app) == {"recoded": 0, "candidates": 0, "confirmed": 1}


@pytest.mark.parametrize("words", [("A-1", "B-1"), ("B-1", "A-1"), ("mot-cua/A-1", "khac/B-1")])
def test_a_refusal_names_the_dossier_that_is_not_counted(
    app: Flask, other: Client, operator: Operator, words: tuple[str, str]
) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    merged = next(word for word in words if word.endswith("B-1"))
    assert refusal(app, "confirm", *words) == (
        f"Error: '{merged}' hiện không được tính: đã gộp, đã xóa hoặc chưa tiếp nhận"
        " (it is not counted: merged already, deleted or not received)\n"
    )


@pytest.mark.parametrize("decision", ["confirm", "refuse"])
def test_two_of_one_source_are_refused(app: Flask, client: Client, other: Client, decision: str) -> None:
    client.push(dossier("A-2"))
    said = "Error: Hai hồ sơ phải của hai nguồn (the two dossiers must be of two sources)\n"
    assert refusal(app, decision, "A-1", "A-2") == said


@pytest.mark.usefixtures("at")
@pytest.mark.parametrize("decision", ["confirm", "refuse"])
def test_a_decision_is_kept_with_its_moment(
    other: Client, operator: Operator, database: Database, decision: str
) -> None:
    operator.runs("duplicates", decision, "A-1", "B-1")
    with database.reading() as session:
        assert session.scalars(select(DuplicatePair.decided_at)).all() == [datetime.fromisoformat(AT)]


def test_a_deleted_dossier_cannot_be_merged(app: Flask, client: Client, other: Client) -> None:
    client.http.delete("/api/v1/dossiers/A-1", headers=client.auth)
    assert refusal(app, "confirm", "A-1", "B-1").startswith("Error: 'A-1' hiện không được tính")


def test_nothing_is_kept_of_a_decision_that_is_refused(
    app: Flask, client: Client, other: Client, database: Database
) -> None:
    client.http.delete("/api/v1/dossiers/A-1", headers=client.auth)
    refusal(app, "confirm", "A-1", "B-1")
    assert states(database) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("X-9", "Không có hồ sơ 'X-9'; viết NGUỒN/MÃ như `duplicates list` (no dossier: write SOURCE/CODE as listed)"),
        ("SAME", "Có nhiều hồ sơ 'SAME'; viết NGUỒN/MÃ như `duplicates list` (more than one dossier: write SOURCE"),
        ("X" * 81, f"Không có hồ sơ '{'X' * 80}'; viết"),
    ],
)
def test_a_name_of_no_dossier_or_of_two_is_answered_with_how_to_write_it(
    app: Flask, client: Client, other: Client, text: str, said: str
) -> None:
    client.push(dossier("SAME"))
    other.push(dossier("SAME"))
    assert refusal(app, "confirm", "A-1", text).startswith(f"Error: {said}")


def test_a_dossier_that_is_deleted_while_it_is_merged_is_not_there(
    client: Client, other: Client, operator: Operator, app: Flask
) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    other.http.delete("/api/v1/dossiers/B-1", headers=other.auth)
    client.http.delete("/api/v1/dossiers/A-1", headers=client.auth)
    run_job(app)
    assert client.counts(**ASKED)["workload"] == 0


def test_the_search_counts_every_confirmed_pair_once(
    client: Client, other: Client, operator: Operator, app: Flask
) -> None:
    client.push(dossier("A-2"))
    other.push(dossier("B-2"))
    for number in (1, 2):
        operator.runs("duplicates", "confirm", f"A-{number}", f"B-{number}")
        client.http.delete(f"/api/v1/dossiers/A-{number}", headers=client.auth)
    run_job(app)
    assert [client.counts(**ASKED)[name] for name in ("workload", "merged")] == [2, 0]


def test_a_search_keeps_its_moment_with_what_it_changes(client: Client, other: Client, operator: Operator) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    client.http.delete("/api/v1/dossiers/A-1", headers=client.auth)
    with time_machine.travel("2100-10-04T09:00:00+07:00", tick=False):
        listed(operator)
    last = other.http.get("/api/v1/dossiers/B-1", headers=other.auth).json["versions"][-1]
    assert (last["known_at"], last["request_id"]) == ("2100-10-04T09:00:00+07:00", "duplicates-21001004T020000")


def test_the_search_reads_with_the_patience_of_a_job(
    app: Flask, other: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Mock(wraps=database.reading)
    monkeypatch.setattr(database, "reading", reading)
    search(app.extensions["tthc"], datetime.now(UTC))
    assert reading.call_args_list == [call(patient=True)]
