"""One question, one answer: every rendering prints the same strings."""

import csv
import io
from typing import Any
from xml.etree import ElementTree

from flask import Flask
from flask.testing import FlaskClient

from tests.pages.reading import rows, strict, text_of
from tests.support.demonstration import LINES, QUERY, UNIT

SVG = "{http://www.w3.org/2000/svg}"


def table(client: FlaskClient, group_by: str) -> dict[str, list[str]]:
    """Read the CSV of a group as name → numbers of the page's columns."""
    text = client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&group_by={group_by}&format=csv").data.decode("utf-8-sig")
    names = ("workload", "early_or_on_time", "late", "in_progress", "timed/1 on_time %")
    return {line["name"]: [line[name] for name in names] for line in csv.DictReader(io.StringIO(text))}


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
    for line in LINES[1:7] + LINES[8:]:
        assert line in whole

    rate = widget["text"]["rate"]
    assert rate == stats["rates"]["on_time"]["percent"] + "%"
    assert client.get(f"/badge/{UNIT}.json?{QUERY}").json["message"] == rate
    badge = ElementTree.fromstring(client.get(f"/badge/{UNIT}.svg?{QUERY}").text)
    assert [text.text for text in badge.iter(f"{SVG}text")] == ["TTHC đúng hạn", rate]
    fraction = f"{stats['rates']['on_time']['numerator']} / {stats['rates']['on_time']['denominator']}"
    assert f"{fraction} = {rate}" in whole
    assert fraction in embed

    for caption, group in (("Lĩnh vực thủ tục hành chính", "field"), ("Theo hình thức nộp", "channel")):
        shown = {name: numbers for name, *numbers in rows(page, caption)[1:]}
        assert shown.pop("Tổng số") == [*_numbers(stats["counts"]), rate]
        written = table(client, group)
        written.pop("Huyện Tứ Kỳ")
        assert shown == {name: [*numbers[:-1], numbers[-1] + "%"] for name, numbers in written.items()}

    shown = {name: numbers for name, *numbers in rows(page, UNITS)[1:]}
    groups: Any = client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&group_by=unit").json
    for group in groups["groups"]:
        name = group["key"]["name"] if group["key"]["code"] != UNIT else "Trực tiếp tại Huyện Tứ Kỳ"
        assert shown[name] == [*_numbers(group["counts"]), group["rates"]["on_time"]["percent"] + "%"]


UNITS = "Chọn tên cột để sắp xếp, chọn tên đơn vị để xem chi tiết"


def _numbers(counts: dict[str, int]) -> list[str]:
    return [str(counts[name]) for name in ("workload", "early_or_on_time", "late", "in_progress")]


def test_the_chart_says_what_its_table_says(demo_app: Flask) -> None:
    page = strict(demo_app.test_client().get(f"/units/{UNIT}?{QUERY}").text)
    lines = rows(page, "Tiếp nhận và giải quyết")[1:]
    chart = next(svg for svg in page.iter() if svg.tag.endswith("}svg") and svg.get("class") == "chart")
    values = [text.text for text in chart.iter() if text.tag.endswith("}text") and text.get("class") == "value"]
    described = next(text_of(part) for part in chart.iter() if part.tag.endswith("}desc"))
    assert values == [line[-1] for line in lines]
    for name, _received, resolved, *_rest, percent in lines:
        assert f"{name}: {resolved}, {percent}." in described


def test_months_of_the_table_are_those_of_the_api(demo_app: Flask) -> None:
    client = demo_app.test_client()
    lines = rows(strict(client.get(f"/units/{UNIT}?{QUERY}").text), "Tiếp nhận và giải quyết")[1:]
    groups: Any = client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&group_by=month").json
    columns = ("received", "resolved", "early", "on_time", "late", "in_progress")
    assert lines == [
        [
            group["key"]["name"],
            *(str(group["counts"][name]) for name in columns),
            group["rates"]["on_time"]["percent"] + "%",
        ]
        for group in groups["groups"]
    ]


def test_ages_add_up_to_what_is_in_progress(demo_app: Flask) -> None:
    client = demo_app.test_client()
    stats: Any = client.get(f"/api/v1/stats?unit={UNIT}&{QUERY}").json
    *ages, total = rows(strict(client.get(f"/units/{UNIT}?{QUERY}").text), "Số ngày từ ngày tiếp nhận")[1:]
    columns = ("open_in_time", "open_overdue", "paused", "in_progress")
    assert total[1:5] == [str(stats["counts"][name]) for name in columns]
    for position in range(1, 5):
        assert sum(int(row[position]) for row in ages) == int(total[position])
