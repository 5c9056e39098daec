"""/api/v1/durations: how long dossiers took, over HTTP."""

import csv
import io
from typing import Any

import pytest

from tests.support.client import Client, dossier

JUNE = {"period": "2024-06", "as_of": "2024-06-30"}


def ended(code: str, received: str, finished: str | None, due: str | None = "2024-06-12", **given: Any) -> Any:
    moment = None if finished is None else f"{finished}T10:00:00+07:00"
    return dossier(code, status=9, received_at=f"{received}T08:00:00+07:00", due_at=due, finished_at=moment,
                   changed_at=None if finished is None else "2024-06-30T08:00:00+07:00", **given)  # fmt: skip


@pytest.fixture
def filed(client: Client) -> Client:
    """File dossiers that took 1, 1, 2 and 7 working days (one of these was paused for two), and others beside them."""
    paused = [{"from": "2024-06-05T08:00:00+07:00", "to": "2024-06-07T08:00:00+07:00"}]
    batch = [
        ended("A", "2024-06-03", "2024-06-04", unit_code="H23.45.01", channel=2),
        ended("B", "2024-06-04", "2024-06-05", unit_code="H23.45.01"),
        ended("C", "2024-06-03", "2024-06-07", unit_code="H23.45.02", pauses=paused),
        ended("D", "2024-05-31", "2024-06-11", due="2024-06-10", unit_code="H23.45.02", procedure_code="2.000001"),
        ended("E", "2024-06-03", None, unit_code="H23.45.02"),
        dossier("F", unit_code="H23.45.02", received_at="2024-06-03T08:00:00+07:00"),
        dossier("G", status=7, received_at="2024-06-03T08:00:00+07:00", finished_at="2024-06-04T08:00:00+07:00"),
    ]
    client.batch(batch)
    return client


def asked(client: Client, **params: Any) -> Any:
    answer = client.get("/api/v1/durations", **{"unit": "H23.45", **JUNE, **params})
    assert answer.status_code == 200, answer.text
    return answer.json


def bins(classes: list[dict[str, int]]) -> dict[int, int]:
    return {one["working_days"]: one["dossiers"] for one in classes}


def test_resolved_dossiers_are_measured(filed: Client) -> None:
    durations = asked(filed)
    assert (durations["dossiers"], durations["mean"], durations["median"], durations["p90"]) == (4, "2.8", 1.5, 7)


def test_the_histogram_has_each_dossier_once(filed: Client) -> None:
    assert bins(asked(filed)["histogram"]) == {1: 2, 2: 1, 7: 1}


def test_the_distance_tells_how_many_end_on_the_last_day(filed: Client) -> None:
    assert bins(asked(filed)["to_deadline"]) == {-1: 1, 3: 1, 5: 1, 6: 1}


def test_one_without_a_told_end_is_not_measured_but_counted_apart(filed: Client) -> None:
    now = filed.get("/api/v1/durations", unit="H23.45").json  # it ended when that became known: now
    assert (now["dossiers"], now["unmeasured"], now["mean"], now["histogram"]) == (0, 1, None, [])


def test_by_receipt_a_period_holds_those_received_in_it(filed: Client) -> None:
    assert bins(asked(filed, by="received")["histogram"]) == {1: 2, 2: 1}  # D came in May


def test_groups_by_unit_are_those_of_stats(filed: Client) -> None:
    groups = asked(filed, group_by="unit")["groups"]
    assert [(group["key"]["code"], group["dossiers"]) for group in groups] == [
        ("H23.45.01", 2), ("H23.45.02", 2),
    ]  # fmt: skip


def test_months_are_those_of_the_end(filed: Client) -> None:
    months = asked(filed, period="2024-H1", group_by="month")["groups"]
    assert [group["dossiers"] for group in months] == [0, 0, 0, 0, 0, 4]


def test_procedures_of_few_dossiers_stand_together(filed: Client) -> None:
    filed.batch([ended(f"P{number}", "2024-06-03", "2024-06-04", procedure_code="3.000009") for number in range(5)])
    groups = asked(filed, group_by="procedure")["groups"]
    assert [(group["key"]["code"], group["dossiers"]) for group in groups] == [("3.000009", 5), (None, 4)]


def test_filters_hold(filed: Client) -> None:
    assert asked(filed, channel="online")["dossiers"] == 1


def test_a_table_has_a_row_a_working_day_and_its_question(filed: Client) -> None:
    text = filed.get("/api/v1/durations", unit="H23.45", **JUNE, group_by="unit", format="csv").text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert [(row["code"], row["working_days"], row["dossiers"], row["by"]) for row in rows] == [
        ("H23.45.01", "1", "2", "ended"), ("H23.45.02", "2", "1", "ended"), ("H23.45.02", "7", "1", "ended"),
        ("H23.45", "1", "2", "ended"), ("H23.45", "2", "1", "ended"), ("H23.45", "7", "1", "ended"),
    ]  # fmt: skip


WRONG = {
    "unknown basis": ({"by": "returned"}, 400),
    "no comparison": ({"compare": "previous"}, 400),
    "unknown unit": ({"unit": "NOPE"}, 404),
    "no unit": ({"unit": ""}, 400),
}


@pytest.mark.parametrize(("params", "status"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_asked_is_refused(filed: Client, params: dict[str, str], status: int) -> None:
    assert filed.get("/api/v1/durations", **{"unit": "H23.45", **params}).status_code == status


def test_of_few_dossiers_of_a_procedure_nobody_is_recognised(filed: Client) -> None:
    """Groups of them are merged; asked for alone, one person's days were told."""
    answer = asked(filed, procedure="2.000001")
    assert (answer["dossiers"], answer["mean"], answer["histogram"]) == (0, None, [])
    assert answer["unmeasured"] == 1


@pytest.mark.parametrize("asked_for", [{"procedure": "1.004873", "group_by": "unit"}, {"group_by": "procedure,unit"}])
def test_nor_in_the_groups_of_a_procedure(client: Client, asked_for: dict[str, str]) -> None:
    client.batch([ended(f"E-{n}", "2024-06-03", "2024-06-05", unit_code=f"H23.45.0{1 + (n > 0)}") for n in range(7)])
    answer = asked(client, **asked_for)
    groups = answer["groups"] if "procedure" in asked_for else answer["groups"][0]["groups"]
    assert (answer["dossiers"], [group["dossiers"] for group in groups]) == (7, [0, 0])
    assert sorted(group["unmeasured"] for group in groups) == [1, 6]
