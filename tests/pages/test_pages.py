"""Pages: what can be chosen, where links lead, how errors look, what a browser may do with them."""

import gzip
import re
from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.pages.assets import FOLDER
from service.settings import Settings
from service.store import sources
from tests.pages.reading import rows, strict, text_of, texts
from tests.pages.test_same_strings import UNITS
from tests.support.client import Client, dossier
from tests.support.demonstration import AS_OF, QUERY, UNIT

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def browser(demo_app: Flask) -> FlaskClient:
    """Give a client that asks like a browser, on the demonstration."""
    client = demo_app.test_client()
    client.environ_base["HTTP_ACCEPT"] = BROWSER["Accept"]
    return client


def _links(html: str) -> dict[str, str]:
    page = strict(html)
    return {text_of(link): link.get("href") or "" for link in page.iter() if link.tag.endswith("}a")}


def test_the_first_page_leads_to_the_demonstration_at_its_moment_and_says_so(browser: FlaskClient) -> None:
    html = browser.get("/").text
    assert "Dữ liệu minh họa." in html
    for name in ("Xem huyện Tứ Kỳ", "Tỉnh Hải Dương", "Huyện Tứ Kỳ", "Xã Văn Tố"):
        page = browser.get(_links(html)[name]).text
        assert "04/10/2023 13:37:34" in text_of(strict(page))


def test_a_unit_of_the_demonstration_that_gets_real_news_is_no_longer_called_one(demo_copy: Flask) -> None:
    database = demo_copy.extensions["tthc"].database
    with database.writing() as session:
        key = sources.add(session, "real", None, datetime.now(UTC))
    real = Client(demo_copy.test_client(), key)
    assert real.push(dossier("H23.45-1", changed_at="2024-01-02T08:00:00+07:00")).status_code == 201
    assert "minh họa" not in real.get("/").text
    assert "minh họa" not in real.get(f"/units/{UNIT}").text


@pytest.mark.parametrize("query", ["tu ky", "TỨ KỲ", "kỳ tu", "H23.45", "h2345", "000.00.45.H23", "tứ kỳ"])
def test_search_forgives_marks_case_and_order(browser: FlaskClient, query: str) -> None:
    assert "Huyện Tứ Kỳ" in _links(browser.get(f"/?q={quote(query)}").text)


def test_a_shared_link_has_title_words_and_a_picture(browser: FlaskClient) -> None:
    page = strict(browser.get(f"/units/{UNIT}?{QUERY}").text)
    told = {one.get("property"): one.get("content") or "" for one in page.iter() if one.get("property")}
    assert told["og:title"] == "Huyện Tứ Kỳ – Kết quả giải quyết TTHC"
    assert told["og:description"].startswith("Đến tháng 10 đã giải quyết: 99,9")
    picture = browser.get(told["og:image"].removeprefix("http://localhost"))
    assert (picture.content_type, picture.data[:4]) == ("image/png", b"\x89PNG")


def test_a_unit_within_a_sentence_is_written_small(browser: FlaskClient) -> None:
    assert "Nhúng kết quả của huyện Tứ Kỳ" in text_of(strict(browser.get(f"/units/{UNIT}/embed").text))


def test_search_says_when_nothing_is_found(browser: FlaskClient) -> None:
    assert "Không tìm thấy đơn vị nào" in browser.get("/?q=zzz").text


def test_an_empty_service_has_a_first_page(client: Client) -> None:
    assert "Chưa có đơn vị nào" in text_of(strict(client.get("/").text))


def test_every_link_of_the_details_page_works(browser: FlaskClient) -> None:
    page = strict(browser.get(f"/units/{UNIT}?{QUERY}").text)
    addresses = {link.get("href") or "" for link in page.iter() if link.tag.endswith(("}a", "}link"))}
    elsewhere = ("/report.xlsx", "/api/v1/quality", "#", "/docs")  # made by other parts of the service
    for address in sorted(addresses):
        path = address.removeprefix("http://localhost")
        if not any(part in path.partition("?")[0] or path.startswith(part) for part in elsewhere):
            assert browser.get(path).status_code == 200, address


def _forms(html: str) -> list[dict[str | None, str | None]]:
    """Return what each form of a page sends when nothing is changed, its hidden fields."""
    forms = [form for form in strict(html).iter() if form.tag.endswith("}form")]
    return [
        {field.get("name"): field.get("value") for field in form.iter() if field.get("type") == "hidden"}
        for form in forms
    ]


