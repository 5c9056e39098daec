"""Deadlines and fields that an import fills: of every source, in several transactions, and of which procedures."""

from datetime import UTC, datetime
from threading import Thread
from unittest.mock import Mock, call

import pytest
import time_machine
from flask import Flask

from service.domain.dossier.events import DossierEvent
from service.ingest.pipeline import Pipeline
from service.ingest.rework.backfill import backfill
from service.ingest.sender import Sender
from service.schemas.dossier_input import read_record
from service.store import dossiers, sources
from service.store.database import Database
from tests.http.test_deadline_provenance import due_day
from tests.support.catalogues import PROCEDURES, Operator
from tests.support.client import Client, dossier
from tests.support.tallies import differences

NOW = datetime(2023, 10, 4, 2, tzinfo=UTC)
AT = "2023-10-04T09:00:00+07:00"
OTHER = "2.000777"


@pytest.fixture
def other(app: Flask, client: Client, database: Database) -> Client:
    """Give the client of a second source."""
    with database.writing() as session:
        return Client(app.test_client(), sources.add(session, "khac", None, datetime.now(UTC)))


def send(client: Client, *codes: str, procedure: str = "1.004873") -> None:
    for code in codes:
        client.push(dossier(code, due_at=None, procedure_code=procedure))


def due_days(client: Client, *codes: str) -> list[str | None]:
    return [due_day(client, code) for code in codes]


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_all_dossiers_of_all_sources_are_filled_however_many_at_once(
    client: Client, other: Client, operator: Operator, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    send(client, "A-1", "A-2", "A-3")
    send(other, "A-2", "B-1")
    monkeypatch.setattr(dossiers, "LACKING_AT_ONCE", at_once)
    assert "5 dossiers got" in operator.limits("1.004873,5,working_day")
    assert due_days(client, "A-1", "A-2", "A-3") + due_days(other, "A-2", "B-1") == ["2023-10-09"] * 5


def test_the_counts_know_what_was_filled_in_every_transaction(
    client: Client, operator: Operator, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("A-1", "A-2", "A-3"):
        client.push(dossier(code, due_at=None, status="resolved", finished_at="2023-10-20"))
    monkeypatch.setattr(dossiers, "LACKING_AT_ONCE", 1)
    operator.limits("1.004873,5,working_day")
    with database.reading() as session:
        assert differences(session) == []


def test_an_import_fills_the_dossiers_of_its_procedures_alone(client: Client, operator: Operator, app: Flask) -> None:
    send(client, "A-1")
    send(client, "A-2", procedure=OTHER)
    assert "1 dossiers got" in operator.limits("1.004873,5,working_day")
    assert due_days(client, "A-1", "A-2") == ["2023-10-09", None]


def test_an_import_of_what_is_known_fills_nothing(client: Client, operator: Operator) -> None:
    operator.limits("1.004873,5,working_day")
    assert "0 dossiers got" in operator.limits("1.004873,5,working_day")


@pytest.fixture
def half_imported(client: Client, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an import end before it has filled the dossier A-1."""
    send(client, "A-1")
    with monkeypatch.context() as ended:
        ended.setattr("service.cli.catalogue.backfill", lambda *_: 0)
        operator.limits("1.004873,5,working_day")


@pytest.mark.usefixtures("half_imported")
def test_an_import_fills_what_one_that_ended_in_the_middle_left(client: Client, operator: Operator) -> None:
    """The same file again said that nothing was new, and its dossiers never got a deadline."""
    assert "1 dossiers got" in operator.limits("1.004873,5,working_day")
    assert due_days(client, "A-1") == ["2023-10-09"]


def test_the_dossiers_of_a_source_that_was_bound_elsewhere_are_filled(client: Client, operator: Operator) -> None:
    send(client, "A-1")
    operator.imports("units", "code,name", "H99,Khác")
    operator.runs("sources", "set", "mot-cua", "--unit", "H99")
    assert "1 dossiers got" in operator.limits("1.004873,5,working_day")


@pytest.mark.usefixtures("half_imported")
def test_an_import_looks_at_the_dossiers_of_its_procedures_alone(operator: Operator) -> None:
    """An import of one line held SQLite's lock for 60,000 dossiers of other procedures: pushes took 9 s."""
    assert "0 dossiers got" in operator.limits(f"{OTHER},5,working_day")


def test_the_dossiers_of_all_procedures_are_filled(
    client: Client, app: Flask, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, "A-1")
    send(client, "A-2", procedure=OTHER)
    monkeypatch.setattr("service.cli.catalogue.backfill", lambda *_: 0)
    operator.limits("1.004873,5,working_day", f"{OTHER},5,working_day")
    assert backfill(app.extensions["tthc"], NOW, dry_run=True) == 2
    assert backfill(app.extensions["tthc"], NOW) == 2
    assert due_days(client, "A-1", "A-2") == ["2023-10-09", "2023-10-09"]


def test_a_dry_run_of_several_transactions_counts_and_stores_nothing(
    client: Client, app: Flask, operator: Operator, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, "A-1", "A-2", "A-3")
    monkeypatch.setattr("service.cli.catalogue.backfill", lambda *_: 0)
    operator.limits("1.004873,5,working_day")
    monkeypatch.setattr(dossiers, "LACKING_AT_ONCE", 2)
    assert backfill(app.extensions["tthc"], NOW, dry_run=True) == 3
    assert due_days(client, "A-1", "A-2", "A-3") == [None] * 3
    with database.reading() as session:
        assert differences(session) == []


def test_a_dry_run_opens_no_session_that_writes(
    client: Client, app: Flask, operator: Operator, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, "A-1")
    monkeypatch.setattr("service.cli.catalogue.backfill", lambda *_: 0)
    operator.limits("1.004873,5,working_day")
    monkeypatch.setattr(database, "writing", None)
    assert backfill(app.extensions["tthc"], NOW, dry_run=True) == 1


def test_a_dry_run_reads_with_the_patience_of_a_command(
    client: Client, app: Flask, operator: Operator, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, "A-1")
    operator.limits("1.004873,5,working_day")
    reading = Mock(wraps=database.reading)
    monkeypatch.setattr(database, "reading", reading)
    backfill(app.extensions["tthc"], NOW, dry_run=True)
    assert reading.call_args_list[1:] == [call(patient=True)] * 2


def test_for_no_procedure_no_session_that_writes_is_opened(
    client: Client, app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, "A-1")
    monkeypatch.setattr(database, "writing", None)
    assert backfill(app.extensions["tthc"], NOW) == 0


def test_the_version_that_was_filled_has_the_moment_and_the_name_of_the_work(
    client: Client, operator: Operator
) -> None:
    with time_machine.travel("2023-10-03T09:00:00+07:00", tick=False):
        send(client, "A-1")
    with time_machine.travel(AT, tick=False):
        operator.limits("1.004873,5,working_day")
    last = client.http.get("/api/v1/dossiers/A-1", headers=client.auth).json["versions"][-1]
    assert (last["request_id"], last["known_at"]) == ("backfill-20231004T020000", AT)


def test_a_dossier_that_lacks_nothing_is_not_counted_as_filled(client: Client, operator: Operator) -> None:
    client.push(dossier("A-1", due_at="2023-10-20", field_code="G1"))
    send(client, "A-2")
    assert "1 dossiers got" in operator.limits("1.004873,5,working_day")


def test_a_field_of_an_earlier_import_is_replaced_by_that_of_the_newest(client: Client, operator: Operator) -> None:
    send(client, "A-1")
    operator.imports("procedures", PROCEDURES, "1.004873,X,G03,Đất đai,5,working_day")
    said = operator.imports("procedures", PROCEDURES, "1.004873,X,G04,Hộ tịch,5,working_day")
    groups = client.stats(as_of="2023-10-05", period="2023", group_by="field")["groups"]
    assert "1 dossiers got" in said
    assert [group["key"]["code"] for group in groups] == ["G04"]


def test_a_field_is_filled_that_an_import_gives_after_one_that_gave_none(client: Client, operator: Operator) -> None:
    operator.limits("1.004873,5,working_day")
    send(client, "A-1")
    assert "1 dossiers got" in operator.imports("procedures", PROCEDURES, "1.004873,X,G03,Đất đai,5,working_day")


def test_what_a_push_filed_meanwhile_is_filled_when_it_has_ended(
    client: Client, operator: Operator, database: Database, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch of 60,000 that was under way never got the deadlines of the import beside it."""
    if database.is_sqlite:
        pytest.skip("one writer at a time")
    monkeypatch.setattr("service.cli.catalogue.backfill", lambda *_: 0)
    parts, news = app.extensions["tthc"], read_record(dossier("A-1", due_at=None))
    client.push(dossier("A-2", due_at="2023-10-09"))
    assert isinstance(news, DossierEvent)
    with database.writing() as session:
        pipeline = Pipeline(session, Sender(sources.find(session, "mot-cua").id, "r"), lambda: NOW, parts.hours)
        list(pipeline.file([news]))
        operator.limits("1.004873,5,working_day")
        filling = Thread(target=backfill, args=(parts, NOW))
        filling.start()
        filling.join(1)
        pipeline.close()
    filling.join(20)
    assert due_days(client, "A-1") == ["2023-10-09"]
