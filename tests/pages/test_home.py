"""The first page: one unit as a whole, and all units below it with their results."""

from flask import Flask
from flask.testing import FlaskClient

from bench.details_page import ASSETS, HOME_QUESTIONS, MAX_BYTES
from tests.pages.reading import XHTML, rows, strict, text_of, vietnamese, vietnamese_percent
from tests.pages.test_page_weight import statements
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier
from tests.support.demonstration import QUERY, UNIT

HOME = f"/?{QUERY}"


def lines(client: FlaskClient, path: str = HOME, caption: str = "Đến tháng 10") -> list[list[str]]:
    """Return the rows of the table of units, without its heading."""
    return rows(strict(client.get(path).text), caption)[1:]


def test_the_band_prints_the_answer_of_the_province(demo_app: Flask) -> None:
    client = demo_app.test_client()
    page = strict(client.get(HOME).text)
    band = text_of(next(one for one in page.iter(XHTML + "section") if one.get("class") == "hero"))
    for told in (
        "Tỉnh Hải Dương",
        "99,9 %",
        "Số hồ sơ xử lý41.362",
        "Trễ hạn26",
        "Đang quá hạn0",
        "0 trong 23 đơn vị phải gửi",
    ):
        assert told in band


def test_every_unit_has_the_numbers_of_its_own_question(demo_app: Flask) -> None:
    client = demo_app.test_client()
    told = {line[0].removesuffix(" Huyện Tứ Kỳ"): line for line in lines(client)}
    assert len(told) == 24
    for code, name in ((UNIT, "Huyện Tứ Kỳ"), (f"{UNIT}.03", "Xã Bình Lãng")):
        answer = client.get(f"/api/v1/stats?unit={code}&{QUERY}").json
        assert told[name][1].split(" ▼")[0] == vietnamese_percent(answer["rates"]["on_time"]["percent"])
        assert told[name][-1] == vietnamese(answer["counts"]["workload"])


def test_units_sort_by_a_link_and_keep_the_question(demo_app: Flask) -> None:
    counts = [int(line[-1].replace(".", "")) for line in lines(demo_app.test_client(), f"{HOME}&sort=-workload")]
    assert counts == sorted(counts, reverse=True)
    assert f"/?period=2023&amp;{QUERY}&amp;sort=-rate#don-vi" in demo_app.test_client().get(f"{HOME}&period=2023").text


def test_one_can_begin_further_down(demo_app: Flask) -> None:
    below = lines(demo_app.test_client(), f"{HOME}&under={UNIT}")
    assert len(below) == 23
    assert "Các đơn vị của huyện Tứ Kỳ" in demo_app.test_client().get(f"{HOME}&under={UNIT}").text.replace("<bdi>", "")


def test_the_tree_is_the_second_view(demo_app: Flask) -> None:
    page = strict(demo_app.test_client().get("/?view=tree").text)
    assert any(one.get("class") == "tree" for one in page.iter())
    current = [text_of(one) for one in page.iter(XHTML + "a") if one.get("aria-current") == "page"]
    assert current == ["Cây đơn vị"]


def test_a_unit_that_sent_nothing_stands_last_and_says_so(client: Client, operator: Operator) -> None:
    header = "code,name,level,parent_code,valid_from,valid_to,successor_codes"
    units = ("H23,Tỉnh Hải Dương,province,,,,", "H23.44,Huyện Chưa Gửi,district,H23,,,")
    operator.imports("units", header, *units, "H23.45,Huyện Tứ Kỳ,district,H23,,,")
    client.push(dossier())
    told = rows(strict(client.get("/", as_of="2023-10-04T13:00:00+07:00").text), "Đến tháng 10")[1:]
    assert [line[0] for line in told] == ["Huyện Tứ Kỳ", "Huyện Chưa Gửi"]
    assert told[1][1] == "chưa gửi số liệu"


def test_more_units_than_the_table_holds_are_left_to_the_tree(client: Client) -> None:
    """A key can make units up; 900 of them over thirteen months would be more cells than an answer may have."""
    client.push(dossier())
    client.batch(dossier(f"H23.45-{n}", unit_code=f"H23.45.{n:03d}") for n in range(900))
    assert client.get("/").status_code == 200
    answer = client.get("/", under="H23.45", as_of="2023-10-04T13:00:00+07:00")
    assert answer.status_code == 200
    assert len(rows(strict(answer.text), "Đến tháng 10")[1:]) == 400
    assert "Bảng chưa có đủ các đơn vị" in answer.text


def test_it_runs_no_more_statements_than_the_questions_behind_it(demo_app: Flask) -> None:
    client = demo_app.test_client()
    with statements(demo_app) as of_page:
        assert client.get(HOME).status_code == 200
    with statements(demo_app) as of_questions:
        for question in HOME_QUESTIONS:
            assert client.get(f"/api/v1/stats?unit=H23&{QUERY}&{question}").status_code == 200
    assert 0 < of_page() <= 2 * of_questions()


def test_its_first_view_fits_on_a_slow_line(demo_app: Flask) -> None:
    paths = (HOME, *(f"/static/{name}" for name in (*ASSETS, "filter.js")))
    client = demo_app.test_client()
    assert sum(len(client.get(path, headers={"Accept-Encoding": "gzip"}).data) for path in paths) < MAX_BYTES
