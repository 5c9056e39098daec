"""Filters, two groupings, depth, levels, and what a table says of its own question."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from service.domain.statistics.questions import Report
from service.domain.units import Unit
from service.reporting.report import Counting
from service.store import catalogue
from service.store.database import Database
from tests.support.client import Client, dossier

OCTOBER = {"period": "2023-10", "as_of": "2023-10-31"}
UNITS = [
    Unit("H23", "Tỉnh", "province"),
    Unit("H23.1", "Sở A", "department", "H23"),
    Unit("H23.45", "Huyện B", "district", "H23"),
    Unit("H23.45.01", "Xã C", "commune", "H23.45"),
    Unit("H23.45.02", "Xã D", "commune", "H23.45"),
]
# unit, channel, field, procedure
FILED = [
    ("H23.1", "online", "G01", "1.000001"),
    ("H23.45", "direct", "G01", "1.000001"),
    ("H23.45.01", "online", "G02", "1.000002"),
    ("H23.45.01", "direct", "G02", "1.000002"),
    ("H23.45.02", "postal", "G01", "1.000001.000.00.00.H23"),
]


@pytest.fixture
def province(client: Client, database: Database) -> Client:
    with database.writing() as session:
        catalogue.put_units(session, UNITS)
    client.batch(
        dossier(
            str(number),
            unit_code=unit,
            channel=channel,
            field_code=field,
            procedure_code=procedure,
            field_name={"G01": "Đất đai"}.get(field),
        )
        for number, (unit, channel, field, procedure) in enumerate(FILED)
    )
    return client


def received(client: Client, **params: Any) -> dict[str | None, int]:
    """Ask for the dossiers received by group; groups without any are left out."""
    groups = client.stats("H23", **OCTOBER | params)["groups"]
    return {group["key"]["code"]: group["counts"]["received"] for group in groups if group["counts"]["received"]}


FILTERS: list[tuple[dict[str, str], int]] = [
    ({}, 5),
    ({"channel": "online"}, 2),
    ({"channel": "2"}, 2),
    ({"field": "G01"}, 3),
    ({"field": "đất  ĐAI"}, 3),
    ({"procedure": "1.000001"}, 3),
    ({"procedure": "1.000001.000.00.00.H19"}, 3),
    ({"level": "commune"}, 3),
    ({"level": "department"}, 1),
    ({"level": "other"}, 0),
    ({"channel": "online", "field": "G01"}, 1),
    ({"channel": "online", "level": "commune", "field": "G02", "procedure": "1.000002"}, 1),
]


@pytest.mark.parametrize(("filters", "count"), FILTERS)
def test_a_filter_counts_only_what_it_names(province: Client, filters: dict[str, str], count: int) -> None:
    assert province.counts("H23", **OCTOBER, **filters)["received"] == count


@pytest.mark.parametrize(("filters", "count"), FILTERS)
def test_the_widget_takes_the_same_filters(province: Client, filters: dict[str, str], count: int) -> None:
    assert province.widget("H23", **OCTOBER, **filters)["counts"]["workload"] == count


def test_the_details_address_carries_the_filters(province: Client) -> None:
    url = province.widget("H23", channel="online", **OCTOBER)["details_url"]
    assert url == "http://localhost/units/H23?period=2023-10&as_of=2023-10-31&channel=online"


def test_groups_by_level_are_those_of_the_units(province: Client) -> None:
    assert received(province, group_by="level") == {"department": 1, "district": 1, "commune": 3}


def test_levels_stand_from_the_top_down(province: Client) -> None:
    groups = province.stats("H23", group_by="level", **OCTOBER)["groups"]
    assert [group["key"]["name"] for group in groups] == ["Sở, ban, ngành", "Cấp huyện", "Cấp xã"]


def test_depth_two_gives_grandchildren_and_the_childrens_own(province: Client) -> None:
    groups = received(province, group_by="unit", depth="2")
    assert groups == {"H23.1": 1, "H23.45": 1, "H23.45.01": 2, "H23.45.02": 1}


def test_two_groupings_give_cells_under_the_groups_of_the_first(province: Client) -> None:
    groups = province.stats("H23.45", group_by="unit,channel", **OCTOBER)["groups"]
    cells = {g["key"]["code"]: {c["key"]["code"]: c["counts"]["received"] for c in g["groups"]} for g in groups}
    assert cells == {
        "H23.45": {"direct": 1},
        "H23.45.01": {"direct": 1, "online": 1},
        "H23.45.02": {"postal": 1},
    }


def test_a_series_of_each_group_has_every_bucket(province: Client) -> None:
    groups = province.stats("H23", group_by="channel,month", period="2023", as_of="2023-11-02")["groups"]
    series = {g["key"]["code"]: [c["counts"]["received"] for c in g["groups"]] for g in groups}
    assert series["online"] == [0] * 9 + [2, 0]


def test_what_is_carried_over_in_a_series_of_groups(province: Client) -> None:
    groups = province.stats("H23", group_by="month,channel", period="2023", as_of="2023-11-02")["groups"]
    november = {cell["key"]["code"]: cell["counts"]["carried_over"] for cell in groups[-1]["groups"]}
    assert november == {"direct": 2, "online": 2, "postal": 1}


REFUSED = [
    ({"channel": "fax"}, 400, "channel"),
    ({"level": "village"}, 400, "level"),
    ({"field": "G99"}, 404, "field"),
    ({"field": "\0"}, 400, "field"),
    ({"procedure": "\0"}, 400, "procedure"),
    ({"procedure": "9.999999"}, 404, "procedure"),
    ({"group_by": "unit,unit"}, 400, "group_by"),
    ({"group_by": "month,day"}, 400, "group_by"),
    ({"group_by": "unit,field,channel"}, 400, "group_by"),
    ({"group_by": "unit,colour"}, 400, "group_by"),
    ({"depth": "2"}, 400, "depth"),
    ({"group_by": "day", "from": "2022-01-01", "to": "2023-10-31"}, 400, "period"),
    ({"group_by": "channel,day", "from": "2022-01-01", "to": "2023-10-31"}, 400, "period"),
    ({"group_by": "month", "from": "1985-01-01", "to": "2023-10-31"}, 400, "period"),
    ({"depth": "9", "group_by": "unit"}, 400, "depth"),
]


@pytest.mark.parametrize(("params", "status", "named"), REFUSED)
def test_what_cannot_be_asked_is_named(province: Client, params: dict[str, str], status: int, named: str) -> None:
    answer = province.get("/api/v1/stats", unit="H23", **{**OCTOBER, **params})
    assert (answer.status_code, list(answer.json["errors"])) == (status, [named])


@pytest.mark.parametrize("groupings", ["field,day", "day,field", "unit,procedure"])
def test_more_cells_than_an_answer_may_have_are_refused(
    province: Client, monkeypatch: pytest.MonkeyPatch, groupings: str
) -> None:
    monkeypatch.setattr("service.reporting.counting.counts_over_time.MOST_CELLS", 2)
    answer = province.get("/api/v1/stats", unit="H23", **OCTOBER, group_by=groupings)
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["group_by"])


def table(client: Client, **params: str) -> list[dict[str, str]]:
    text = client.get("/api/v1/stats", unit="H23", format="csv", **OCTOBER, **params).data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_procedures_and_fields_that_anybody_can_make_up_are_bounded_alone_too(
    province: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand procedures of one key made an answer of 119 MB that took minutes."""
    monkeypatch.setattr("service.reporting.counting.counts_over_time.MOST_CELLS", 0)
    asked = [
        province.get("/api/v1/stats", unit="H23", group_by=by).status_code for by in ("procedure", "field", "unit")
    ]
    assert asked == [400, 400, 200]


