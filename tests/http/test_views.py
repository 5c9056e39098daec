"""Views: every answer about a unit's widget and page is counted, whoever gives it, and nothing about who asked."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from service.components import Components
from service.store.database import Database
from service.store.statistics.views import VIEWS, add_views
from tests.support.client import UNIT, Client, dossier

WIDGET, PAGE = f"/api/v1/widget/{UNIT}", f"/units/{UNIT}"


@pytest.fixture
def parts(app: Flask, client: Client) -> Iterator[Components]:
    """Give the parts of a service that knows the unit."""
    client.push(dossier())
    yield app.extensions["tthc"]


def seen(client: Client, parts: Components) -> dict[str, int]:
    """Write what was counted, and return how often the unit was seen by kind, in all."""
    parts.views.write(parts.database)
    answer = client.get(f"/api/v1/views/{UNIT}").json
    return {kind: answer[kind]["all"] for kind in ("widget", "page", "total")}


ANSWERS = {
    "the widget": (WIDGET, 200, (1, 0)),
    "the widget under the other style of code": ("/api/v1/widget/000.00.45.H23", 200, (1, 0)),
    "the frame": (f"/embed/{UNIT}", 200, (1, 0)),
    "the page": (PAGE, 200, (0, 1)),
    "an unknown unit": ("/api/v1/widget/H99.99", 404, (0, 0)),
    "a wrong question": (f"{WIDGET}?period=x", 400, (0, 0)),
    "the numbers alone": (f"/api/v1/stats?unit={UNIT}", 200, (0, 0)),
    "how to embed": (f"{PAGE}/embed", 200, (0, 0)),
}


@pytest.mark.parametrize(("path", "status", "views"), ANSWERS.values(), ids=ANSWERS)
def test_what_is_a_view(client: Client, parts: Components, path: str, status: int, views: tuple[int, int]) -> None:
    assert client.http.get(path).status_code == status
    assert seen(client, parts) == {"widget": views[0], "page": views[1], "total": sum(views)}


def test_an_answer_that_the_client_has_is_a_view(client: Client, parts: Components) -> None:
    etag = client.http.get(WIDGET).headers["ETag"]
    assert client.http.get(WIDGET, headers={"If-None-Match": etag}).status_code == 304
    assert seen(client, parts)["widget"] == 2


def test_who_only_asks_for_the_headers_has_seen_nothing(client: Client, parts: Components) -> None:
    client.http.head(WIDGET)
    assert seen(client, parts)["total"] == 0


@pytest.mark.parametrize(
    ("moment", "views"),
    [
        ("2023-10-04T13:40:30+07:00", (3, 3, 3, 3)),
        ("2023-10-04T13:45:30+07:00", (0, 3, 3, 3)),
        ("2023-10-05T00:30:00+07:00", (0, 0, 3, 3)),
        ("2023-11-01T00:00:00+07:00", (0, 0, 0, 3)),
    ],
    ids=["within five minutes", "later that day", "the next local day", "the next month"],
)
def test_spans_are_local(
    client: Client, database: Database, parts: Components, moment: str, views: tuple[int, ...]
) -> None:
    minute = datetime(2023, 10, 4, 6, 37, tzinfo=UTC)  # 13:37 in Viet Nam
    with database.writing() as session:
        add_views(session, {(UNIT, "widget", minute): 2}, minute)
        add_views(session, {(UNIT, "widget", minute): 1}, minute)
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        counted = client.get(f"/api/v1/views/{UNIT}").json["widget"]
    assert tuple(counted[name] for name in ("now", "today", "month", "all")) == views


def test_minutes_that_nobody_asks_for_are_let_go(database: Database) -> None:
    then, later = datetime(2023, 10, 4, 6, tzinfo=UTC), datetime(2023, 12, 24, 6, tzinfo=UTC)
    with database.writing() as session:
        add_views(session, {(UNIT, "page", then): 2}, then)
        add_views(session, {(UNIT, "page", later): 1}, later)
    with database.reading() as session:
        kept = sorted(tuple(row) for row in session.execute(select(VIEWS.c.span, VIEWS.c.views)))
    assert kept == [("all", 3), ("day", 1), ("minute", 1), ("month", 1), ("month", 2)]


def test_what_cannot_be_written_is_written_later(
    client: Client, parts: Components, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_database: Database) -> None:
        raise TimeoutError

    client.http.get(WIDGET)
    with monkeypatch.context() as away:
        away.setattr(Database, "writing", refuse)
        parts.views.write(parts.database)
    client.http.get(WIDGET)
    assert seen(client, parts)["widget"] == 2


def test_the_widget_prints_them_on_request(client: Client, parts: Components) -> None:
    client.http.get(PAGE)
    parts.views.write(parts.database)
    line = "Lượt xem: đang truy cập 1, hôm nay 1, trong tháng 1, tất cả 1"
    assert client.widget(counter="on")["text"]["views"] == line
    assert line in client.http.get(f"/embed/{UNIT}?counter=on").text


def test_the_widget_says_nothing_of_them_unasked(client: Client, parts: Components) -> None:
    assert "views" not in client.widget()


def test_they_are_scraped(client: Client, parts: Components) -> None:
    client.http.get(PAGE)
    parts.views.write(parts.database)
    assert f'tthc_views_total{{kind="page",unit="{UNIT}"}} 1.0' in client.http.get("/metrics").text
