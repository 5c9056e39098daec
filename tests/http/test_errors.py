"""What a caller is told: one text, whichever door the question came through."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from service.app import create_app
from service.domain.errors import BadData, BadQuestion, CallerError, Forbidden, NotFound, Unauthenticated, Unavailable
from service.settings import Settings
from service.store.database import Database
from tests.support.client import Client, dossier


def _all(kind: type[CallerError]) -> set[type[CallerError]]:
    return {kind}.union(*(_all(inner) for inner in kind.__subclasses__()))


def test_every_refusal_is_of_one_kind_that_the_web_translates(app: Flask) -> None:
    kinds = (BadQuestion, Unauthenticated, Forbidden, NotFound, BadData, Unavailable)
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


def _broken(app: Flask, statement: str) -> Any:
    """Ask a route that runs a statement of its own."""

    @app.get("/broken")
    def _broken_view() -> str:
        with app.extensions["tthc"].database.reading() as session:
            session.connection().exec_driver_sql(statement)
        return ""

    return app.test_client().get("/broken")


@pytest.mark.parametrize("statement", ["SELECT no_such_column FROM source", "SELECT * FROM no_such_table", "SELEKT 1"])
def test_a_bug_in_a_statement_is_a_500_with_its_traceback_in_the_log(
    app: Flask, statement: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = _broken(app, statement)
    assert answer.status_code == 500
    assert any(record.exc_info for record in caplog.records)


def test_a_lock_that_was_waited_for_too_long_is_a_503(client: Client, database: Database) -> None:
    other = Database(database.url.render_as_string(hide_password=False))
    with other.writing() as session:
        _lock_everything(session, other)
        with _short_waits(database):
            answer = client.push(dossier())
    other.engine.dispose()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


def _lock_everything(session: Session, database: Database) -> None:
    session.connection().exec_driver_sql("SELECT 1" if database.is_sqlite else "LOCK TABLE source IN EXCLUSIVE MODE")


@contextmanager
def _short_waits(database: Database) -> Iterator[None]:
    """Let every transaction wait for a lock for no longer than a moment."""

    def _shorten_sqlite(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    def _shorten_postgres(connection: Any) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")

    moment, shorten = ("checkout", _shorten_sqlite) if database.is_sqlite else ("begin", _shorten_postgres)
    event.listen(database.engine, moment, shorten)
    yield
    event.remove(database.engine, moment, shorten)


def test_a_database_that_cannot_be_reached_is_a_503(settings: Settings) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none" if "postgres" in settings.database_url else "sqlite:////proc/none.db"
    app = create_app(settings.model_copy(update={"database_url": url}))
    assert app.test_client().get("/api/v1/units").status_code == 503
