"""Push: what a vendor sends, and what becomes of it."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from service.store.database import Database
from tests.support.client import Client, dossier, whenever_told
from tests.support.tallies import differences

AS_OF = "2023-10-31"


def results(response: Any) -> dict[str, int]:
    content = response.json
    return {name: content[name] for name in ("created", "updated", "unchanged", "stale", "rejected")}


def tallies_agree(database: Database) -> bool:
    with database.reading() as session:
        return differences(session) == []


def test_a_dossier_is_created_then_unchanged_then_updated(client: Client) -> None:
    first, again = client.push(dossier()), client.push(dossier())
    done = client.push(dossier(status="resolved", finished_at="2023-10-05"))
    assert [(r.status_code, r.json["result"]) for r in (first, again, done)] == [
        (201, "created"),
        (200, "unchanged"),
        (200, "updated"),
    ]


def test_a_push_is_seen_at_once(client: Client) -> None:
    client.push(dossier(status=9, finished_at="2023-10-05T10:00:00+07:00"))
    counts = client.counts(as_of=AS_OF)
    assert (counts["workload"], counts["early"], counts["in_progress"]) == (1, 1, 0)


def test_older_news_after_newer_are_stale_and_change_no_number(client: Client) -> None:
    client.push(dossier(status=9, finished_at="2023-10-05", changed_at="2023-10-05T10:00:00+07:00"))
    late_news = client.push(dossier(changed_at="2023-10-03T10:00:00+07:00"))
    assert (late_news.json["result"], client.counts(as_of=AS_OF)["early"]) == ("stale", 1)


def test_a_finished_dossier_can_be_corrected(client: Client, database: Database) -> None:
    client.push(dossier(status=9, finished_at="2023-10-09"))
    client.push(dossier(status=9, finished_at="2023-10-06"))
    counts = client.counts(as_of=AS_OF)
    assert (counts["late"], counts["on_time"], tallies_agree(database)) == (0, 1, True)


def test_a_finished_dossier_can_be_reopened(client: Client, database: Database) -> None:
    client.push(dossier(status=9, finished_at="2023-10-05"))
    client.push(dossier(status=4))
    counts = client.counts(as_of=AS_OF)
    assert (counts["resolved"], counts["open_overdue"], tallies_agree(database)) == (0, 1, True)


def test_a_dossier_can_move_to_another_unit(client: Client, database: Database) -> None:
    client.push(dossier(status=9, finished_at="2023-10-05"))
    client.push(dossier(status=9, finished_at="2023-10-05", unit_code="H23.46"))
    moved = client.counts("H23.46", as_of=AS_OF)["early"], client.counts("H23.45", as_of=AS_OF)["early"]
    assert (moved, tallies_agree(database)) == ((1, 0), True)


def test_the_same_code_twice_in_one_batch_is_filed_in_order(client: Client, database: Database) -> None:
    response = client.batch([dossier(), dossier(status=9, finished_at="2023-10-05"), dossier()])
    assert results(response) == {"created": 1, "updated": 2, "unchanged": 0, "stale": 0, "rejected": 0}
    assert (client.counts(as_of=AS_OF)["open_overdue"], tallies_agree(database)) == (1, True)


def test_one_code_from_two_sources_is_two_dossiers(client: Client, database: Database) -> None:
    from service.store import sources

    with database.writing() as session:
        other = Client(client.http, sources.add(session, "khac", None, datetime.now(UTC)))
    client.push(dossier())
    other.push(dossier())
    assert client.counts(as_of=AS_OF)["workload"] == 2


@pytest.mark.parametrize("packed", [False, True])
def test_ndjson_keeps_the_good_lines(client: Client, packed: bool) -> None:
    lines = [dossier("A-1"), b"{broken", dossier("A-2", status="unheard of"), dossier("A-3")]
    response = client.ndjson(lines, packed=packed)
    rejected = [(item["index"], item["code"]) for item in response.json["rejections"]]
    assert (response.status_code, response.json["created"], rejected) == (207, 2, [(1, None), (2, "A-2")])


def test_an_atomic_batch_is_kept_whole_or_not_at_all(client: Client) -> None:
    refused = client.batch([dossier("A-1"), dossier("A-2", received_at=None)], atomic=True)
    unknown = client.get("/api/v1/stats", unit="H23.45")
    kept = client.batch([dossier("A-1"), dossier("A-2")], atomic=True)
    assert (refused.status_code, unknown.status_code, kept.json["created"]) == (422, 404, 2)


def test_a_batch_of_bad_records_alone_is_422(client: Client) -> None:
    response = client.batch([{"code": "A-1"}, 7])
    assert (response.status_code, response.json["rejected"]) == (422, 2)


def test_a_rejection_names_the_field_and_what_to_send(client: Client) -> None:
    (rejection,) = client.batch([dossier(received_at="2023-10-02 08:00")]).json["rejections"]
    assert list(rejection["errors"]) == ["received_at"]
    assert "2023-10-04T13:37:34+07:00" in rejection["errors"]["received_at"][0]


def test_a_batch_sent_again_changes_nothing(client: Client) -> None:
    batch = [dossier(f"A-{n}", status=9, finished_at="2023-10-05") for n in range(50)]
    client.batch(batch)
    before = client.counts(as_of=AS_OF)
    assert (results(client.batch(batch))["unchanged"], client.counts(as_of=AS_OF)) == (50, before)


def test_any_order_of_arrival_gives_the_same_numbers(client: Client, database: Database) -> None:
    chance = random.Random(7)
    news = []
    for number in range(60):
        code, end = f"A-{number}", f"2023-10-{chance.randint(3, 20):02d}"
        news.append(dossier(code, changed_at="2023-10-02T09:00:00+07:00"))
        news.append(dossier(code, status=5, changed_at="2023-10-03T09:00:00+07:00"))
        news.append(dossier(code, status=9, finished_at=end, changed_at="2023-10-21T09:00:00+07:00"))
    client.batch(news)
    in_order = client.stats(as_of=AS_OF, group_by="day")["groups"]
    with database.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM dossier")
        for table in ("dossier_version", "paused_span", "tally_day", "tally_month"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")
    shuffled = news * 2
    chance.shuffle(shuffled)
    for start in range(0, len(shuffled), 37):
        client.ndjson(shuffled[start : start + 37])
    assert whenever_told(client.stats(as_of=AS_OF, group_by="day")["groups"]) == whenever_told(in_order)
    assert tallies_agree(database)


def test_a_changed_at_far_ahead_is_warned_about_and_not_believed(client: Client) -> None:
    told = client.push(dossier(changed_at="2099-01-01"))
    assert [warning["kind"] for warning in told.json["warnings"]] == ["changed_at_in_future"]
    assert client.push(dossier(status=9, finished_at="2023-10-05")).json["result"] == "updated"


def test_a_changed_at_a_day_ahead_is_believed(client: Client) -> None:
    with time_machine.travel(datetime(2023, 10, 5, tzinfo=UTC), tick=False):
        told = client.push(dossier(changed_at="2023-10-06T07:00:00+07:00"))
    assert told.json["warnings"] == []


def test_broken_identities_are_warned_about_and_counted(client: Client) -> None:
    told = client.push(dossier(status=9, finished_at="2023-09-01"))
    assert [warning["kind"] for warning in told.json["warnings"]] == ["finished_before_received"]
    assert client.counts(as_of=AS_OF)["resolved"] == 1


def test_unknown_keys_are_ignored(client: Client) -> None:
    assert client.push(dossier(applicant_name="Nguyễn Văn A", phone="0900000000")).status_code == 201
