"""History and quality: what a source sees of its own dossiers, and what everyone sees."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from models.dossiers import DossierVersion
from service.store import sources
from service.store.database import Database
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier
from tests.support.senders import SenderB, hoso, tien_do

CODE = "H23.45-231002-0001"


@pytest.fixture
def other(app: Flask, database: Database) -> Client:
    """Give a second source."""
    with database.writing() as session:
        return Client(app.test_client(), sources.add(session, "khac", None, datetime.now(UTC)))


def history(client: Client, code: str = CODE) -> Any:
    response = client.http.get(f"/api/v1/dossiers/{code}", headers=client.auth)
    assert response.status_code == 200, response.text
    return response.json


def test_every_version_says_what_changed_when_it_happened_and_when_it_became_known(client: Client) -> None:
    client.push(dossier(CODE, changed_at="2023-10-02T08:00:00+07:00"))
    done = dossier(
        CODE, status="resolved", finished_at="2023-10-05T09:00:00+07:00", changed_at="2023-10-05T09:10:00+07:00"
    )
    answer = client.push(done)
    first, second = history(client)["versions"]
    assert first["result"] == "created" and first["changes"]["status"] == {"from": None, "to": "processing"}
    assert second["changes"] == {
        "status": {"from": "processing", "to": "resolved"},
        "finished_at": {"from": None, "to": "2023-10-05T09:00:00+07:00"},
        "changed_at": {"from": "2023-10-02T08:00:00+07:00", "to": "2023-10-05T09:10:00+07:00"},
    }
    assert (second["changed_at"], second["request_id"]) == ("2023-10-05T09:10:00+07:00", answer.headers["X-Request-Id"])
    assert second["known_at"] > "2026"


def test_stale_news_are_kept_and_change_nothing(client: Client) -> None:
    client.push(dossier(CODE, changed_at="2023-10-05T08:00:00+07:00"))
    client.push(dossier(CODE, status="received", changed_at="2023-10-03T08:00:00+07:00"))
    _, stale = history(client)["versions"]
    assert (stale["result"], stale["changes"], stale["sent"]["status"]) == ("stale", {}, "received")


def test_the_same_sent_again_is_no_version(client: Client) -> None:
    client.push(dossier(CODE, changed_at="2023-10-02T09:00:00+07:00"))
    client.push(dossier(CODE, changed_at="2023-10-02T09:00:00+07:00"))
    assert len(history(client)["versions"]) == 1


def test_steps_are_versions_too(client: Client, app: Flask) -> None:
    bare = SenderB(app.test_client(), client.key)
    bare.post("DongBoHoSoMC", [hoso(CODE)])
    bare.post("CapNhatTienDoHoSoMC", [tien_do(CODE, "20231004093000", "9")])
    dossier = history(client)
    assert (dossier["status"], dossier["outcome"], dossier["finished_at"]) == (
        "resolved",
        "early",
        "2023-10-04T09:30:00+07:00",
    )
    step = dossier["versions"][1]
    assert (step["kind"], step["changed_at"]) == ("step", "2023-10-04T09:30:00+07:00")
    assert step["changes"]["status"] == {"from": "processing", "to": "resolved"}


def test_a_step_that_changes_nothing_is_stale(client: Client, app: Flask) -> None:
    bare = SenderB(app.test_client(), client.key)
    bare.post("DongBoHoSoMC", [hoso(CODE)])
    bare.post("CapNhatTienDoHoSoMC", [tien_do(CODE, "20231001093000", "2")])  # before its receipt
    assert [version["result"] for version in history(client)["versions"]] == ["created", "stale"]


def test_a_step_older_than_what_is_kept_is_still_shown(client: Client, app: Flask, database: Database) -> None:
    bare = SenderB(app.test_client(), client.key)
    bare.post("DongBoHoSoMC", [hoso(CODE)])
    bare.post("CapNhatTienDoHoSoMC", [tien_do(CODE, "20231003093000", "5")])
    bare.post("DongBoHoSoMC", [hoso(CODE, NgayHenTra="20231007")])
    with database.writing() as session:
        session.execute(delete(DossierVersion).where(DossierVersion.result == "created"))
    step, snapshot = history(client)["versions"]
    assert (step["kind"], step["changes"], snapshot["kind"]) == ("step", {}, "snapshot")


def test_a_long_history_is_told_in_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each version was worked out from all before it: 10,000 of one dossier took minutes."""
    hours = (8, 14, 10, 9, 12, 11, 13)  # some come late
    for hour in hours:
        status = "awaiting_supplement" if hour > 9 else "processing"
        client.push(dossier(CODE, status=status, changed_at=f"2023-10-05T{hour:02}:00:00+07:00"))
    whole = history(client)
    monkeypatch.setattr("service.reporting.history.LISTED", 3)
    pages = [history(client, f"{CODE}{query}") for query in ("", "?before=5", "?before=2", "?before=99")]
    assert [page.pop("truncated", False) for page in pages] == [True, True, False, True]
    assert "truncated" not in whole and len(whole["versions"]) == len(hours)
    told = [page["versions"] for page in pages]
    assert told == [whole["versions"][4:], whole["versions"][1:4], whole["versions"][:1], whole["versions"][4:]]
    assert all({**page, "versions": 0} == {**whole, "versions": 0} for page in pages)