def test_every_row_of_a_table_carries_its_question(province: Client) -> None:
    asked = {"unit": "H23", "period": "2023-10", "from": "2023-10-01", "to": "2023-10-31", "formula": "timed/1"}
    rows = table(province, group_by="unit", channel="online")
    assert [{name: row[name] for name in asked} for row in rows] == [asked] * len(rows)


def test_a_table_says_its_moment_and_filters(province: Client) -> None:
    row = table(province, channel="online")[0]
    assert (row["as_of"], row["filters"]) == ("2023-10-31T23:59:59.999999+07:00", "channel=online")


def test_a_table_of_two_groupings_has_a_row_a_cell(province: Client) -> None:
    rows = table(province, group_by="level,channel")
    assert [(row["code"], row["code_2"], row["received"]) for row in rows] == [
        ("department", "online", "1"),
        ("district", "direct", "1"),
        ("commune", "direct", "1"),
        ("commune", "online", "1"),
        ("commune", "postal", "1"),
        ("H23", "", "5"),
    ]


SPLIT = [
    Unit("H23", "Tỉnh", "province"),
    Unit("H23.45", "Huyện B", "district", "H23", None, date(2023, 6, 30), ("H23.100", "H23.101")),
    Unit("H23.100", "Xã mới", "commune", "H23"),
    Unit("H23.101", "Xã mới nữa", "commune", "H23"),
    Unit("H23.102", "Xã khác", "commune", "H23"),
]


@pytest.mark.parametrize(
    ("unit", "listed"), [("H23.100", ["H23.45"]), ("H23.101", ["H23.45"]), ("H23", ["H23.45"]), ("H23.102", [])]
)
def test_a_unit_that_was_split_is_listed_by_its_successors_and_those_above(
    client: Client, database: Database, unit: str, listed: list[str]
) -> None:
    with database.writing() as session:
        catalogue.put_units(session, SPLIT)
    assert client.stats(unit, structure="current", **OCTOBER)["not_separable"] == listed


def test_units_as_they_were_need_no_such_list(province: Client) -> None:
    assert "not_separable" not in province.stats("H23", **OCTOBER)


@pytest.mark.parametrize("path", ["/badge/H23.45.svg", "/badge/H23.45.json", "/embed/H23.45", "/oembed"])
def test_what_shows_one_rate_works_out_no_groups(province: Client, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Anybody could ask a badge for all procedures by month, in the threads of the widgets."""
    asked: list[tuple[str, ...]] = []
    usual = Counting.report

    def noted(self: Counting, *by: str) -> Report:
        asked.append(by)
        return usual(self, *by)

    monkeypatch.setattr(Counting, "report", noted)
    url = "http://localhost/embed/H23.45?group_by=procedure,month" if path == "/oembed" else None
    assert province.get(path, group_by="procedure,month", url=url, **OCTOBER).status_code == 200
    assert asked == [()]
