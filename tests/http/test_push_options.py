"""What a sender may ask of a push: a dry run, strict reading, a line a record."""

import json
from typing import Any
from unittest.mock import Mock

import pytest

from service.store.catalogue import CatalogueUpdates
from tests.support.client import Client, dossier
from tests.support.senders import SenderA, SenderB, hoso

BATCH = "/api/v1/dossiers/batch"
LINES = "application/x-ndjson"


def lines_of(client: Client, records: list[Any], query: str = "") -> tuple[int, list[Any]]:
    headers = {**client.auth, "Accept": LINES}
    answer = client.http.post(f"{BATCH}{query}", json=records, headers=headers)
    assert answer.mimetype == LINES
    return answer.status_code, [json.loads(line) for line in answer.text.splitlines()]


def nothing_is_stored(client: Client) -> bool:
    return bool(client.get("/api/v1/units").json == {"units": []})


def test_a_dry_run_of_one_dossier_answers_the_same_and_stores_nothing(client: Client) -> None:
    dry = client.http.post("/api/v1/dossiers?dry_run=1", json=dossier(), headers=client.auth)
    assert nothing_is_stored(client)
    real = client.push(dossier())
    assert (dry.status_code, dry.json) == (real.status_code, real.json)


def test_a_dry_run_of_a_batch_answers_the_same_and_stores_nothing(client: Client) -> None:
    records = [dossier("A-1"), dossier("A-2", status="resolved"), dossier("A-3", status="?")]
    dry = client.http.post(f"{BATCH}?dry_run=1", json=records, headers=client.auth)
    assert nothing_is_stored(client)
    real = client.batch(records)
    assert (dry.status_code, dry.json) == (real.status_code, real.json)


def test_a_dry_run_of_a_deletion_deletes_nothing(client: Client) -> None:
    client.push(dossier("A-1"))
    assert client.http.delete("/api/v1/dossiers/A-1?dry_run=1", headers=client.auth).status_code == 200
    assert client.counts(as_of="2023-10-05", period="2023")["workload"] == 1


def test_a_dry_run_of_the_national_format_stores_nothing(sender: SenderA, bare: SenderB, client: Client) -> None:
    body = {"session": sender.session, "service": "DongBoHoSoMC", "data": [hoso()]}
    answers = [
        sender.http.post("/national/service?dry_run=1", json=body),
        bare.http.post("/national/DongBoHoSoMC?dry_run=1", json=[hoso()], headers=bare.headers),
    ]
    assert [answer.json["result"]["created"] for answer in answers] == [1, 1]
    assert nothing_is_stored(client)


@pytest.mark.parametrize("name", ["dry_run", "strict", "atomic"])
@pytest.mark.parametrize("value", ["yes", "2", "-1"])
def test_an_option_is_0_or_1(client: Client, name: str, value: str) -> None:
    answer = client.http.post(f"{BATCH}?{name}={value}", json=[dossier()], headers=client.auth)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [name]


NEAR = [
    ("dueAt", "due_at"),
    ("DueAt", "due_at"),
    ("due-at", "due_at"),
    ("receivedAt", "received_at"),
    ("recieved_at", "received_at"),
    ("unitCode", "unit_code"),
    ("xyzzy", None),
]


@pytest.mark.parametrize(("name", "known"), NEAR)
def test_an_unknown_field_is_named_with_the_nearest(client: Client, name: str, known: str | None) -> None:
    one = client.push({**dossier("A-1"), name: "x"})
    many = client.batch([dossier("A-2"), {**dossier("A-3"), name: "x"}])
    assert one.json["unknown_fields"] == {name: known}
    assert many.json["unknown_fields"] == {name: known}
    assert many.json["created"] == 2


def test_an_unknown_field_of_a_pause_is_named_too(client: Client) -> None:
    answer = client.push(dossier(pauses=[{"from": "2023-10-03", "until": "2023-10-04"}]))
    assert list(answer.json["unknown_fields"]) == ["pauses.until"]


