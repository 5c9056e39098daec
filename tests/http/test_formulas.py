"""Formulas over the API: cohorts, the portal's second version, and the overdue beside a survivors' rate."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from service.domain.statistics.formulas import FORMULAS
from tests.support.client import Client, dossier

JUNE: dict[str, Any] = {"period": "2024-06", "as_of": "2024-06-30"}
RECEIVED: dict[str, Any] = {"received_at": "2024-06-03T08:00:00+07:00", "due_at": "2024-06-10"}
IN_TIME: dict[str, Any] = {"status": "resolved", "finished_at": "2024-06-07T10:00:00+07:00"}
OVERDUE: dict[str, Any] = {"status": "processing"}


def file(client: Client, **kinds: int) -> None:
    """Push so many dossiers of each kind, received on 3 June and due on the 10th."""
    of_kind = {
        "in_time": IN_TIME,
        "overdue": OVERDUE,
        "late": {"status": "resolved", "finished_at": "2024-06-12T10:00:00+07:00"},
        "withdrawn": {"status": "withdrawn", "finished_at": "2024-06-09T10:00:00+07:00"},
        "withdrawn_late": {"status": "withdrawn", "finished_at": "2024-06-19T10:00:00+07:00"},
        "stopped_late": {"status": "stopped", "finished_at": "2024-06-19T10:00:00+07:00"},
        "stopped_undated": {"status": "stopped", "finished_at": "2024-06-19T10:00:00+07:00", "due_at": None},
        "paused": {"status": "awaiting_supplement", "pauses": [{"from": "2024-06-05"}]},
    }
    names = [name for name, count in kinds.items() for _ in range(count)]
    response = client.batch(dossier(f"c-{n}", **{**RECEIVED, **of_kind[name]}) for n, name in enumerate(names))
    assert response.status_code == 200, response.text


def rate(client: Client, formula: str, **params: Any) -> tuple[int, int]:
    on_time = client.stats(formula=formula, **(JUNE | params))["rates"]["on_time"]
    return on_time["numerator"], on_time["denominator"]


def test_withdrawn_and_stopped_are_split_by_their_due_moment(client: Client) -> None:
    file(client, withdrawn=2, withdrawn_late=1, stopped_late=3, stopped_undated=1)
    counts = client.counts(**JUNE)
    parts = {name: counts[name] for name in ("withdrawn", "withdrawn_late", "stopped", "stopped_late")}
    assert parts == {"withdrawn": 3, "withdrawn_late": 1, "stopped": 4, "stopped_late": 3}


def test_national_2_judges_withdrawn_and_stopped_dossiers_too(client: Client) -> None:
    file(client, in_time=1, withdrawn=2, withdrawn_late=1, stopped_late=3, stopped_undated=1)
    assert rate(client, "national/2") == (4, 8)


def test_national_without_a_version_stays_version_1(client: Client) -> None:
    file(client, in_time=1, withdrawn_late=1)
    assert client.stats(formula="national", **JUNE)["rates"]["formula"] == "national/1"


def test_national_2_has_a_score(client: Client) -> None:
    file(client, in_time=1, withdrawn_late=1)
    assert client.stats(formula="national/2", **JUNE)["rates"]["score"] == "10.00"


def test_a_cohort_counts_what_was_due(client: Client) -> None:
    file(client, in_time=3, late=1, overdue=7, withdrawn=1, paused=2)
    assert rate(client, "cohort/1") == (3, 11)


def test_a_cohort_says_how_many_it_leaves_out(client: Client) -> None:
    file(client, in_time=3, withdrawn=1, withdrawn_late=1, paused=2)
    assert client.counts(formula="cohort", **JUNE)["cohort_excluded"] == 4


def test_without_the_cohort_its_counts_are_left_out(client: Client) -> None:
    file(client, in_time=1)
    assert "cohort_excluded" not in client.counts(**JUNE)


def test_a_cohort_is_judged_as_it_is_at_as_of(client: Client) -> None:
    ended = {"status": 9, "finished_at": "2024-07-02T10:00:00+07:00", "due_at": "2024-06-28"}
    client.push(dossier("a", **{**RECEIVED, **ended}))
    assert rate(client, "cohort", as_of="2024-12-31") == (0, 1)


def year(client: Client) -> Any:
    """File dossiers that are due in three months of 2024, and ask for the year by month."""
    days = [("2024-04-10", "2024-04-09"), ("2024-04-30", None), ("2024-06-10", "2024-06-20"), ("2024-12-31", None)]
    client.batch(
        dossier(f"y-{n}", received_at="2023-12-20", due_at=due, finished_at=end, status=9 if end else 4)
        for n, (due, end) in enumerate(days)
    )
    return client.stats(formula="cohort", period="2024", as_of="2025-01-31", group_by="month")


def test_the_months_of_a_cohort_add_up_to_its_year(client: Client) -> None:
    answer = year(client)
    for name in ("cohort_on_time", "cohort_late", "cohort_excluded"):
        assert sum(group["counts"][name] for group in answer["groups"]) == answer["counts"][name], name


def test_a_month_alone_is_the_month_of_the_year(client: Client) -> None:
    answer = year(client)
    for group in answer["groups"]:
        alone = client.stats(formula="cohort", period=group["key"]["code"], as_of="2025-01-31")
        assert alone["rates"] == group["rates"], group["key"]


def test_a_dossier_counts_in_the_month_in_which_it_was_due(client: Client) -> None:
    counts = {g["key"]["code"]: g["counts"] for g in year(client)["groups"]}
    assert counts["2024-04"]["cohort_on_time"] == 1
    assert counts["2024-04"]["cohort_late"] == 1


@pytest.fixture
def overdue(client: Client) -> Client:
    file(client, in_time=3, overdue=7)
    return client


def test_the_widget_says_how_many_are_overdue(overdue: Client) -> None:
    assert overdue.widget(**JUNE)["text"]["open_overdue"] == "Đang quá hạn: 7"


def test_the_widget_says_it_in_english(overdue: Client) -> None:
    assert overdue.widget(lang="en", **JUNE)["text"]["open_overdue"] == "Overdue now: 7"


def test_a_formula_that_counts_the_overdue_says_no_more(overdue: Client) -> None:
    assert "open_overdue" not in overdue.widget(formula="due", **JUNE)["text"]


def test_without_overdue_dossiers_there_is_no_line(client: Client) -> None:
    file(client, in_time=3)
    assert "open_overdue" not in client.widget(**JUNE)["text"]


@pytest.mark.parametrize("path", ["/units/H23.45", "/embed/H23.45", "/badge/H23.45.svg"])
def test_what_people_see_says_how_many_are_overdue(overdue: Client, path: str) -> None:
    text = re.sub(r"<[^>]+>", " ", overdue.get(path, **JUNE).text)
    assert "Đang quá hạn: 7" in text


def test_the_badge_as_json_says_it(overdue: Client) -> None:
    assert overdue.get("/badge/H23.45.json", **JUNE).json["message"] == "100.0% · Đang quá hạn: 7"


def test_the_badge_stays_well_formed(overdue: Client) -> None:
    assert ElementTree.fromstring(overdue.get("/badge/H23.45.svg", **JUNE).text).tag.endswith("svg")


def test_the_form_says_it_in_a_note(overdue: Client) -> None:
    notes = overdue.get("/units/H23.45/report.json", **JUNE).json["notes"]
    assert "Đang quá hạn: 7 (cột 13)." in notes


@pytest.mark.parametrize("formula", ["cohort", "all"])
def test_pages_and_tables_answer_for_a_cohort(overdue: Client, formula: str) -> None:
    table = overdue.get("/api/v1/stats", unit="H23.45", formula=formula, format="csv", **JUNE).text
    assert "cohort_excluded" in table.splitlines()[0]


def test_the_page_of_a_cohort_says_what_it_leaves_out(client: Client) -> None:
    file(client, in_time=1, paused=2)
    assert "Không xét: 2." in client.get("/units/H23.45", formula="cohort", **JUNE).text


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_each_formula_has_its_own_heading_and_badge(client: Client, lang: str) -> None:
    file(client, in_time=1)
    heads = {
        client.get("/api/v1/widget/H23.45", formula=name, lang=lang, **JUNE).json["text"]["heading"]
        for name in FORMULAS
    }
    badges = {client.get("/badge/H23.45.json", formula=name, lang=lang, **JUNE).json["label"] for name in FORMULAS}
    assert (len(heads), len(badges)) == (len(FORMULAS), len(FORMULAS))


def test_the_default_formula_keeps_the_words_of_the_contract(client: Client) -> None:
    file(client, in_time=1)
    assert client.get("/api/v1/widget/H23.45", **JUNE).json["text"]["heading"] == "Tháng 6/2024 đã giải quyết:"
    assert client.get("/badge/H23.45.json", **JUNE).json["label"] == "TTHC đúng hạn"


def test_another_formula_says_what_it_is(client: Client) -> None:
    file(client, in_time=1)
    told = client.get("/api/v1/widget/H23.45", formula="completion", **JUNE).json["text"]["heading"]
    assert told == "Tháng 6/2024, đã giải quyết trên số xử lý:"
    assert client.get("/badge/H23.45.json", formula="due", **JUNE).json["label"] == "Đúng hạn trên số đến hạn"
