"""An answer of the last second is given again without the framework, and is the same to the letter."""

from pathlib import Path

import pytest

from service.app import create_app
from service.settings import Settings
from tests.support.client import Client, dossier

PATH = "/api/v1/widget/H23.45?as_of=2023-10-04"


@pytest.fixture
def keeping(sqlite_template: Path, tmp_path: Path) -> Client:
    import shutil

    shutil.copy(sqlite_template, tmp_path / "kept.sqlite3")
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'kept.sqlite3'}", log_level="ERROR"))
    key = app.test_cli_runner().invoke(args=["sources", "add", "giu"]).stdout.splitlines()[-1]
    client = Client(app.test_client(), key)
    client.push(dossier())
    return client


def test_a_repeated_answer_is_the_same_to_the_letter(keeping: Client) -> None:
    first, again = keeping.http.get(PATH), keeping.http.get(PATH)
    own = {"X-Request-Id"}
    headers = [{k: v for k, v in answer.headers.items() if k not in own} for answer in (first, again)]
    assert (first.data, headers[0]) == (again.data, headers[1])
    assert first.headers["X-Request-Id"] != again.headers["X-Request-Id"]


def test_a_push_is_seen_although_answers_are_kept(keeping: Client) -> None:
    before = keeping.http.get(PATH).json["counts"]["workload"]
    keeping.push(dossier("A-2"))
    assert (before, keeping.http.get(PATH).json["counts"]["workload"]) == (1, 2)


def test_a_repeated_answer_is_counted(keeping: Client) -> None:
    for _ in range(3):
        keeping.http.get(PATH)
    line = 'tthc_http_requests_total{method="GET",route="/api/v1/widget/<unit>",status="200"} '
    counted = next(row for row in keeping.http.get("/metrics").text.splitlines() if row.startswith(line))
    assert float(counted.removeprefix(line)) >= 3


def test_who_has_the_answer_still_gets_304(keeping: Client) -> None:
    etag = keeping.http.get(PATH).headers["ETag"]
    assert keeping.http.get(PATH, headers={"If-None-Match": etag}).status_code == 304
