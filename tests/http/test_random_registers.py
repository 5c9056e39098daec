"""Random registers over HTTP, on each database: every dossier is stored as it stands in its row."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from werkzeug.test import TestResponse

from service.domain.dossier.statuses import Status
from service.schemas.fields import parse_moment
from tests.support.client import Client
from tests.support.random_registers import Found, RandomSheet, csv_files, workbooks, write_workbook
from tests.support.register_files import send

FEW = settings(
    max_examples=4,
    phases=[Phase.generate],  # to make a failing one smaller would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MOMENTS = ("received_at", "due_at", "finished_at")


def answered(ask: Callable[[], TestResponse]) -> Any:
    """Ask until there is an answer: the database of a busy machine may be told that it is late (503)."""
    return next(response.json for response in islice(iter(ask, None), 20) if response.status_code != 503)


def stored(client: Client, code: str) -> tuple[Any, ...]:
    """Return the moments and the status of a dossier as the service answers them."""
    history = answered(lambda: client.http.get(f"/api/v1/dossiers/{code}", headers=client.auth))
    return (*(history[name] and parse_moment(history[name]) for name in MOMENTS), history["status"])


def assert_stored(client: Client, name: str, content: bytes, expected: list[Found]) -> None:
    answer = answered(lambda: send(client, name, content))
    assert (answer["received"], answer["rejected"]) == (len(expected), 0)
    by_code = {dossier.code: (*dossier.moments, Status(dossier.status).api_name) for dossier in expected}
    assert {code: stored(client, code) for code in by_code} == by_code


@FEW
@given(csv_files())
def test_a_random_text_file_is_stored_row_by_row(client: Client, drawn: tuple[bytes, RandomSheet]) -> None:
    content, sheet = drawn
    assert_stored(client, "so.csv", content, list(sheet.dossiers.values()))


@FEW
@given(workbooks())
def test_a_random_workbook_is_stored_row_by_row(client: Client, tmp_path: Path, drawn: list[RandomSheet]) -> None:
    write_workbook(tmp_path / "so.xlsx", drawn)
    shown = [dossier for sheet in drawn if not sheet.hidden for dossier in sheet.dossiers.values()]
    assert_stored(client, "so.xlsx", (tmp_path / "so.xlsx").read_bytes(), shown)
