"""What a caller is told: one text, whichever door the question came through."""

import pytest
from flask import Flask

from service.domain.errors import BadData, BadQuestion, CallerError, NotFound
from tests.support.client import Client


def _all(kind: type[CallerError]) -> set[type[CallerError]]:
    return {kind}.union(*(_all(inner) for inner in kind.__subclasses__()))


def test_every_refusal_is_of_one_kind_that_the_web_translates(app: Flask) -> None:
    kinds = (BadQuestion, NotFound, BadData)
    assert [kind.__name__ for kind in _all(CallerError) - {CallerError} if not issubclass(kind, kinds)] == []


@pytest.mark.parametrize(
    ("query", "command", "status"),
    [
        ("unit=H99", ["--unit", "H99"], 404),
        ("unit=H99&period=soon", ["--unit", "H99", "--period", "soon"], 400),
        ("unit=H99&formula=mine", ["--unit", "H99", "--formula", "mine"], 400),
        ("unit=H99&as_of=2099-01-01", ["--unit", "H99", "--as-of", "2099-01-01"], 400),
    ],
)
def test_web_and_commands_tell_the_same(client: Client, query: str, command: list[str], status: int) -> None:
    told = client.http.get(f"/api/v1/stats?{query}")
    printed = client.http.application.test_cli_runner().invoke(args=["stats", *command])
    assert told.status_code == status
    assert printed.exit_code == 2
    assert told.json["detail"] in printed.output
