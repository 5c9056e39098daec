"""One question, one answer: every rendering prints the same numbers, as the contract or as Vietnamese write them."""

import csv
import io
from typing import Any
from xml.etree import ElementTree

from flask import Flask
from flask.testing import FlaskClient

from tests.pages.reading import rows, strict, text_of, vietnamese, vietnamese_percent
from tests.support.demonstration import LINES, QUERY, UNIT

COLUMNS = ("late", "workload", "early_or_on_time", "in_progress")
SVG = "{http://www.w3.org/2000/svg}"


def table(client: FlaskClient, group_by: str) -> dict[str, list[str]]:
    """Read the CSV of a group as name → numbers of the page's columns, written as pages do."""
    text = client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&group_by={group_by}&format=csv").data.decode("utf-8-sig")
    lines = csv.DictReader(io.StringIO(text))
    return {
        line["name"]: [
            vietnamese_percent(line["timed/1 on_time %"]),
            *(vietnamese(int(line[name])) for name in COLUMNS),
        ]
        for line in lines
    }


def test_page_tables_chart_csv_embed_badge_and_json_print_the_same_strings(demo_app: Flask) -> None:
    client = demo_app.test_client()
    page = strict(client.get(f"/units/{UNIT}?{QUERY}").text)
    whole = text_of(page)
    widget: Any = client.get(f"/api/v1/widget/{UNIT}?{QUERY}").json
    stats: Any = client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}").json
    embed = text_of(strict(client.get(f"/embed/{UNIT}?{QUERY}").text))

    for line in LINES:
        assert line in [widget["title"], *widget["text"].values()]
        assert line in embed
    for line in (LINES[1], "99,9 %", "Số hồ sơ xử lý: 41.362", "Trước & đúng hạn: 41.049", "Trễ hạn: 26", LINES[8]):
        assert line in whole
    values = {text_of(one): one.get("value") for one in page.iter() if one.tag.endswith("}data")}
    assert values == {"99,9 %": "99.9%", "41.362": "41362", "41.049": "41049", "26": "26"}

    rate = widget["text"]["rate"]
    assert rate == stats["rates"]["on_time"]["percent"] + "%"
    assert client.get(f"/badge/{UNIT}.json?{QUERY}").json["message"] == rate
    badge = ElementTree.fromstring(client.get(f"/badge/{UNIT}.svg?{QUERY}").text)
    assert [text.text for text in badge.iter(f"{SVG}text")] == ["TTHC đúng hạn", rate]
    above, below = stats["rates"]["on_time"]["numerator"], stats["rates"]["on_time"]["denominator"]
    assert f"{vietnamese(above)} / {vietnamese(below)} = 99,9 %" in whole
    assert f"{above} / {below}" in embed

    for caption, group in (
        ("Lĩnh vực thủ tục hành chính", "field"),
        ("Trực tiếp, trực tuyến hay bưu chính", "channel"),
    ):
        shown = {name: numbers for name, *numbers in rows(page, caption)[1:]}
        assert shown.pop("Tổng số") == ["99,9 %", *_numbers(stats["counts"])]
        written = table(client, group)
        written.pop("Huyện Tứ Kỳ")
        assert shown == written

    shown = {name: [numbers[0].rstrip(" ▼▲thấpco"), *numbers[1:5]] for name, *numbers in rows(page, UNITS)[1:]}
    groups: Any = client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&group_by=unit").json
    for group in groups["groups"]:
        name = group["key"]["name"] if group["key"]["code"] != UNIT else "Trực tiếp tại huyện Tứ Kỳ"
        assert shown[name] == [vietnamese_percent(group["rates"]["on_time"]["percent"]), *_numbers(group["counts"])]


UNITS = "Chọn tên cột để sắp xếp, chọn tên đơn vị để xem chi tiết"


def _numbers(counts: dict[str, int]) -> list[str]:
    return [vietnamese(counts[name]) for name in COLUMNS]


def test_the_chart_says_what_its_table_says(demo_app: Flask) -> None:
    page = strict(demo_app.test_client().get(f"/units/{UNIT}?{QUERY}").text)
    lines = rows(page, "Tiếp nhận và giải quyết")[1:]
    chart = next(svg for svg in page.iter() if svg.tag.endswith("}svg") and svg.get("class") == "chart")
    values = [
        text_of(text) for text in chart.iter() if text.tag.endswith("}text") and "value" in (text.get("class") or "")
    ]
    described = next(text_of(part) for part in chart.iter() if part.tag.endswith("}desc"))
    assert values == [line[1] for line in lines]
    for name, percent, late, *_rest in lines:
        assert f"{name}: {percent}, trễ hạn {late}." in described


def test_months_of_the_table_are_those_of_the_api(demo_app: Flask) -> None:
    client = demo_app.test_client()
    lines = rows(strict(client.get(f"/units/{UNIT}?{QUERY}").text), "Tiếp nhận và giải quyết")[1:]
    groups: Any = client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&group_by=month").json
    columns = ("late", "received", "resolved", "early", "on_time", "in_progress")
    assert lines == [
        [
            group["key"]["name"],
            vietnamese_percent(group["rates"]["on_time"]["percent"]),
            *(vietnamese(group["counts"][name]) for name in columns),
        ]
        for group in groups["groups"]
    ]


def test_ages_add_up_to_what_is_in_progress(demo_app: Flask) -> None:
    client = demo_app.test_client()
    stats: Any = client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}").json
    *ages, total = rows(strict(client.get(f"/units/{UNIT}?{QUERY}").text), "Số ngày kể từ ngày tiếp nhận")[1:]
    columns = ("open_in_time", "open_overdue", "paused", "in_progress")
    assert total[1:5] == [str(stats["counts"][name]) for name in columns]
    for position in range(1, 5):
        assert sum(int(row[position]) for row in ages) == int(total[position])