def test_a_history_of_many_steps_is_told_in_smaller_pages(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 versions of a dossier with a thousand steps were ten megabytes, and took three seconds."""
    bare = SenderB(app.test_client(), client.key)
    bare.post("DongBoHoSoMC", [hoso(CODE)])
    bare.post("CapNhatTienDoHoSoMC", [tien_do(CODE, f"202310{day:02}093000", "45"[day % 2]) for day in range(3, 12)])
    pages = []
    for applied in (40, 5):
        monkeypatch.setattr("service.reporting.history._APPLIED", applied)
        pages.append([version["number"] for version in history(client)["versions"]])
    assert pages == [[7, 8, 9, 10], [10]]


@pytest.mark.parametrize("before", ["0", "-1", "x", "1.5", "9" * 20])
def test_a_page_of_a_history_is_asked_for_by_a_number(client: Client, before: str) -> None:
    client.push(dossier(CODE))
    assert client.http.get(f"/api/v1/dossiers/{CODE}?before={before}", headers=client.auth).status_code == 400


def test_how_the_due_moment_was_reached(client: Client, operator: Operator) -> None:
    operator.limits("1.004873,3,working_day")
    client.push(dossier(CODE, due_at=None))
    client.push(dossier("H23.45-2"))
    due = history(client)["due_moment"]
    assert (due["by"], due["limit"]) == ("time_limit", {"amount": 3, "unit": "working_day"})
    assert due["due_at"].startswith("2023-10-05T23:59:59") and due["trace"]
    assert history(client, "H23.45-2")["due_moment"]["by"] == "source"


@pytest.mark.parametrize("code", [CODE, "H23.45-0", "a/b", "%00"])
def test_a_dossier_of_another_source_is_not_found(client: Client, other: Client, code: str) -> None:
    client.push(dossier(CODE))
    assert other.http.get(f"/api/v1/dossiers/{code}", headers=other.auth).status_code == 404


def test_history_needs_a_key(client: Client) -> None:
    client.push(dossier(CODE))
    assert client.get(f"/api/v1/dossiers/{CODE}").status_code == 401


def test_a_code_with_a_slash_has_a_history(client: Client) -> None:
    client.push(dossier("12/2023/HS"))
    assert history(client, "12/2023/HS")["code"] == "12/2023/HS"


# Quality

BAD = dossier("H23.45.07-1", unit_code="H23.45.07", status="resolved", finished_at="2023-10-01")


def quality(client: Client, **params: Any) -> Any:
    response = client.get("/api/v1/quality", **params)
    assert response.status_code == 200, response.text
    return response.json


def own_quality(client: Client, **params: Any) -> Any:
    response = client.http.get("/api/v1/quality", query_string=params, headers=client.auth)
    assert response.status_code == 200, response.text
    return response.json


def test_warnings_are_counted_by_kind_and_unit(client: Client, other: Client) -> None:
    client.push(BAD)
    client.push(dossier("H23.45-1", status="resolved"))
    other.push(BAD)
    counted = quality(client, unit="H23")
    assert counted["warned"] == 3
    assert {kind["kind"]: kind["count"] for kind in counted["kinds"]} == {
        "finished_before_received": 2,
        "closed_without_end": 1,
    }
    groups = [(group["unit"]["code"], group["warned"]) for group in counted["groups"]]
    assert groups == [("H23.45", 1), ("H23.45.07", 2)]


def test_the_public_is_told_of_no_source(client: Client, other: Client) -> None:
    client.push(BAD)
    other.push(BAD)
    answer = client.get("/api/v1/quality")
    assert "khac" not in answer.text
    assert "mot-cua" not in answer.text


@pytest.mark.parametrize("source", ["mot-cua", "khac", "nobody", "%00"])
def test_a_source_is_asked_about_with_its_own_key_only(client: Client, other: Client, source: str) -> None:
    client.push(BAD)
    path = f"/api/v1/quality?source={source}"
    assert client.http.get(path).status_code == 401
    assert client.http.get(path, headers=client.auth).status_code == (200 if source == "mot-cua" else 404)


def test_counts_can_be_asked_for_one_source_and_one_unit(client: Client, other: Client) -> None:
    client.push(BAD)
    other.push(BAD)
    assert own_quality(other, source="khac")["warned"] == 1
    assert own_quality(other, source="khac", unit="000.00.45.H23")["warned"] == 1
    client.push(dossier("H24-1", unit_code="H24"))
    assert quality(client, unit="H24")["warned"] == 0


def test_nobody_else_sees_dossier_codes(client: Client, other: Client) -> None:
    client.push(BAD)
    assert "H23.45.07-1" not in client.get("/api/v1/quality").text
    for query in ("", "?source=mot-cua"):
        assert "H23.45.07-1" not in other.http.get(f"/api/v1/quality{query}", headers=other.auth).text


def test_a_source_gets_its_work_list_in_pages(client: Client) -> None:
    client.batch([dossier(f"H23.45-{n}", status="resolved") for n in range(5)])
    seen, after = [], ""
    while True:
        response = client.http.get(f"/api/v1/quality?limit=2&after={after}", headers=client.auth)
        assert response.json is not None and "no-store" in response.headers["Cache-Control"]
        page = response.json["work_list"]
        seen += [warned["code"] for warned in page["dossiers"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == [f"H23.45-{n}" for n in range(5)]


def test_a_work_list_can_be_of_one_kind(client: Client) -> None:
    client.push(BAD)
    client.push(dossier("H23.45-1", status="resolved"))
    response = client.http.get("/api/v1/quality?kind=closed_without_end&unit=H23", headers=client.auth)
    assert response.json is not None
    assert [warned["code"] for warned in response.json["work_list"]["dossiers"]] == ["H23.45-1"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("unit=H99", 404),
        ("source=nobody", 404),
        ("kind=x", 400),
        *((f"limit={limit}", 400) for limit in ("0", "99999999", "000019999", f"0000{'1' * 5000}")),
    ],
)
def test_what_cannot_be_asked(client: Client, query: str, status: int) -> None:
    assert client.http.get(f"/api/v1/quality?{query}", headers=client.auth).status_code == status


def test_quality_refuses_a_wrong_key(client: Client) -> None:
    assert client.http.get("/api/v1/quality", headers={"Authorization": "Bearer x"}).status_code == 401


def test_the_command_prints_the_counts(app: Flask, client: Client) -> None:
    client.push(BAD)
    result = app.test_cli_runner().invoke(args=["quality", "--source", "mot-cua", "--unit", "H23"])
    assert result.exit_code == 0 and "finished_before_received" in result.output
    assert app.test_cli_runner().invoke(args=["quality", "--unit", "H99"]).exit_code == 2
    assert app.test_cli_runner().invoke(args=["quality", "--source", "x"]).exit_code == 2


# Distortions


def test_a_paused_dossier_sent_as_done_and_taken_back_is_warned_about(client: Client) -> None:
    done = dossier(CODE, status="resolved", finished_at="2023-10-04", changed_at="2023-10-04T10:00:00+07:00")
    pause = [{"from": "2023-10-03"}]
    client.push(done)
    client.push(dossier(CODE, status="awaiting_supplement", pauses=pause, changed_at="2023-10-05T10:00:00+07:00"))
    assert [kind["kind"] for kind in quality(client)["kinds"]] == ["paused_sent_as_done", "reopened"]
