"""What is said of days before today is kept while nothing is committed; a commit of anybody makes it anew."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from service.app import create_app
from service.domain.calendar.local_time import local_day
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.questions import Question, Report
from service.http.resources import statistics
from service.reporting import report
from service.settings import Settings
from service.store.database import Database
from tests.ops.test_stop import add_source
from tests.support.client import Client, dossier

PAST = "/api/v1/stats?unit=H23.45&as_of=2023-10-04"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, log_level="ERROR")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    counted: Counter[str] = Counter()
    original = report.report

    def counting(session: Session, question: Question, hours: OfficeHours) -> Report:
        counted[question.unit] += 1
        return original(session, question, hours)

    monkeypatch.setattr(statistics, "report", counting)
    return counted


def ask(app: Flask, path: str) -> int:
    """Ask when the answer of the last second is gone; return the workload."""
    app.extensions["tthc"].answers._get.cache_clear()
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    workload: int = answer.json["counts"]["workload"]
    return workload


def undisturbed(database: Database, work: Callable[[], object]) -> object:
    """Return what the work gave when nobody else committed meanwhile: PostgreSQL's autovacuum does when it likes."""
    for _ in range(20):
        before = database.mark()
        result = work()
        if database.mark() == before:
            return result
    pytest.fail("the mark never stayed")


@pytest.mark.parametrize("path", [PAST, "/api/v1/stats?unit=H23.45&period=2023"])
def test_the_past_is_not_worked_out_again(
    app: Flask, client: Client, database: Database, made: Counter[str], path: str
) -> None:
    client.push(dossier())

    def ask_twice() -> tuple[int, int]:
        ask(app, path)
        made.clear()
        return ask(app, path), made.total()

    assert undisturbed(database, ask_twice) == (1, 0)


@pytest.mark.parametrize("query", ["", "&period=ytd", "&period={:%Y}", "&as_of={}"])
def test_what_is_not_over_is(app: Flask, client: Client, made: Counter[str], query: str) -> None:
    client.push(dossier())
    path = f"/api/v1/stats?unit=H23.45{query.format(local_day(datetime.now(UTC)))}"  # of now: a run may pass midnight
    assert (ask(app, path), ask(app, path), made.total()) == (1, 1, 2)


def test_a_push_is_seen(app: Flask, client: Client) -> None:
    client.push(dossier())
    before = ask(app, PAST)
    client.push(dossier("A-2"))
    assert (before, ask(app, PAST)) == (1, 2)


def test_a_push_through_another_replica_is_seen(app: Flask, client: Client, database_url: str) -> None:
    client.push(dossier())
    before = ask(app, PAST)
    other = create_app(Settings(database_url=database_url, log_level="ERROR"))
    Client(other.test_client(), client.key).push(dossier("A-2"))
    other.extensions["tthc"].database.engine.dispose()
    assert (before, ask(app, PAST)) == (1, 2)


def test_what_an_operator_changed_is_seen(app: Flask, client: Client, database_url: str, made: Counter[str]) -> None:
    client.push(dossier())
    ask(app, PAST)
    add_source(database_url, "another")
    ask(app, PAST)
    assert made.total() == 2


def test_each_commit_changes_the_mark_and_reading_does_not(database: Database) -> None:
    def read() -> None:
        with database.reading() as session:
            session.connection()

    undisturbed(database, read)
    before = database.mark()
    add_source(str(database.url.render_as_string(hide_password=False)), "another")
    assert before != database.mark()
