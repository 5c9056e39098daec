"""Hostile and broken input: always a clear 4xx problem, never a 5xx, and the good records are kept."""

import gzip
import json
from typing import Any

import pytest

from tests.support.client import Client, dossier

BATCH = "/api/v1/dossiers/batch"
NDJSON = "application/x-ndjson"

BAD_FIELDS: list[tuple[str, Any]] = [
    ("code", ""),
    ("code", "x" * 10_000),
    ("code", 7),
    ("code", "a\x00b"),
    ("code", "\ud800"),
    ("unit_code", "h23 45"),
    ("unit_code", "H" * 36),
    ("procedure_code", None),
    ("status", 11),
    ("status", -(10**30)),
    ("status", True),
    ("status", 4.5),
    ("status", "done"),
    ("status", []),
    ("channel", 4),
    ("received_at", "2023-10-02T08:00:00"),
    ("received_at", "9999-01-01"),
    ("received_at", "0001-01-01T00:00:00+07:00"),
    ("received_at", "2023-02-30"),
    ("received_at", "2026-W01-1"),
    ("received_at", 1696210800),
    ("received_at", "2023-10-02T08:00:00+99:00"),
    ("due_precision", "hour"),
    ("pauses", "yes"),
    ("pauses", [{"to": "2023-10-03"}]),
    ("pauses", [{"from": ""}]),
    ("submitted_at", "2023-10-02T25:00:00+07:00"),
]


@pytest.mark.parametrize(("name", "value"), BAD_FIELDS, ids=range(len(BAD_FIELDS)))
def test_a_bad_field_is_refused_by_name(client: Client, name: str, value: Any) -> None:
    record = {**dossier(), name: value}
    response = client.http.post(
        "/api/v1/dossiers", data=json.dumps(record), headers=client.auth, content_type="application/json"
    )
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert any(field.startswith(name) for field in response.json["errors"])


def test_a_bare_date_is_no_instant(client: Client) -> None:
    assert "due_at" in client.push(dossier(due_precision="instant")).json["errors"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"[" * 30_000, 400),
        (b"[" * 200_000, 413),
        (b'{"code": 1}', 400),
        (b"[1, 2", 400),
        (b"\xff\xfe[", 400),
    ],
)
def test_a_broken_container_stores_nothing(client: Client, body: bytes, status: int) -> None:
    response = client.http.post(BATCH, data=body, content_type="application/json", headers=client.auth)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")


def test_brackets_on_a_line_spoil_that_line_alone(client: Client) -> None:
    response = client.ndjson([dossier("A-1"), b"[" * 200_000, dossier("A-2")])
    assert (response.status_code, response.json["created"], response.json["rejected"]) == (207, 2, 1)


def test_a_lone_surrogate_in_an_array_spoils_that_record_alone(client: Client) -> None:
    response = client.batch([dossier("A-1"), dossier("\ud800"), dossier("A-2", unit_name="\ud800")])
    assert (response.status_code, response.json["created"], response.json["rejected"]) == (207, 1, 2)


ODD = [
    ('"code": ' + "9" * 5000, "code"),
    ('"channel": ' + "9" * 5000, "channel"),
    ('"channel": NaN', "channel"),
    ('"channel": -Infinity', "channel"),
    ('"unit_name": "\\ud800"', "unit_name"),
    ('"received_at": 1e999', "received_at"),
    ('"of_no_use": ' + "9" * 5000, None),
    ('"of_no_use": NaN', None),
    ('"of_no_use": "\\ud800"', None),
]