def test_the_period_is_one_control_that_keeps_moment_formula_and_language(browser: FlaskClient) -> None:
    html = browser.get(f"/units/{UNIT}?{QUERY}&formula=due&lang=en").text
    choices = [text_of(one) for one in strict(html).iter() if one.tag.endswith("}option")]
    assert choices[:3] == ["Year to October", "October 2023", "September 2023"]
    kept = _forms(html)[0]
    assert kept == {"as_of": AS_OF, "formula": "due", "lang": "en"}
    answer = browser.get(f"/units/{UNIT}", query_string={**kept, "period": "2023-09"})
    assert "September 2023" in text_of(strict(answer.text))


def test_a_period_of_ones_own_stands_first_among_the_usual_ones(browser: FlaskClient) -> None:
    page = strict(browser.get(f"/units/{UNIT}?{QUERY}&from=2023-02-01&to=2023-02-10").text)
    chosen = [text_of(one) for one in page.iter() if one.get("selected") is not None and one.tag.endswith("}option")]
    assert chosen[0] == "Từ 01/02/2023 đến 10/02/2023"


def test_forms_send_what_was_asked_and_one_change(browser: FlaskClient) -> None:
    html = browser.get(f"/units/{UNIT}?{QUERY}&period=2023-09").text
    assert _forms(html) == [{"as_of": AS_OF}, {"as_of": AS_OF}, {"period": "2023-09", "as_of": AS_OF}]


@pytest.mark.parametrize(
    ("sort", "position", "reverse"), [("-workload", 3, True), ("workload", 3, False), ("-late", 2, True)]
)
def test_sub_units_sort_by_a_link(browser: FlaskClient, sort: str, position: int, reverse: bool) -> None:
    lines = rows(strict(browser.get(f"/units/{UNIT}?{QUERY}&sort={sort}").text), UNITS)[1:-1]
    numbers = [int(line[position].replace(".", "")) for line in lines]
    assert len(numbers) == 24
    assert numbers == sorted(numbers, reverse=reverse)


def test_sub_units_sort_by_the_exact_rate_not_by_its_print(browser: FlaskClient) -> None:
    lines = rows(strict(browser.get(f"/units/{UNIT}?{QUERY}&sort=rate").text), UNITS)[1:-1]
    parts = [(int(line[4].replace(".", "")), int(line[2])) for line in lines]
    assert all(a * (c + d) <= c * (a + b) for (a, b), (c, d) in pairwise(parts))


def test_sub_units_come_by_vietnamese_name(browser: FlaskClient) -> None:
    names = [line[0] for line in rows(strict(browser.get(f"/units/{UNIT}?{QUERY}").text), UNITS)[1:-1]]
    assert names[0] == "Trực tiếp tại huyện Tứ Kỳ"
    assert names.index("Xã Dân Chủ") < names.index("Xã Đại Hợp") < names.index("Xã Hà Kỳ")


@pytest.mark.parametrize(
    "query",
    [
        "formula=all",
        "period=2023-10-04",
        "period=2023",
        "calendar=reporting",
        "subtree=0",
        "from=1995-01-01&to=2023-10-04",
        "formula=national&decimals=2",
        "calendar=1,21",
    ],
)
def test_every_question_has_a_valid_page(browser: FlaskClient, query: str) -> None:
    response = browser.get(f"/units/{UNIT}?{QUERY}&{query}")
    assert response.status_code == 200
    strict(response.text)


def test_a_unit_without_dossiers_shows_dashes(client: Client) -> None:
    client.push(dossier(status="submitted", received_at=None, submitted_at="2023-10-02T08:00:00+07:00"))
    html = client.get(f"/units/{UNIT}").text
    assert '<p class="rate"><data value="–">–</data></p>' in html
    assert '<p class="rate">–</p>' in client.get(f"/embed/{UNIT}").text
    assert client.get(f"/badge/{UNIT}.json").json["message"] == "–"


def test_warnings_are_counted_on_the_page(client: Client) -> None:
    client.push(dossier(due_at="2023-09-01"))
    assert "1 Hẹn trả trước khi tiếp nhận" in text_of(strict(client.get(f"/units/{UNIT}").text))


def test_the_page_is_small_on_the_wire(browser: FlaskClient) -> None:
    response = browser.get(f"/units/{UNIT}?{QUERY}", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.data) < 10_000
    assert len(gzip.decompress(response.data)) < 40_000


