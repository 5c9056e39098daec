"""With the database away, public questions get their last good answer, with its age; mistakes of ours stay errors."""

from time import sleep
from typing import Any

import orjson
import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.test import EnvironBuilder

from service.components import ResponseCache
from service.http.response_cache import Rendered
from service.last_good import LastGoodAnswers
from service.store.database import Database
from tests.support.client import Client, dossier

PATHS = ["/api/v1/widget/H23.45", "/api/v1/units", "/units/H23.45", "/badge/H23.45.svg", "/embed/H23.45"]


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(Database, "reading", refused)


def away() -> OperationalError:
    return OperationalError("SELECT 1", None, Exception("connection refused: Connection refused"))


def test_the_last_good_answer_is_there_when_no_thread_is_free(client: Client) -> None:
    client.push(dossier("A-1"))
    client.get(PATHS[0])
    kept = client.http.application.extensions["tthc-kept"]
    environ = EnvironBuilder(PATHS[0]).get_environ()
    assert kept(environ, True).body is kept(environ, True).body  # made once: to read a large one takes 50 ms
    assert (kept(environ, True).age, orjson.loads(kept(environ, True).body)["stale"]) == (0, True)


@pytest.mark.parametrize("path", PATHS)
def test_the_last_good_answer_is_given_with_its_age(client: Client, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    client.push(dossier("A-1"))
    assert client.get(path).status_code == 200
    fail(monkeypatch, away())
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Age"]) == (200, "0")


def test_the_last_good_widget_says_that_it_is_stale(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.push(dossier("A-1", changed_at="2023-10-05T07:00:00+07:00"))
    before: Any = client.get(PATHS[0], as_of="2023-10-05T08:00:00+07:00").json
    fail(monkeypatch, away())
    assert before["stale"] is False
    assert client.get(PATHS[0], as_of="2023-10-05T08:00:00+07:00").json == before | {"stale": True}


def test_what_was_never_asked_is_refused_with_a_moment_to_try_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(monkeypatch, away())
    answer = client.get("/api/v1/widget/H23.45")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_it_ends_when_the_database_is_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.push(dossier("A-1"))
    client.get(PATHS[0])
    with monkeypatch.context() as patched:
        fail(patched, away())
        assert "Age" in client.get(PATHS[0]).headers
    client.push(dossier("A-2"))
    assert "Age" not in client.get(PATHS[0]).headers


def test_a_mistake_of_ours_is_not_hidden(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.push(dossier("A-1"))
    client.get(PATHS[0])
    fail(monkeypatch, ProgrammingError("SELECT x", None, Exception("no such column: x")))
    with pytest.raises(AssertionError, match="answered 500"):  # no described answer
        client.get(PATHS[0])


@pytest.mark.parametrize(("made", "kept"), [(1, False), (2, True)])
def test_questions_that_are_asked_once_drop_none_that_is_repeated(made: int, kept: bool) -> None:
    answers = LastGoodAnswers()
    for _ in range(made):
        answers.keep("a portal's widget", _rendered(1))
    for number in range(100):
        answers.keep(number, _rendered(1_000_000))
    assert (answers.get("a portal's widget") is not None) == kept


def _rendered(size: int) -> Rendered:
    return Rendered(bytes(size), "text/plain", b"")


def test_an_unchanged_answer_about_the_past_shows_too_that_the_database_is_back() -> None:
    """Nothing is made anew, but the mark by which that is known came from the database."""
    kept, answer = ResponseCache(0.001), Rendered(b"x", "text/plain", b"x")
    for _ in range(2):
        kept.get_or_last_good("question", lambda: answer, lambda _error: True, lambda: "unchanged")
        told = [kept.last_good.may_ask() for _ in range(2)]
        sleep(0.01)
        kept.last_good._ask_again_at = 0.0  # the database was away, and it is time for a trial
    assert told == [True, True]


@pytest.mark.parametrize("code", ["malformed!", "timed out", "no space left on device"])
def test_a_question_in_the_words_of_a_driver_says_nothing_about_the_database(client: Client, code: str) -> None:
    """One address with twenty such questions a second gave everybody old numbers."""
    client.push(dossier("A-1"))
    client.get(PATHS[0])
    client.push(dossier("A-2"))
    assert client.get(f"/api/v1/widget/{code}").status_code == 404
    answer = client.get(PATHS[0])
    assert ("Warning" in answer.headers, answer.json["stale"]) == (False, False)