@pytest.mark.parametrize(("odd", "field"), ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("media", ["application/json", NDJSON])
def test_odd_values_are_treated_the_same_in_arrays_and_lines(
    client: Client, odd: str, field: str | None, media: str
) -> None:
    records = [json.dumps(dossier("A-1")), json.dumps(dossier("A-2"))[:-1] + f", {odd}}}", json.dumps(dossier("A-3"))]
    body = f"[{','.join(records)}]" if media == "application/json" else "\n".join(records)
    answer = client.http.post(BATCH, data=body.encode(), content_type=media, headers=client.auth).json
    assert answer["created"] == (3 if field is None else 2)
    assert [list(one["errors"]) for one in answer["rejections"]] == ([] if field is None else [[field]])


def test_too_many_records_are_refused_whole(client: Client) -> None:
    line = json.dumps(dossier()).encode() + b"\n"
    response = client.http.post(BATCH, data=line * 100_001, content_type=NDJSON, headers=client.auth)
    assert response.status_code == 413
    assert client.get("/api/v1/stats", unit="H23.45").status_code == 404


def test_a_gzip_bomb_is_refused(client: Client) -> None:
    bomb = gzip.compress(b"\n" * (300 * 1024 * 1024), compresslevel=9)
    response = client.http.post(
        BATCH, data=bomb, content_type=NDJSON, headers={**client.auth, "Content-Encoding": "gzip"}
    )
    assert (len(bomb) < 1_000_000, response.status_code) == (True, 413)


def packed(client: Client, body: bytes) -> int:
    """Push a packed NDJSON batch; return the status."""
    headers = {**client.auth, "Content-Encoding": "gzip"}
    return client.http.post(BATCH, data=body, content_type=NDJSON, headers=headers).status_code


def test_several_gzip_members_are_one_body(client: Client) -> None:
    members = [gzip.compress(json.dumps(dossier(f"A-{number}")).encode() + b"\n") for number in range(50)]
    assert packed(client, b"".join(members)) == 200
    assert client.get("/api/v1/stats", unit="H23.45", period="2023").json["counts"]["received"] == 50


def test_what_follows_a_gzip_member_must_be_another(client: Client) -> None:
    assert packed(client, gzip.compress(json.dumps(dossier()).encode()) + b"more") == 400
    assert client.get("/api/v1/stats", unit="H23.45").status_code == 404


def test_a_body_of_countless_gzip_members_is_refused(client: Client) -> None:
    assert packed(client, gzip.compress(b"") * 20_000) == 413


@pytest.mark.parametrize("cut", [10, -5])
def test_a_truncated_gzip_stores_nothing(client: Client, cut: int) -> None:
    whole = gzip.compress("\n".join(json.dumps(dossier(f"A-{n}")) for n in range(5000)).encode())
    response = client.http.post(
        BATCH, data=whole[:cut], content_type=NDJSON, headers={**client.auth, "Content-Encoding": "gzip"}
    )
    assert response.status_code == 400
    assert client.get("/api/v1/stats", unit="H23.45").status_code == 404


def _packed(client: Client, body: bytes) -> Any:
    headers = {**client.auth, "Content-Encoding": "gzip"}
    return client.http.post(BATCH, data=body, content_type=NDJSON, headers=headers)


def test_two_gzip_members_are_one_body(client: Client) -> None:
    first, second = (json.dumps(dossier(f"A-{n}")).encode() + b"\n" for n in (1, 2))
    answer = _packed(client, gzip.compress(first) + gzip.compress(second))
    assert answer.json["created"] == 2


def test_a_record_may_be_cut_by_gzip_members(client: Client) -> None:
    line = json.dumps(dossier("A-1")).encode()
    answer = _packed(client, gzip.compress(line[:20]) + gzip.compress(b"") + gzip.compress(line[20:]))
    assert answer.json["created"] == 1


@pytest.mark.parametrize("rest", [b"x", b"\0", b"\x1f\x8b", gzip.compress(b"{}", mtime=0)[:-3]])
def test_what_follows_a_gzip_body_and_is_no_whole_member_is_refused(client: Client, rest: bytes) -> None:
    assert _packed(client, gzip.compress(json.dumps(dossier()).encode()) + rest).status_code == 400
    assert client.get("/api/v1/units").json["units"] == []


def test_thousands_of_gzip_members_are_refused(client: Client) -> None:
    assert _packed(client, gzip.compress(b"") * 20_000).status_code == 413


def test_a_declared_body_of_200_mb_is_refused_before_it_is_read(client: Client) -> None:
    response = client.http.post(
        BATCH,
        data=b"{}",
        content_type=NDJSON,
        headers=client.auth,
        environ_overrides={"CONTENT_LENGTH": str(200 * 1024 * 1024)},
    )
    assert response.status_code == 413


@pytest.mark.parametrize("key", ["", "tthc_00000000_x", "x", "tthc_\u00e9", "a" * 5000])
def test_an_unknown_key_is_401(client: Client, key: str) -> None:
    response = client.http.post("/api/v1/dossiers", json=dossier(), headers={"Authorization": f"Bearer {key}"})
    assert (response.status_code, "WWW-Authenticate" in response.headers) == (401, True)


def test_a_disabled_source_is_403(client: Client) -> None:
    client.http.application.test_cli_runner().invoke(args=["sources", "disable", "mot-cua"])
    assert client.push(dossier()).status_code == 403


def test_other_content_types_are_415(client: Client) -> None:
    response = client.http.post(BATCH, data=b"a,b", content_type="text/csv", headers=client.auth)
    assert response.status_code == 415


@pytest.mark.parametrize(
    "query",
    [
        "period=2023-13",
        "period=2023-Q5",
        "period=soon",
        "period=9999",
        "from=2023-10-01",
        "from=2023-10-05&to=2023-10-01",
        "from=2023-10-01&to=2023-10-02&period=2023",
        "from=2023-02-30&to=2023-03-01",
        "as_of=2099-01-01",
        "as_of=2023-10-04T10:00:00",
        "as_of=x",
        "period=2024&as_of=2023-10-04",
        "formula=mine",
        "group_by=colour",
        "decimals=3",
        "honest_ends=maybe",
        "calendar=12,1",
        "calendar=1,29",
        "calendar=lunar",
        "structure=future",
        "subtree=2",
        "format=xml",
        "lang=fr",
        "as_of=1990-06-01&compare=year_ago",
    ],
)
def test_a_question_that_cannot_be_asked_is_400(client: Client, query: str) -> None:
    client.push(dossier())
    response = client.http.get(f"/api/v1/stats?unit=H23.45&{query}")
    assert (response.status_code, response.content_type) == (400, "application/problem+json"), response.text


@pytest.mark.parametrize("unit", ["H99", "%00", "<script>", "x" * 500, "..%2f.."])
def test_an_unknown_unit_is_404(client: Client, unit: str) -> None:
    assert client.http.get(f"/api/v1/widget/{unit}").status_code == 404
    assert client.http.get(f"/api/v1/stats?unit={unit}").status_code == 404