def test_at_most_20_unknown_fields_are_named(client: Client) -> None:
    answer = client.push({**dossier(), **{f"name_{n}": 1 for n in range(50)}})
    assert len(answer.json["unknown_fields"]) == 20


def test_known_fields_alone_say_nothing_of_unknown_ones(client: Client) -> None:
    answer: Any = client.batch([dossier()]).json
    assert "unknown_fields" not in answer


def test_strict_rejects_a_record_with_an_unknown_field(client: Client) -> None:
    records = [dossier("A-1"), {**dossier("A-2"), "dueAt": "2023-10-09"}]
    answer = client.http.post(f"{BATCH}?strict=1", json=records, headers=client.auth)
    assert answer.status_code == 207
    (rejection,) = answer.json["rejections"]
    assert (rejection["index"], rejection["code"], list(rejection["errors"])) == (1, "A-2", ["dueAt"])
    assert "due_at" in rejection["errors"]["dueAt"][0]


@pytest.mark.parametrize("name", ["x" * 65, "due\n", "\u202edue"])
def test_strict_refuses_a_field_whose_name_is_not_repeated(client: Client, name: str) -> None:
    answer = client.http.post("/api/v1/dossiers?strict=1", json={**dossier(), name: "2023"}, headers=client.auth)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["…"])


def test_strict_refuses_one_dossier_with_an_unknown_field(client: Client) -> None:
    record = {**dossier(), "dueAt": "2023-10-09", "status": "?"}
    answer = client.http.post("/api/v1/dossiers?strict=1", json=record, headers=client.auth)
    assert answer.status_code == 422
    assert sorted(answer.json["errors"]) == ["dueAt", "status"]


def test_lists_that_were_cut_say_so(client: Client) -> None:
    answer = client.batch([dossier(f"A-{n}", status="?") for n in range(1001)])
    assert answer.json["truncated"] is True
    assert (answer.json["rejected"], len(answer.json["rejections"])) == (1001, 1000)


def test_lists_that_are_whole_say_nothing(client: Client) -> None:
    answer: Any = client.batch([dossier(f"A-{n}", status="?") for n in range(1000)]).json
    assert "truncated" not in answer


def test_a_line_a_record_in_order(client: Client) -> None:
    records = [dossier(f"A-{n}", status="?" if n % 2 else "resolved") for n in range(2500)]
    status, lines = lines_of(client, records)
    assert status == 207
    assert [line["index"] for line in lines] == list(range(2500))
    assert [line["code"] for line in lines] == [record["code"] for record in records]
    assert {line["result"] for line in lines[::2]} == {"created"}
    assert {line["result"] for line in lines[1::2]} == {"rejected"}
    assert all("status" in line["errors"] for line in lines[1::2])
    assert all(line["warnings"] for line in lines[::2])


def test_a_refused_atomic_batch_has_only_rejected_lines(client: Client) -> None:
    status, lines = lines_of(client, [dossier("A-1"), dossier("A-2", status="?")], "?atomic=1")
    assert status == 422
    assert [line["result"] for line in lines] == ["rejected", "rejected"]
    assert nothing_is_stored(client)


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/json, application/x-ndjson;q=0.5"])
def test_who_does_not_ask_for_lines_gets_json(client: Client, accept: str) -> None:
    answer = client.http.post(BATCH, json=[dossier()], headers={**client.auth, "Accept": accept})
    assert answer.json["created"] == 1


def test_a_refused_atomic_batch_writes_nothing_that_sources_share(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken back only at its end, it held each new procedure of everybody for nine seconds, again and again."""
    written = Mock()
    monkeypatch.setattr(CatalogueUpdates, "write", written)
    lines_of(client, [dossier("A-1"), dossier("A-2", status="?")], "?atomic=1")
    assert not written.called
