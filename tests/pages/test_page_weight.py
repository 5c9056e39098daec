"""What a view of the details page costs, counted and not timed; `make bench` times it beside its questions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from bench.details_page import ASSETS, MAX_BYTES, QUESTIONS
from tests.support.demonstration import QUERY, UNIT

PAGE = f"/units/{UNIT}?{QUERY}"


@contextmanager
def statements(app: Flask) -> Iterator[Callable[[], int]]:
    """Count the statements that run until the block ends."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    engine = app.extensions["tthc"].database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield lambda: len(seen)
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_details_page_runs_no_more_statements_than_the_questions_behind_it(demo_app: Flask) -> None:
    client = demo_app.test_client()
    with statements(demo_app) as of_page:
        assert client.get(PAGE).status_code == 200
    with statements(demo_app) as of_questions:
        for question in QUESTIONS:
            client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&{question}")
    assert 0 < of_page() <= of_questions()


@pytest.mark.parametrize("path", [PAGE, "/static/pages.css"], ids=["page", "styles"])
def test_what_a_first_view_fetches_comes_compressed(demo_app: Flask, path: str) -> None:
    assert demo_app.test_client().get(path, headers={"Accept-Encoding": "gzip"}).content_encoding == "gzip"


def test_a_first_view_fits_on_a_slow_line(demo_app: Flask) -> None:
    client = demo_app.test_client()
    paths = (PAGE, *(f"/static/{name}" for name in ASSETS))
    fetched = (client.get(path, headers={"Accept-Encoding": "gzip"}) for path in paths)
    assert sum(len(response.data) for response in fetched) < MAX_BYTES
