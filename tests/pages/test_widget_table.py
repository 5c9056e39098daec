"""The table in a widget says what the statistics say: the same units, rates, limits and ranks."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.pages.embeds import WIDTHS, widget_height
from tests.pages.reading import strict, text_of
from tests.support.client import Client, dossier
from tests.support.demonstration import QUERY, UNIT


@pytest.fixture
def browser(demo_app: Flask) -> FlaskClient:
    return demo_app.test_client()


def table(browser: FlaskClient, variant: str, more: str = "") -> Any:
    reply: Any = browser.get(f"/api/v1/widget/{UNIT}?{QUERY}&variant={variant}{more}").json
    return reply["table"]


def units(browser: FlaskClient) -> list[Any]:
    """Return the groups of the statistics that have dossiers, as the API gives them."""
    reply: Any = browser.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&group_by=unit").json
    return [group for group in reply["groups"] if group["counts"]["workload"]]


def test_units_that_no_number_tells_apart_have_no_rank_but_their_limits_and_a_reason(browser: FlaskClient) -> None:
    expected = {}
    for group in units(browser):
        rate = group["rates"]["on_time"]
        name = group["key"]["name"] if group["key"]["code"] != UNIT else f"Trực tiếp tại {group['key']['name']}"
        expected[name] = ([f"{rate['percent']}%"], "{low}–{high}%".format(**rate["interval"]))
    shown = table(browser, "ranking")
    assert {row["name"]: (row["cells"], row["interval"]) for row in shown["rows"]} == expected
    assert shown["columns"] == ["Đơn vị", "Tỷ lệ"]
    assert shown["note"].startswith("Số liệu chưa đủ để xếp hạng 24 đơn vị")


def ranking(client: Client) -> Any:
    """Return the ranking of three communes: one in time, one in time but for a few, one half late."""
    for number, late in enumerate((0, 3, 20), start=1):
        unit = f"{UNIT}.{number:02d}"
        given = {"unit_code": unit, "status": 9, "received_at": "2023-06-05T08:00:00+07:00", "due_at": "2023-06-09"}
        ends = ["12" if n < late else "07" for n in range(40)]
        client.batch(
            dossier(f"{unit}-230605-{n:05d}", **given, finished_at=f"2023-06-{day}T09:00:00+07:00")
            for n, day in enumerate(ends)
        )
    return client.get(f"/api/v1/widget/{UNIT}", as_of="2023-07-01", variant="ranking").json["table"]


def test_ranks_are_ranges_where_limits_overlap_and_places_where_they_do_not(client: Client) -> None:
    shown = ranking(client)
    assert [(row["name"], row["cells"][1]) for row in shown["rows"]] == [
        (f"{UNIT}.01", "1–2"), (f"{UNIT}.02", "1–2"), (f"{UNIT}.03", "3"),
    ]  # fmt: skip
    assert "note" not in shown


def test_dots_stand_where_the_rates_do_on_an_axis_that_says_its_ends(client: Client) -> None:
    shown = ranking(client)
    # 100 %, 92.5 % and 50 % on an axis from 50 to 100 %; the whole is 97/120.
    assert (shown["axis"]["low"], shown["axis"]["high"]) == ("50", "100%")
    assert [row["dot"]["at"] for row in shown["rows"]] == [100, 85, 0]
    assert shown["axis"]["whole"] == 61.7


def test_a_table_counts_what_the_statistics_count(browser: FlaskClient) -> None:
    expected = [[str(group["counts"][name]) for name in ("workload", "late")] for group in units(browser)]
    assert [row["cells"][1:] for row in table(browser, "table")["rows"]] == expected


def test_a_chart_begins_with_the_current_month(browser: FlaskClient) -> None:
    rows = table(browser, "chart", "&lang=en")["rows"]
    month: Any = browser.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&period=2023-10").json
    assert rows[0]["cells"] == [f"{month['rates']['on_time']['percent']}%"]


@pytest.mark.parametrize("variant", ["ranking", "table", "chart"])
def test_the_frame_prints_every_row(browser: FlaskClient, variant: str) -> None:
    words = text_of(strict(browser.get(f"/embed/{UNIT}?{QUERY}&variant={variant}").text))
    rows = table(browser, variant)["rows"]
    assert [row["name"] for row in rows if row["name"] not in words] == []


@pytest.mark.parametrize("variant", ["card", "line", "strip"])
def test_the_other_variants_have_no_table(browser: FlaskClient, variant: str) -> None:
    reply: Any = browser.get(f"/api/v1/widget/{UNIT}?{QUERY}&variant={variant}").json
    assert "table" not in reply


def test_an_unknown_variant_is_refused(browser: FlaskClient) -> None:
    assert browser.get(f"/api/v1/widget/{UNIT}?variant=pie").status_code == 400


@pytest.mark.parametrize("width", WIDTHS)
def test_a_portal_keeps_room_for_the_rows_and_lines_there_are(width: str) -> None:
    plain: dict[str, Any] = {"title": "Kết quả giải quyết TTHC", "unit": {"name": "Huyện Tứ Kỳ"}, "text": {}}
    rows = [
        widget_height("ranking", width, plain | {"table": {"rows": [{}] * number, "more": ""}})
        for number in (2, 12, 24)
    ]
    assert rows[0] < rows[1] == rows[2]
    told = {"text": {"coverage": "23/29 đơn vị chưa gửi số liệu", "open_overdue": "Đang quá hạn: 257"}}
    assert widget_height("card", width, plain | told) >= widget_height("card", width, plain) + 48
    views = {"text": {"views": "Lượt xem: đang truy cập 3, hôm nay 120, trong tháng 2400, tất cả 31000"}}
    assert widget_height("line", width, plain | views) > widget_height("line", width, plain) - (width == "100%")
    assert widget_height("card", width, plain, header="off") < widget_height("card", width, plain)


def test_a_comparison_stands_under_the_rate_and_in_the_code_that_asks_for_it(browser: FlaskClient) -> None:
    asked = f"{QUERY}&period=2023-09&compare=previous"
    reply: Any = browser.get(f"/api/v1/widget/{UNIT}?{asked}").json
    assert reply["text"]["change"] in text_of(strict(browser.get(f"/embed/{UNIT}?{asked}").text))
    code = unescape(browser.get(f"/units/{UNIT}/embed?{asked}").text)
    assert 'compare="previous" style=' in code
    assert "compare=previous" in code.partition("<iframe")[2]


def test_the_code_for_a_whole_page_keeps_the_height_of_a_phone_too(browser: FlaskClient) -> None:
    code = unescape(browser.get(f"/units/{UNIT}/embed?{QUERY}&variant=strip&width=100%25").text)
    low, high = map(int, re.findall(r"min-height:clamp\((\d+)px,\(640px - 100vw\)\*99,(\d+)px\)", code)[0])
    assert 0 < low < high - 100


def test_a_frozen_moment_is_printed_as_people_write_it(browser: FlaskClient) -> None:
    page = text_of(strict(browser.get(f"/units/{UNIT}/embed?{QUERY}&frozen=1").text))
    assert "giữ nguyên số liệu tại 04/10/2023 13:37:34" in " ".join(page.split())