def test_the_element_is_one_small_file_without_dependency(browser: FlaskClient) -> None:
    script = browser.get("/widget.js")
    assert len(gzip.compress(script.data)) <= 12 * 1024
    assert "__CSS__" not in script.text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|import ", script.text)
    assert script.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path", ["/units/NOPE", "/nowhere", f"/units/{UNIT}?period=x", "/units/NOPE/embed", "/?lang=fr"]
)
def test_a_person_gets_a_page_for_an_error(browser: FlaskClient, path: str) -> None:
    response = browser.get(path)
    assert response.status_code in (400, 404)
    assert response.content_type.startswith("text/html")
    assert texts(strict(response.text), "h1")
    assert not re.search(r"not found|bad request|no unit|use one of|Units", text_of(strict(response.text)))
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_a_page_for_an_error_keeps_what_was_asked_and_lets_one_mend_it(browser: FlaskClient) -> None:
    html = browser.get(f"/units/{UNIT}?{QUERY}&from=2023-09-30&to=2023-09-01&lang=en").text
    assert _forms(html) == [{"as_of": AS_OF, "lang": "en"}]
    shown = {field.get("name"): field.get("value") for field in strict(html).iter() if field.get("type") == "date"}
    assert shown == {"from": "2023-09-30", "to": "2023-09-01"}
    assert "Try again" in html


def test_a_card_in_a_frame_says_its_reason_once(browser: FlaskClient) -> None:
    assert browser.get("/embed/H99.99").text.count("H99.99") == 1
    assert "no unit" in browser.get("/embed/H99.99?lang=en").text


@pytest.mark.parametrize("path", ["/api/v1/widget/NOPE", "/api/nowhere", "/badge/NOPE.json", "/oembed?url=x"])
def test_a_machine_gets_a_problem_whatever_it_accepts(browser: FlaskClient, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_a_client_that_wants_no_page_gets_a_problem(demo_app: Flask) -> None:
    response = demo_app.test_client().get("/units/NOPE")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/", f"/units/{UNIT}", f"/units/{UNIT}/embed"])
def test_pages_run_nothing_inline_and_stand_in_no_frame(browser: FlaskClient, path: str) -> None:
    response = browser.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert ' style="' not in response.text  # code to copy is text, and escaped
    assert "<style" not in response.text


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("*", "frame-ancestors *"), ("https://portal.example", "frame-ancestors 'self' https://portal.example")],
)
def test_the_setting_says_who_may_frame_the_embed(demo_app: Flask, setting: str, expected: str) -> None:
    url = str(demo_app.extensions["tthc"].database.url)
    app = create_app(Settings(database_url=url, frame_ancestors=setting, log_level="ERROR"))
    for path in (f"/embed/{UNIT}", "/embed/NOPE"):
        policy = app.test_client().get(path, headers=BROWSER).headers["Content-Security-Policy"]
        assert policy.endswith(expected)
    assert "X-Frame-Options" not in app.test_client().get(f"/embed/{UNIT}").headers
    app.extensions["tthc"].database.engine.dispose()


def test_the_embed_takes_theme_and_language(browser: FlaskClient) -> None:
    html = browser.get(f"/embed/{UNIT}?{QUERY}&theme=dark&lang=en").text
    assert '<main class="tthc card dark">' in html
    assert "Dossiers handled: 41362" in html
    assert browser.get(f"/embed/{UNIT}?theme=pink").status_code == 400


def test_pages_answer_304_to_whom_has_them(browser: FlaskClient) -> None:
    first = browser.get(f"/embed/{UNIT}?{QUERY}")
    again = browser.get(f"/embed/{UNIT}?{QUERY}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_letters_come_from_here_small_and_under_their_licence(browser: FlaskClient) -> None:
    style = browser.get("/static/pages.css").text
    fonts = re.findall(r"url\((noto-sans-\w+\.woff2\?v=\w+)\)", style)
    answers = [browser.get(f"/static/{font}") for font in fonts]
    assert {answer.content_type for answer in answers} == {"font/woff2"}
    assert all("immutable" in answer.headers["Cache-Control"] for answer in answers)
    assert sum(len(answer.data) for answer in answers) < 100_000
    assert all(f'href="/static/{font}"' in browser.get("/").text for font in fonts)
    assert "SIL Open Font License" in (FOLDER / "noto-sans-OFL.txt").read_text()


def test_static_files_of_a_version_are_kept_for_ever(browser: FlaskClient) -> None:
    html = browser.get("/").text
    address = re.search(r"/static/pages\.css\?v=\w+", html)
    assert address
    assert "immutable" in browser.get(address[0]).headers["Cache-Control"]
    assert "immutable" not in browser.get("/static/pages.css").headers["Cache-Control"]
    assert browser.get("/static/../views.py").status_code == 404
