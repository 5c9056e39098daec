"""The description and the service agree: schemathesis sends what the one allows and checks what the other answers."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from service.app import create_app
from service.attempts import Attempts
from service.settings import Settings
from tests.support.client import Client, dossier

pytestmark = pytest.mark.filterwarnings("ignore")

# What no schema can say: a status needs a receipt date, years run from 1990 to 2100, a unit is known.
NOT_ALL_RULES = [positive_data_acceptance]


@pytest.fixture(params=["with a key", "without a key"])
def described(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> Any:
    import shutil

    path = tmp_path / "described.sqlite3"
    shutil.copy(sqlite_template, path)
    app = create_app(Settings(database_url=f"sqlite:///{path}", cache_seconds=0, log_level="ERROR"))
    key = app.test_cli_runner().invoke(args=["sources", "add", "fuzz"]).stdout.splitlines()[-1]
    Client(app.test_client(), key).push(dossier())
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    if request.param == "with a key":
        schema.config.update(headers={"Authorization": f"Bearer {key}"})
    return schema


def test_every_described_call_answers_as_described(described: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Attempts, "failed", lambda *_: None)  # it tries many wrong keys, and wants 401 for each
    for found in described.get_all_operations():
        operation = found.ok()
        if operation.path == "/oembed":  # its specification wants 501 for another format, a fault in any other answer
            continue

        @given(case=operation.as_strategy())
        @settings(max_examples=25, suppress_health_check=list(HealthCheck))
        def check(case: Any) -> None:
            case.call_and_validate(excluded_checks=NOT_ALL_RULES)

        check()


def test_every_route_is_described_or_on_the_list(app: Flask) -> None:
    from service.http.openapi.specification import specification

    described = set(specification()["paths"])
    routes = {
        str(rule).replace("<path:", "{").replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/")
    }
    assert routes - described == set()
