"""A dry run answers as the push would, and holds nobody up: it takes no lock and waits for none."""

import io
import json

import pytest

from service.ingest import pipeline
from service.store import sources
from service.store.database import Database
from tests.http.test_concurrency import news_of
from tests.support.client import Client, dossier
from tests.support.senders import SenderB, hoso

BATCH = "/api/v1/dossiers/batch"


def test_a_dry_run_at_every_door_is_answered_while_others_hold_the_locks(
    client: Client, bare: SenderB, database: Database
) -> None:
    client.push(dossier("A-1"))
    http, auth = client.http, client.auth
    heard = {"units": [{"unit_code": "H23.45", "nothing_new_until": "2023-10-02"}]}
    with database.writing() as session:
        for source in sources.all_sources(session):
            sources.lock_for_push(session, source.id)
        answers = [
            http.post("/api/v1/dossiers?dry_run=1", json=dossier("A-2"), headers=auth),
            http.post(f"{BATCH}?dry_run=1", json=[dossier("A-3")], headers=auth),
            http.delete("/api/v1/dossiers/A-1?dry_run=1", headers=auth),
            http.post("/api/v1/heartbeats?dry_run=1", json=heard, headers=auth),
            http.post("/national/DongBoHoSoMC?dry_run=1", json=[hoso()], headers=bare.headers),
            http.post(
                "/api/v1/dossiers/import",
                data={"dry_run": "1", "file": (io.BytesIO(b"code,unit_code\nA-4,H23.45\n"), "a.csv")},
                headers=auth,
            ),
        ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200, 422]
    assert client.counts(as_of="2023-10-05", period="2023")["workload"] == 1


@pytest.mark.parametrize("part", [1, 7, 500])
def test_news_of_one_dossier_in_several_parts_of_a_request_are_judged_as_in_a_push(
    client: Client, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(pipeline, "CHUNK", part)
    client.ndjson(news_of(1)[:50])
    records, headers = news_of(2)[:200], {**client.auth, "Accept": "application/x-ndjson"}
    dry = client.http.post(f"{BATCH}?dry_run=1", json=records, headers=headers)
    real = client.http.post(BATCH, json=records, headers=headers)
    assert dry.text == real.text
    assert {"created", "updated"} <= {line["result"] for line in map(json.loads, real.text.splitlines())}
