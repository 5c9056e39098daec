"""compare=previous|year_ago: the same question earlier, the differences, and when there are none."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from service.domain.units import Unit
from service.store import catalogue
from service.store.database import Database
from tests.support.client import Client, dossier

ASKED = {"period": "2023-10", "as_of": "2023-10-31T23:00:00+07:00", "compare": "previous"}


def ended(code: str, day: str, due: str, **given: Any) -> dict[str, Any]:
    return dossier(code, status=9, received_at=f"{day}T08:00:00+07:00", due_at=due, finished_at=f"{day}T09:00:00+07:00",
                   changed_at=f"{day}T10:00:00+07:00", **given)  # fmt: skip


@pytest.fixture
def filed(client: Client) -> Client:
    """File one late of four in October, none late of two in September, all known in October."""
    with time_machine.travel(datetime(2023, 10, 31, 10, tzinfo=UTC), tick=False):
        october = [ended(f"O{number}", "2023-10-10", due) for number, due in enumerate(["2023-10-12"] * 3)]
        september = [ended(f"S{number}", "2023-09-12", "2023-09-15") for number in range(2)]
        client.batch([*october, ended("O9", "2023-10-11", "2023-10-09"), *september])
    return client


def test_the_earlier_answer_stands_beside_the_asked_one(filed: Client) -> None:
    comparison = filed.stats(**ASKED)["comparison"]
    assert (comparison["kind"], comparison["period"]["name"], comparison["as_of"]) == (
        "previous", "2023-09", "2023-10-01T23:00:00+07:00",
    )  # fmt: skip
    assert comparison["counts"]["resolved"] == 2


def test_differences_are_of_counts_and_in_points(filed: Client) -> None:
    differences = filed.stats(**ASKED)["comparison"]["differences"]
    assert differences["counts"]["resolved"] == 2
    assert differences["rates"]["timed/1"] == {
        "on_time": {"points": "-25.0", "text": "giảm 25,0 điểm phần trăm"},
        "late": {"points": "25.0", "text": "tăng 25,0 điểm phần trăm"},
    }


def test_both_coverages_and_working_days_are_given(filed: Client) -> None:
    answer = filed.stats(**ASKED)
    assert answer["comparison"]["working_days"] == {"now": 22, "then": 19}  # 4 September was a day off too
    assert answer["comparison"]["coverage"]["expected"] == answer["coverage"]["expected"] == 1


def test_a_year_ago_without_dossiers_has_no_change_of_rate(filed: Client) -> None:
    rates = filed.stats(**ASKED | {"compare": "year_ago"})["comparison"]["differences"]["rates"]
    assert rates["timed/1"]["on_time"] == {"points": None, "text": None}


def test_all_formulas_are_compared(filed: Client) -> None:
    comparison = filed.stats(**ASKED, formula="all")["comparison"]
    assert comparison["differences"]["rates"].keys() == comparison["rates"].keys()


def test_there_are_no_differences_where_other_units_are_silent(client: Client, database: Database) -> None:
    with database.writing() as session:
        units = Unit("H23"), Unit("H23.1", parent_code="H23"), Unit("H23.2", parent_code="H23")
        catalogue.put_units(session, units)
    for unit, at in (("H23.1", datetime(2023, 10, 2, tzinfo=UTC)), ("H23.2", datetime(2023, 10, 31, tzinfo=UTC))):
        with time_machine.travel(at, tick=False):
            client.push(ended(unit, "2023-09-12", "2023-09-15", unit_code=unit))
    comparison = client.stats("H23", **ASKED)["comparison"]
    assert (comparison["differences"], comparison["reason"]["en"][:10]) == (None, "the silent")


def test_an_unknown_comparison_is_refused(filed: Client) -> None:
    answer = filed.get("/api/v1/stats", unit="H23.45", compare="before")
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["compare"])


def test_the_same_answer_has_the_same_etag(filed: Client) -> None:
    asked = {"unit": "H23.45", "period": "2023-10", "compare": "previous"}
    assert filed.get("/api/v1/stats", **asked).headers["ETag"] == filed.get("/api/v1/stats", **asked).headers["ETag"]


@pytest.mark.parametrize(
    ("lang", "line"),
    [("vi", "Giảm 25,0 điểm phần trăm so với kỳ trước"), ("en", "Down 25.0 points since the period before")],
)
def test_the_widget_says_how_its_rate_changed(filed: Client, lang: str, line: str) -> None:
    widget = filed.widget(lang=lang, **ASKED)
    assert (widget["comparison"]["points"], widget["comparison"]["period"]["name"]) == ("-25.0", "2023-09")
    assert widget["text"]["change"] == line


def test_the_widget_says_nothing_where_there_was_no_rate(filed: Client) -> None:
    widget = filed.widget(**{**ASKED, "compare": "year_ago"})
    assert (widget["comparison"]["points"], "change" in widget["text"]) == (None, False)
