"""Pauses that only statuses tell are derived for a source that is set so; on both databases."""

from typing import Any

import pytest
from flask import Flask

from tests.support.client import Client, dossier

LAST = {"period": "2023", "as_of": "2023-10-31"}


def set_source(app: Flask, *options: str) -> Any:
    return app.test_cli_runner().invoke(args=["sources", "set", "mot-cua", *options])


@pytest.fixture
def deriving(app: Flask, client: Client) -> Client:
    """Give the client of a source whose statuses tell pauses."""
    assert set_source(app, "--derive-pauses").exit_code == 0
    return client


def send(client: Client, *versions: tuple[str, int], **given: Any) -> Any:
    """Send versions as (day of October, status), and return the dossier's pauses."""
    for day, status in versions:
        client.push(dossier("A-1", status=status, changed_at=f"2023-10-{day}T08:00:00+07:00", **given))
    response = client.http.get("/api/v1/dossiers/A-1", headers=client.auth)
    assert response.json is not None
    return [(pause["from"][8:10], (pause["to"] or "")[8:10], pause.get("derived")) for pause in response.json["pauses"]]


def test_a_request_lasts_until_the_status_is_another(deriving: Client) -> None:
    assert send(deriving, ("03", 5), ("05", 4)) == [("03", "05", True)]


def test_the_dossier_was_paused_in_between(deriving: Client) -> None:
    send(deriving, ("03", 5), ("05", 4))
    assert deriving.counts(period="2023", as_of="2023-10-04")["paused_in_time"] == 1


def test_a_second_request_is_the_second(deriving: Client) -> None:
    send(deriving, ("03", 5), ("04", 4), ("05", 5))
    assert deriving.counts(period="2023", as_of="2023-10-05T09:00:00+07:00")["paused_overdue"] == 1


def test_for_papers_and_then_for_payment_is_one_request(deriving: Client) -> None:
    send(deriving, ("03", 5), ("04", 6))
    assert deriving.counts(**LAST)["paused_in_time"] == 1


def test_stamped_anew_it_is_the_same_request(deriving: Client) -> None:
    assert send(deriving, ("03", 5), ("04", 5), ("05", 4), ("06", 4)) == [("03", "05", True)]


def test_pauses_of_the_source_win(deriving: Client) -> None:
    send(deriving, ("03", 5))
    assert send(deriving, ("05", 4), pauses=[{"from": "2023-10-03", "to": "2023-10-04"}]) == [("03", "04", None)]


def test_stale_news_between_two_versions_are_taken_in(deriving: Client) -> None:
    assert send(deriving, ("02", 4), ("05", 4), ("03", 5)) == [("03", "05", True)]


def test_another_source_derives_nothing(client: Client) -> None:
    assert send(client, ("03", 5), ("05", 4)) == []


def test_a_dossier_of_another_source_was_not_paused_in_between(client: Client) -> None:
    send(client, ("03", 5), ("05", 4))
    assert client.counts(period="2023", as_of="2023-10-04")["paused"] == 0


def test_the_setting_can_be_taken_back(app: Flask, deriving: Client) -> None:
    set_source(app, "--no-derive-pauses")
    assert send(deriving, ("03", 5), ("05", 4)) == []


def test_the_command_needs_something_to_set(app: Flask, client: Client) -> None:
    assert set_source(app).exit_code == 2
