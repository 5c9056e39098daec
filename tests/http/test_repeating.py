"""An answer of the last second is given again without the framework, and is the same to the letter."""

import re
from pathlib import Path

import pytest

from service.app import create_app
from service.http import response_cache
from service.http.response_cache import PAGE_PARAMETERS, cache_key
from service.pages import embeds
from service.settings import Settings
from tests.support.client import Client, dossier
from tests.support.keeping import give_kept_answers

PATH = "/api/v1/widget/H23.45?as_of=2023-10-04"


@pytest.fixture
def keeping(sqlite_template: Path, tmp_path: Path) -> Client:
    import shutil

    shutil.copy(sqlite_template, tmp_path / "kept.sqlite3")
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'kept.sqlite3'}", log_level="ERROR"))
    give_kept_answers(app)
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


KEPT = (
    PATH,
    "/api/v1/stats?unit=H23.45&as_of=2023-10-04&group_by=channel",
    "/api/v1/units",
    "/api/v1/formulas",
    "/api/v1/quality",
    "/badge/H23.45.json?as_of=2023-10-04",
    "/oembed?url=http://localhost/units/H23.45",
    "/units/H23.45/report.json?as_of=2023-10-04",
)


@pytest.mark.parametrize("path", KEPT)
@pytest.mark.parametrize("encoding", ["", "gzip, br"])
def test_an_answer_that_may_be_repeated_has_no_header_of_its_own(keeping: Client, path: str, encoding: str) -> None:
    """The contract between view and cache: whatever a hook adds would be lost when the answer is repeated."""
    first, again = (keeping.http.get(path, headers={"Accept-Encoding": encoding}) for _ in range(2))
    own = {"X-Request-Id", "Content-Length", "Content-Encoding"}
    headers = [{name: value for name, value in answer.headers if name not in own} for answer in (first, again)]
    assert first.status_code == 200
    assert headers[0] == headers[1]
    assert "Accept-Encoding" in again.headers["Vary"]


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


SAME = [
    ("/api/v1/widget/A?formula=timed&period=2023", "/api/v1/widget/A?period=2023&formula=timed"),
    ("/api/v1/widget/A", "/api/v1/widget/A?decimals=1&subtree=1&lang=vi"),
    ("/api/v1/stats?unit=A&as_of=2023-10-04T13:37:34%2B07:00", "/api/v1/stats?as_of=2023-10-04T13:37:34+07:00&unit=A"),
    ("/units/A", "/units/A?utm_source=portal"),
    ("/units/A", "/units/A?period=&q="),
    ("/units/A?period=2023", "/units/A?period=%32023"),
    ("/units/H23.45/report.json", "/units/h23.45/report.json"),
    ("/badge/H23.45.svg?unit=h23.45", "/badge/h23.45.svg?unit=H23.45"),
    ("/api/v1/widget/H23.45", "/api/v1/widget/45.h23"),
]
OTHER = [
    ("/api/v1/widget/A", "/api/v1/widget/A?decimals=2"),
    ("/api/v1/widget/A", "/api/v1/widget/A?peroid=2023"),
    ("/api/v1/widget/A", "/api/v1/widget/A?peroid="),
    ("/api/v1/units", "/api/v1/units?subtree=1"),
    ("/api/v1/stats?unit=A", "/api/v1/stats?unit=A&format=json"),
    ("/api/v1/widget/A?period=2023", "/api/v1/widget/A?period=2023&period=2024"),
    ("/units/A", "/units/A?lang=en"),
    ("/units/Xa-1", "/units/xa-1"),
    ("/embed/H23.45", "/units/H23.45"),
    ("/units/A?period=2023", "/units/A?period=&period=2023"),
    ("/embed/A?lang=en", "/embed/A?lang=&lang=en"),
    ("/api/v1/widget/A", "/api/v1/widget/A?theme=light"),  # the API refuses it: theme is no parameter there
]


