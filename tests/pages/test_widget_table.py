"""The table in a widget says what the statistics say: the same units, rates, limits and ranks."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.pages.reading import strict, text_of
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


def test_a_ranking_has_the_ranks_and_limits_of_the_statistics(browser: FlaskClient) -> None:
    expected = {}
    for group in units(browser):
        rate, rank = group["rates"]["on_time"], group["rates"]["rank"]
        ends = sorted({rank["from"], rank["to"]}) if rank else ["–"]
        interval = rate["interval"] and "{low}–{high}%".format(**rate["interval"])
        name = group["key"]["name"] if group["key"]["code"] != UNIT else f"Trực tiếp tại {group['key']['name']}"
        percent = "–" if rate["percent"] is None else f"{rate['percent']}%"
        expected[name] = (percent, "–".join(map(str, ends)), interval)
    shown = {row["name"]: (*row["cells"], row.get("interval")) for row in table(browser, "ranking")["rows"]}
    assert shown == expected


def test_the_best_come_first_in_a_ranking(browser: FlaskClient) -> None:
    ranks = [row["cells"][1].split("–") for row in table(browser, "ranking")["rows"]]
    placed = [[int(end) for end in rank] for rank in ranks if rank[0]]
    assert placed == sorted(placed)


def test_a_table_counts_what_the_statistics_count(browser: FlaskClient) -> None:
    expected = [[str(group["counts"][name]) for name in ("workload", "late")] for group in units(browser)]
    assert [row["cells"][1:] for row in table(browser, "table")["rows"]] == expected


def test_a_chart_ends_with_the_current_month(browser: FlaskClient) -> None:
    rows = table(browser, "chart", "&lang=en")["rows"]
    month: Any = browser.get(f"/api/v1/stats?unit={UNIT}&{QUERY}&period=2023-10").json
    assert rows[-1]["cells"] == [f"{month['rates']['on_time']['percent']}%"]


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
