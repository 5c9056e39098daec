"""A source for trials: answered as a real one, and nothing of it is ever counted or shown."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from service.store import sources
from service.store.database import Database
from tests.support.client import Client, dossier
from tests.support.senders import SenderB
from tests.support.tallies import differences

LATE = dossier(
    "T-1", status="resolved", finished_at="2023-10-09", unit_name="Tên thử", field_code="G01", field_name="Thử"
)
OPEN = dossier("T-2", unit_code="H99.01", submitted_at="2023-09-25T08:00:00+07:00")
ASKED = {"period": "2023", "as_of": "2023-10-20"}


@pytest.fixture
def trial(app: Flask, database: Database) -> Client:
    """Give the client of a source for trials."""
    with database.writing() as session:
        return Client(app.test_client(), sources.add(session, "thu", None, datetime.now(UTC), is_test=True))


def test_its_pushes_are_answered_as_real_ones(trial: Client) -> None:
    results = [trial.push(given).json["result"] for given in (LATE, LATE, dossier("T-1"))]
    assert results == ["created", "unchanged", "updated"]


def test_its_warnings_are_told(trial: Client) -> None:
    told = trial.push(dossier("T-1", status="resolved")).json["warnings"]
    assert [warning["kind"] for warning in told] == ["closed_without_end"]


def test_its_dossiers_can_be_read_and_deleted(trial: Client) -> None:
    trial.push(LATE)
    history = trial.http.get("/api/v1/dossiers/T-1", headers=trial.auth).json
    assert history is not None
    assert (history["received_at"], history["status"]) == ("2023-10-02T08:00:00+07:00", "resolved")
    assert trial.http.delete("/api/v1/dossiers/T-1", headers=trial.auth).json == {"code": "T-1", "result": "deleted"}


def test_nothing_of_it_is_counted(client: Client, trial: Client, database: Database) -> None:
    client.push(dossier())
    before = [client.stats(formula=each, **ASKED) for each in ("timed/1", "cohort/1", "national/2", "workload/1")]
    trial.batch([LATE, OPEN])
    assert [
        client.stats(formula=each, **ASKED) for each in ("timed/1", "cohort/1", "national/2", "workload/1")
    ] == before
    with database.reading() as session:
        assert differences(session) == []


UNUSUAL: dict[str, list[dict[str, Any]]] = {
    "late by less than it was paused": [LATE | {"pauses": [{"from": "2023-10-03", "to": "2023-10-09"}]}],
    "its deadline was moved": [dossier("T-1"), LATE | {"due_at": "2023-10-12"}],
    "waits for its receipt": [
        dossier("T-1", status="submitted", received_at=None, submitted_at="2023-09-25T08:00:00+07:00")
    ],
}


@pytest.mark.parametrize("sent", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_nothing_unusual_of_it_is_counted(client: Client, trial: Client, sent: list[dict[str, Any]]) -> None:
    client.push(dossier())
    before = client.counts(**ASKED)
    results = [trial.push(record).json["result"] for record in sent]
    assert (results[0], client.counts(**ASKED)) == ("created", before)


def test_a_trial_alone_makes_no_unit(trial: Client) -> None:
    trial.batch([LATE, OPEN])
    assert trial.get("/api/v1/units").json == {"units": []}


def test_no_warning_of_it_is_public(client: Client, trial: Client) -> None:
    client.push(dossier())
    before = client.get("/api/v1/quality").json
    trial.push(dossier("T-1", status="resolved"))
    assert client.get("/api/v1/quality").json == before


def test_the_national_format_is_tried_alike(client: Client, trial: Client) -> None:
    sent = {
        "MaHoSo": "H23.45-231002-0009",
        "MaTTHC": "1.004873",
        "NgayTiepNhan": "20231002080000",
        "TrangThaiHoSo": "4",
    }
    answer = SenderB(trial.http, trial.key).post("DongBoHoSoMC", [sent])
    assert answer["result"]["created"] == 1
    assert client.get("/api/v1/units").json == {"units": []}


def test_its_dossiers_stay_a_trial(app: Flask, client: Client, trial: Client) -> None:
    assert app.test_cli_runner().invoke(args=["sources", "transfer", "thu", "mot-cua"]).exit_code == 2


def test_a_limit_of_the_catalogue_gives_a_deadline(app: Flask, client: Client, trial: Client, tmp_path: Path) -> None:
    file = tmp_path / "procedures.csv"
    heading = "code,name,field_code,field_name,limit_amount,limit_unit"
    file.write_text(f"{heading}\n1.004873,A,,,3,working_day\n", encoding="utf-8")
    assert app.test_cli_runner().invoke(args=["procedures", "import", str(file)]).exit_code == 0
    trial.push(dossier("T-1", due_at=None))
    history = trial.http.get("/api/v1/dossiers/T-1", headers=trial.auth).json
    assert history is not None
    assert history["due_moment"]["due_at"][:10] == "2023-10-05"


def test_how_current_a_unit_is_comes_from_real_sources(client: Client, trial: Client) -> None:
    client.batch([dossier("A-1", changed_at="2023-10-02T09:00:00+07:00"), dossier("A-2", changed_at="2023-10-19")])
    trial.push(dossier("T-1", changed_at="2023-10-09T09:00:00+07:00"))
    assert client.stats(as_of="2023-10-10", period="2023")["updated_at"] == "2023-10-02T09:00:00+07:00"


def test_the_list_of_sources_says_it(app: Flask, trial: Client) -> None:
    assert "nguồn thử" in app.test_cli_runner().invoke(args=["sources", "list"]).output


def test_its_heartbeats_are_answered_and_nobody_is_heard(client: Client, trial: Client) -> None:
    trial.push(dossier("T-1", unit_code="H23.99"))
    body = {"units": [{"unit_code": "H23.99", "nothing_new_until": "2023-10-02"}]}
    assert trial.http.post("/api/v1/heartbeats", json=body, headers=trial.auth).json == {"heard": 1}
    assert client.get("/api/v1/units").json == {"units": []}
