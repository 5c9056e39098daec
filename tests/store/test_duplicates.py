"""The same dossier from two sources: listed, confirmed or refused by a person, and counted once; on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from jobs.tasks import duplicate_candidates
from service.store import sources
from service.store.database import Database
from tests.support.catalogues import Operator
from tests.support.client import UNIT, Client, dossier
from tests.support.tallies import differences

RECEIVED = "2023-10-02T08:03:17+07:00"
ASKED = {"period": "2023", "as_of": "2023-10-05"}
UNITS = "code,name,level,parent_code,valid_from,valid_to,successor_codes"


@pytest.fixture
def other(app: Flask, client: Client, database: Database) -> Client:
    """Give the client of a second source, added after the first."""
    with database.writing() as session:
        return Client(app.test_client(), sources.add(session, "khac", None, datetime.now(UTC)))


def listed(operator: Operator) -> list[str]:
    """Return the pairs that are listed, without the line that counts them."""
    return [line for line in operator.runs("duplicates", "list").splitlines() if "\t" in line]


def refusal(app: Flask, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["duplicates", *words])
    assert result.exit_code == 2, result.output
    return result.output


def run_job(app: Flask) -> dict[str, int]:
    return duplicate_candidates(app.extensions["tthc"], datetime.now(UTC))


@pytest.fixture
def pair(client: Client, other: Client) -> None:
    """Send one dossier from two sources."""
    client.push(dossier("A-1", received_at=RECEIVED))
    other.push(dossier("B-1", received_at=RECEIVED))


def first_and_second(client: Client, other: Client, first: dict[str, Any], second: dict[str, Any]) -> None:
    client.push(dossier("A-1", **{"received_at": RECEIVED} | first))
    other.push(dossier("B-1", **{"received_at": RECEIVED} | second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({}, {}, id="same-unit-procedure-and-second"),
        pytest.param({}, {"received_at": "2023-10-02T08:03:17.9+07:00"}, id="fractions-of-one-second"),
        pytest.param({}, {"procedure_code": "1.004873.000.00.00.H23"}, id="local-suffix"),
        pytest.param({"unit_code": "H23.OLD"}, {"unit_code": "H23.NEW"}, id="unit-and-successor"),
        pytest.param({"unit_code": "H23.OLD"}, {"unit_code": "H23.NEW2"}, id="unit-and-second-successor"),
        pytest.param(
            {"national_code": "QG-1", "received_at": "2023-10-02"},
            {"national_code": "QG-1", "received_at": "2023-10-03", "unit_code": "H24"},
            id="one-national-code",
        ),
    ],
)
def test_a_pair_is_listed(
    client: Client, other: Client, operator: Operator, first: dict[str, Any], second: dict[str, Any]
) -> None:
    operator.imports(
        "units",
        UNITS,
        "H23.OLD,Cũ,commune,H23,,2023-06-30,H23.NEW;H23.NEW2",
        "H23.NEW,Mới,commune,H23,2023-07-01,,",
        "H23.NEW2,Mới 2,commune,H23,2023-07-01,,",
    )
    first_and_second(client, other, first, second)
    assert [line.split("\t")[:2] for line in listed(operator)] == [["mot-cua/A-1", "khac/B-1"]]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({}, {"unit_code": "H24"}, id="another-unit"),
        pytest.param({}, {"procedure_code": "2.000815"}, id="another-procedure"),
        pytest.param({}, {"received_at": "2023-10-02T08:03:18+07:00"}, id="another-second"),
        pytest.param({"received_at": "2023-10-02"}, {"received_at": "2023-10-02"}, id="bare-dates"),
        pytest.param({"received_at": "2023-10-02", "national_code": "QG-1"}, {}, id="national-code-of-one-alone"),
    ],
)
def test_no_pair_is_listed(
    client: Client, other: Client, operator: Operator, first: dict[str, Any], second: dict[str, Any]
) -> None:
    first_and_second(client, other, first, second)
    assert listed(operator) == []


def test_two_of_one_source_are_no_pair(client: Client, operator: Operator) -> None:
    client.push(dossier("A-1", received_at=RECEIVED))
    client.push(dossier("A-2", received_at=RECEIVED))
    assert listed(operator) == []


def test_a_candidate_pair_whose_receipts_differ_now_is_deleted(
    client: Client, pair: None, operator: Operator, app: Flask
) -> None:
    assert run_job(app)["candidates"] == 1
    client.push(dossier("A-1", received_at="2023-10-02T09:00:00+07:00"))
    assert run_job(app)["candidates"] == 0


def test_until_it_is_confirmed_it_is_counted_twice(client: Client, pair: None, app: Flask) -> None:
    run_job(app)
    counts = client.counts(**ASKED)
    assert [counts[name] for name in ("raw", "workload", "merged")] == [2, 2, 0]


def test_confirmed_it_is_counted_once(client: Client, pair: None, operator: Operator) -> None:
    operator.runs("duplicates", "confirm", "mot-cua/A-1", "khac/B-1")
    counts = client.counts(**ASKED)
    assert [counts[name] for name in ("raw", "workload", "merged")] == [2, 1, 1]


def test_the_first_that_is_named_is_the_one_counted(client: Client, other: Client, operator: Operator) -> None:
    first_and_second(client, other, {"channel": "online"}, {"channel": "postal"})
    operator.runs("duplicates", "confirm", "khac/B-1", "mot-cua/A-1")
    assert [client.counts(**ASKED)[name] for name in ("received_postal", "received_online")] == [1, 0]


def test_a_code_alone_is_enough_where_one_source_has_it(client: Client, pair: None, operator: Operator) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    assert client.counts(**ASKED)["merged"] == 1


def test_a_closed_one_is_counted_once(client: Client, other: Client, operator: Operator, database: Database) -> None:
    closed = {"status": "resolved", "finished_at": "2023-10-04T09:00:00+07:00"}
    first_and_second(client, other, closed, closed)
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    counts = client.counts(**ASKED)
    assert [counts[name] for name in ("raw", "resolved", "merged")] == [2, 1, 1]
    with database.reading() as session:
        assert differences(session) == []


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"status": "resolved", "finished_at": "2023-10-04T09:00:00+07:00"}, id="late"),
        pytest.param(
            {
                "status": "resolved",
                "finished_at": "2023-10-04T09:00:00+07:00",
                "pauses": [{"from": "2023-10-03T08:00:00+07:00", "to": "2023-10-04T08:00:00+07:00"}],
            },
            id="late-by-less-than-it-was-paused",
        ),
        pytest.param({}, id="overdue"),
        pytest.param({"status": "awaiting_supplement"}, id="paused"),
    ],
)
def test_confirmed_every_count_is_half_of_what_it_was(
    client: Client, other: Client, operator: Operator, given: dict[str, Any]
) -> None:
    first_and_second(client, other, given | {"due_at": "2023-10-03"}, given | {"due_at": "2023-10-03"})
    before = client.counts(**ASKED)
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    after = client.counts(**ASKED)
    counted = before.keys() - {"raw", "merged"}
    assert {name: 2 * after[name] for name in counted} == {name: before[name] for name in counted}


def test_one_that_ended_before_the_period_is_not_in_its_raw_number(
    client: Client, other: Client, operator: Operator
) -> None:
    closed = {"status": "resolved", "finished_at": "2023-10-04T09:00:00+07:00"}
    first_and_second(client, other, closed, closed)
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    assert client.counts(period="2023-11", as_of="2023-11-05")["raw"] == 0


@pytest.mark.parametrize("grouping", ["unit", "field", "procedure", "channel", "level", "unit,channel"])
def test_groups_of_merged_ones_add_up(client: Client, pair: None, operator: Operator, grouping: str) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    answer = client.stats("H23", **ASKED, group_by=grouping)
    assert sum(group["counts"]["merged"] for group in answer["groups"]) == answer["counts"]["merged"] == 1


def test_of_months_only_the_last_knows_how_many_are_merged(client: Client, pair: None, operator: Operator) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    groups = client.stats(**ASKED, group_by="month")["groups"]
    assert [group["counts"]["merged"] for group in groups] == [None] * 9 + [1]


def test_a_refused_pair_is_listed_no_more(pair: None, operator: Operator, app: Flask) -> None:
    operator.runs("duplicates", "refuse", "khac/B-1", "mot-cua/A-1")
    assert (listed(operator), run_job(app)["candidates"]) == ([], 0)


def test_refused_after_it_was_confirmed_both_are_counted(
    client: Client, pair: None, operator: Operator, database: Database
) -> None:
    before = client.counts(**ASKED)
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    operator.runs("duplicates", "refuse", "A-1", "B-1")
    assert client.counts(**ASKED) == before
    with database.reading() as session:
        assert differences(session) == []


def test_news_of_the_merged_one_are_kept_and_not_counted(
    client: Client, other: Client, pair: None, operator: Operator
) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    other.push(dossier("B-1", received_at=RECEIVED, status="resolved", finished_at="2023-10-04"))
    assert [client.counts(**ASKED)[name] for name in ("workload", "resolved", "merged")] == [1, 0, 1]


def test_the_history_of_a_merged_dossier_does_not_name_the_other_one(
    other: Client, pair: None, operator: Operator
) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    history = other.http.get("/api/v1/dossiers/B-1", headers=other.auth)
    assert history.json is not None
    assert (history.json["merged"], history.json["versions"][-1]["sent"]) == (True, {"merged": True})
    assert "A-1" not in history.text


def test_while_the_counted_one_is_deleted_the_other_counts(
    client: Client, pair: None, operator: Operator, app: Flask
) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    client.http.delete("/api/v1/dossiers/A-1", headers=client.auth)
    run_job(app)
    assert client.counts(**ASKED)["workload"] == 1
    client.push(dossier("A-1", received_at=RECEIVED, status="received"))
    run_job(app)
    assert [client.counts(**ASKED)[name] for name in ("workload", "merged")] == [1, 1]


def test_a_third_source_s_dossier_is_counted_with_them(
    app: Flask, client: Client, pair: None, operator: Operator, database: Database
) -> None:
    with database.writing() as session:
        third = Client(app.test_client(), sources.add(session, "ba", None, datetime.now(UTC)))
    third.push(dossier("C-1", received_at=RECEIVED))
    operator.runs("duplicates", "confirm", "B-1", "C-1")
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    assert [client.counts(**ASKED)[name] for name in ("raw", "workload")] == [3, 1]


def test_decisions_go_along_when_a_source_is_handed_over(
    client: Client, pair: None, operator: Operator, app: Flask, database: Database
) -> None:
    with database.writing() as session:
        sources.add(session, "moi", None, datetime.now(UTC))
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    operator.runs("sources", "transfer", "khac", "moi")
    assert run_job(app)["confirmed"] == 1
    assert client.counts(**ASKED)["merged"] == 1


def test_a_decision_can_be_taken_back_when_a_transfer_joined_the_two_sources(
    client: Client, pair: None, operator: Operator
) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    operator.runs("sources", "transfer", "khac", "mot-cua")
    operator.runs("duplicates", "refuse", "A-1", "B-1")
    assert [client.counts(**ASKED)[name] for name in ("workload", "merged")] == [2, 0]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        pytest.param(("confirm", "A-1", "A-2"), "two sources", id="one-source"),
        pytest.param(("confirm", "A-1", "X-9"), "no dossier", id="unknown"),
        pytest.param(("confirm", "A-1", "SAME"), "more than one", id="ambiguous"),
        pytest.param(("confirm", "A-1", "B-2"), "not counted", id="not-received"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_the_reason(
    app: Flask, client: Client, other: Client, pair: None, words: tuple[str, ...], reason: str
) -> None:
    client.batch([dossier("A-2"), dossier("SAME")])
    other.batch([dossier("SAME"), dossier("B-2", status="submitted", received_at=None)])
    assert reason in refusal(app, *words)


def test_a_merged_one_cannot_be_merged_again(app: Flask, pair: None, operator: Operator) -> None:
    operator.runs("duplicates", "confirm", "A-1", "B-1")
    assert "not counted" in refusal(app, "confirm", "B-1", "A-1")


def test_nothing_is_merged_by_the_job_alone(client: Client, pair: None, app: Flask) -> None:
    run_job(app)
    run_job(app)
    assert client.counts(UNIT, **ASKED)["workload"] == 2
