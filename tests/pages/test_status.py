"""The status of the system: silent units, days with news, the last recount; nothing of sources."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from service import __version__
from service.domain.calendar.local_time import VIETNAM
from service.store import job_runs
from service.store.database import Database
from service.store.job_runs import ScheduledRun
from tests.pages.reading import XHTML, strict, text_of, texts
from tests.support.catalogues import Operator
from tests.support.client import UNIT, Client, dossier

NOON = datetime(2026, 3, 20, 12, tzinfo=VIETNAM)  # a Friday
UNITS = (
    "code,name,level,parent_code,valid_from,valid_to,successor_codes",
    f"{UNIT},Huyện Tứ Kỳ,district,,,,",
    "H23.46,Huyện Thanh Hà,district,,,,",
)


@pytest.fixture
def noon() -> Iterator[None]:
    """Let it be noon of one Friday."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def two_units(operator: Operator) -> None:
    """Import two units that should send."""
    operator.imports("units", *UNITS)


def lines(client: Client, **params: str) -> list[str]:
    """Return what the page says of each unit."""
    page = strict(client.get("/status", **params).text)
    return [text for text in texts(page, "li") if "Huyện" in text]


def heard(client: Client, name: str) -> str:
    """Return the line that is drawn for the days on which a unit was heard."""
    page = strict(client.get("/status").text)
    item = next(one for one in page.iter(XHTML + "li") if name in text_of(one))
    return next(one.get("d") or "" for one in item.iter() if one.get("class") == "heard")


def push(client: Client, days_ago: int, code: str = "H23.45-1") -> None:
    with time_machine.travel(NOON - timedelta(days=days_ago), tick=False):
        assert client.push(dossier(code)).status_code == 201


@pytest.mark.usefixtures("noon", "two_units")
def test_a_silent_unit_stands_first_and_a_heard_one_says_when(client: Client) -> None:
    push(client, days_ago=1)
    assert lines(client) == [
        "Huyện Thanh Hà chưa gửi số liệu chưa gửi lần nào",
        "Huyện Tứ Kỳ lần gửi gần nhất 19/03/2026 · 1 ngày có dữ liệu",
    ]
    assert "1 trong số 2 đơn vị chưa gửi số liệu trong 5 ngày làm việc gần đây." in client.get("/status").text


@pytest.mark.usefixtures("noon")
def test_every_unit_that_is_listed_is_told_in_the_first_line(client: Client, operator: Operator) -> None:
    """Tứ Kỳ has a unit below it, so it need not send itself; it is listed all the same, as it was heard."""
    operator.imports("units", *UNITS, f"{UNIT}.01,Xã thuộc Huyện Tứ Kỳ,commune,{UNIT},,,")
    push(client, days_ago=1)
    assert len(lines(client)) == 3
    assert "Huyện Tứ Kỳ không phải gửi · lần gửi gần nhất 19/03/2026 · 1 ngày có dữ liệu" in lines(client)
    told = text_of(strict(client.get("/status").text))
    assert "2 trong số 2 đơn vị chưa gửi số liệu" in told
    assert "Ngoài ra có 1 đơn vị không phải gửi mà vẫn gửi." in told


@pytest.mark.usefixtures("noon", "two_units")
def test_english_says_the_same(client: Client) -> None:
    push(client, days_ago=1)
    assert lines(client, lang="en") == [
        "Huyện Thanh Hà silent no news yet",
        "Huyện Tứ Kỳ last news 19/03/2026 · days heard: 1",
    ]


@pytest.mark.usefixtures("noon", "two_units")
@pytest.mark.parametrize(
    ("days_ago", "drawn"), [(0, "M89 4h1"), (89, "M0 4h1"), (90, "")], ids=["today", "first-day", "too-old"]
)
def test_the_bar_holds_the_last_90_days(client: Client, days_ago: int, drawn: str) -> None:
    push(client, days_ago)
    assert heard(client, "Tứ Kỳ") == drawn


@pytest.mark.usefixtures("noon", "two_units")
def test_days_in_a_row_are_one_line(client: Client) -> None:
    for days_ago in (5, 4, 3, 0):
        push(client, days_ago, f"H23.45-{days_ago}")
    assert heard(client, "Tứ Kỳ") == "M84 4h3M89 4h1"


@pytest.mark.parametrize(
    ("rows_off", "said"), [(0, "khớp với số liệu"), (3, "có chênh lệch")], ids=["agrees", "differs"]
)
@pytest.mark.usefixtures("noon")
def test_the_last_recount_is_told(client: Client, database: Database, rows_off: int, said: str) -> None:
    assert "chưa có</li>" in client.get("/status").text
    at = (NOON - timedelta(hours=9)).astimezone(UTC)
    with database.writing() as session:
        lease = job_runs.take(session, ScheduledRun("verify-tallies", at, at + timedelta(days=1)), "me", at, 0)
        assert lease is not None
        job_runs.finish(session, lease, at + timedelta(minutes=1), {"rows_off": rows_off}, None)
    told = text_of(strict(client.get("/status").text))
    assert f"20/03/2026 03:01:00, {said}" in told


@pytest.mark.usefixtures("noon")
def test_the_version_is_told_and_no_source(client: Client) -> None:
    client.push(dossier())
    html = client.get("/status").text
    assert __version__ in html
    assert "mot-cua" not in html


def test_an_empty_service_has_a_status(client: Client) -> None:
    assert "Chưa có đơn vị nào phải gửi số liệu." in client.get("/status").text


def test_another_language_is_refused(client: Client) -> None:
    assert client.get("/status", lang="fr").status_code == 400


def test_the_first_page_leads_here(client: Client) -> None:
    assert 'href="/status"' in client.get("/").text
    assert 'href="/status?lang=en"' in client.get("/", lang="en").text


def test_the_demonstration_is_as_old_as_its_numbers(demo_app: Flask) -> None:
    page = text_of(strict(demo_app.test_client().get("/status").text))
    assert "Xã An Thanh chưa gửi số liệu lần gửi gần nhất 04/10/2023" in " ".join(page.split())