def question(url: str, **given: str) -> object:
    path, _, query = url.partition("?")
    return cache_key({"wsgi.url_scheme": "http", "PATH_INFO": path, "QUERY_STRING": query, **given})


@pytest.mark.parametrize(("one", "another"), SAME)
def test_a_question_has_one_spelling(one: str, another: str) -> None:
    assert question(one) == question(another)


@pytest.mark.parametrize(("one", "another"), OTHER)
def test_different_questions_stay_apart(one: str, another: str) -> None:
    assert question(one) != question(another)


@pytest.mark.parametrize(("accept", "same"), [("*/*", True), ("text/html,*/*;q=0.8", True), ("text/csv", False)])
def test_what_a_client_accepts_counts_where_it_decides(accept: str, same: bool) -> None:
    assert (question("/api/v1/stats?unit=A", HTTP_ACCEPT=accept) == question("/api/v1/stats?unit=A")) is same


def test_an_answer_is_of_the_kind_under_which_it_is_kept(keeping: Client) -> None:
    """Of a long Accept header the key and the view read the same part."""
    path, csv_far_down = "/api/v1/stats?unit=H23.45&as_of=2023-10-04", f"text/x-{'a' * 200}, text/csv"
    kinds = [keeping.http.get(path, headers={"Accept": accept}).mimetype for accept in (csv_far_down, "*/*")]
    assert kinds == ["application/json"] * 2


def test_every_parameter_that_a_page_reads_makes_a_question_of_its_own() -> None:
    pages = Path(embeds.__file__).parent.glob("*.py")
    read = {name for page in pages for name in re.findall(r"request\.args\.get\(\"(\w+)\"", page.read_text())}
    assert read - PAGE_PARAMETERS == set()


@pytest.mark.parametrize("hops", [0, 1])
def test_with_a_public_address_the_host_makes_no_new_question(tmp_path: Path, hops: int) -> None:
    given = Settings(database_url=f"sqlite:///{tmp_path}/x", public_url="https://tk.example.vn", proxy_hops=hops)
    app = create_app(given)
    for host in ("a.vn", "b.vn"):
        app.test_client().get("/api/v1/formulas", headers={"Host": host, "X-Forwarded-Host": host})
    assert len(app.extensions["tthc"].answers._kept) == 1


LANES = [
    pytest.param(1, "203.0.113.7", "reads", ("203.0.113.7/32", "new"), id="an asker"),
    pytest.param(1, "2001:db8:1:2::7", "questions", ("2001:db8:1::/48", "new"), id="an asker's network"),
    pytest.param(1, "10.1.2.3", "health", ("10.1.2.3/32",), id="an asker within the province"),
    pytest.param(0, "127.0.0.1", "reads", ("new",), id="a proxy that nobody named"),
    pytest.param(0, "127.0.0.1", "questions", ("new",), id="a proxy that nobody named, at a page"),
]


@pytest.mark.parametrize(("hops", "address", "pool", "lanes"), LANES)
def test_a_reading_takes_its_turn_with_others_of_its_asker(
    tmp_path: Path, hops: int, address: str, pool: str, lanes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x", proxy_hops=hops, log_level="ERROR"))
    asked = {"wsgi.url_scheme": "http", "PATH_INFO": "/api/v1/formulas", "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1"}
    environ = {**asked, "HTTP_HOST": "localhost", "HTTP_X_FORWARDED_FOR": f"198.51.100.9, {address}"}
    lanes_of = app.extensions["tthc-lanes"]
    before = lanes_of(dict(environ), pool)
    app.test_client().get("/api/v1/formulas")
    young = lanes_of(dict(environ), pool)
    monkeypatch.setattr(response_cache, "_AGED_SECONDS", -1)
    aged = lanes_of(dict(environ), pool)
    known = tuple(lane for lane in lanes if lane != "new")
    assert (before, young, aged) == (lanes, known, known + ("aged",) * ("new" in lanes))
