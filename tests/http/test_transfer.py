"""The dossiers of one source are handed to another; on both databases."""

from datetime import UTC, datetime

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from models.tallies import SOURCE_NEWS
from service.store import sources
from service.store.database import Database
from tests.support.client import Client, dossier
from tests.support.tallies import differences

PAUSED = {"status": "awaiting_supplement", "pauses": [{"from": "2023-10-03T08:00:00+07:00"}]}


@pytest.fixture
def new_vendor(app: Flask, database: Database) -> Client:
    """Give the client of the new vendor's source."""
    with database.writing() as session:
        return Client(app.test_client(), sources.add(session, "moi", None, datetime.now(UTC)))


def transfer(app: Flask, old: str = "mot-cua", new: str = "moi") -> Result:
    return app.test_cli_runner().invoke(args=["sources", "transfer", old, new])


def test_no_number_changes(app: Flask, client: Client, new_vendor: Client, database: Database) -> None:
    client.batch(
        [dossier("A-1"), dossier("A-2", **PAUSED), dossier("A-3", status="resolved", finished_at="2023-10-05")]
    )
    before = client.counts(period="2023", as_of="2023-10-04")
    assert transfer(app).exit_code == 0
    assert client.counts(period="2023", as_of="2023-10-04") == before
    with database.reading() as session:
        assert differences(session) == []


def test_what_the_old_source_told_of_a_unit_still_confirms(app: Flask, client: Client, new_vendor: Client) -> None:
    client.batch([dossier("A-1", due_at="2023-10-06"), dossier("A-2", due_at="2023-10-06")])
    new_vendor.push(dossier("B-1", unit_code="H23.46"))
    asked = {"period": "2023", "as_of": "2023-12-31"}
    before = client.counts(**asked)
    transfer(app)
    assert (client.counts(**asked), before["overdue_confirmed"]) == (before, 2)


def test_what_the_old_source_told_is_the_new_ones(
    app: Flask, client: Client, new_vendor: Client, database: Database
) -> None:
    """News of a source that has no dossier any more, ever older, made each count look at all unfinished dossiers."""
    client.push(dossier("A-1"))
    transfer(app)
    with database.reading() as session:
        assert session.scalars(select(SOURCE_NEWS.c.source_id)).all() == [sources.find(session, "moi").id]


def test_the_new_vendor_goes_on_where_the_old_one_ended(app: Flask, client: Client, new_vendor: Client) -> None:
    client.push(dossier("A-1"))
    transfer(app)
    assert new_vendor.push(dossier("A-1", status="resolved", finished_at="2023-10-05")).json["result"] == "updated"


def test_the_old_key_stays_and_has_no_dossier_any_more(app: Flask, client: Client, new_vendor: Client) -> None:
    client.push(dossier("A-1"))
    transfer(app)
    assert client.http.get("/api/v1/dossiers/A-1", headers=client.auth).status_code == 404


def test_one_code_at_both_is_refused_by_its_name(app: Flask, client: Client, new_vendor: Client) -> None:
    client.batch([dossier("A-1"), dossier("A-2")])
    new_vendor.push(dossier("A-2"))
    result = transfer(app)
    assert (result.exit_code, "A-2" in result.output) == (2, True)
    assert client.http.get("/api/v1/dossiers/A-1", headers=client.auth).status_code == 200


@pytest.mark.parametrize(("old", "new"), [("mot-cua", "mot-cua"), ("mot-cua", "nobody"), ("nobody", "moi")])
def test_what_cannot_be_handed_over(app: Flask, client: Client, new_vendor: Client, old: str, new: str) -> None:
    assert transfer(app, old, new).exit_code == 2
