"""A deadline that was computed stays: what imports, pauses, due dates that came and went, and suffixes do to it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.ingest.catalogues.lines import CatalogueFile
from service.ingest.catalogues.procedures import import_procedures
from tests.support.catalogues import PROCEDURES, PROCEDURES_BY_DATE, Operator
from tests.support.client import Client, dossier
from tests.support.senders import SenderB, tien_do

CODE = "H23.45-231001-0001"
FIVE, SEVEN = "1.004873,5,working_day", "1.004873,7,working_day"
DUE_IN_FIVE, DUE_IN_SEVEN = "2023-10-09", "2023-10-11"
"""Received on Monday 2 October 2023 at 08:00."""
CASES = Path(__file__).parents[1] / "data" / "field-deadlines.jsonl"


def told(changed_at: str, **given: Any) -> dict[str, Any]:
    return dossier(CODE, changed_at=f"2023-10-{changed_at}:00+07:00", **({"due_at": None} | given))


def due_moment(client: Client, code: str = CODE) -> Any:
    return client.http.get(f"/api/v1/dossiers/{code}", headers=client.auth).json["due_moment"]


def due_day(client: Client, code: str = CODE) -> str | None:
    due_at = due_moment(client, code)["due_at"]
    return due_at[:10] if due_at else None


PAUSE = [{"from": "2023-10-04T08:00:00+07:00", "to": "2023-10-05T08:00:00+07:00"}]

STORIES: list[tuple[str, list[Any], str | None]] = [
    ("no import, no deadline", [told("02T09:00")], None),
    ("the limit was imported first", [FIVE, told("02T09:00")], DUE_IN_FIVE),
    ("a later import leaves it alone", [FIVE, told("02T09:00"), SEVEN], DUE_IN_FIVE),
    ("a later import and the same news again", [FIVE, told("02T09:00"), SEVEN, told("03T09:00")], DUE_IN_FIVE),
    ("a later import, then a pause of one day", [FIVE, told("02T09:00"), SEVEN, told("05T09:00", pauses=PAUSE)],
     "2023-10-10"),
    ("a due date of the source wins", [FIVE, told("02T09:00"), told("03T09:00", due_at="2023-10-20")], "2023-10-20"),
    ("a due date that came and went",
     [FIVE, told("02T09:00"), told("03T09:00", due_at="2023-10-20"), SEVEN, told("04T09:00")], DUE_IN_FIVE),
    ("sent again with a local suffix",
     [FIVE, told("02T09:00"), SEVEN, told("03T09:00", procedure_code="1.004873.000.00.00.H56")], DUE_IN_FIVE),
    ("sent again with another suffix",
     [FIVE, told("02T09:00", procedure_code="1.004873.H19"), SEVEN, told("03T09:00", procedure_code="1.004873.H13-4")],
     DUE_IN_FIVE),
    ("came before its limit", [told("02T09:00"), FIVE], DUE_IN_FIVE),
    ("came before its limit, which then changed", [told("02T09:00"), FIVE, SEVEN], DUE_IN_FIVE),
    ("came after the change", [FIVE, SEVEN, told("02T09:00")], DUE_IN_SEVEN),
    ("stale news say that it could be computed before the change",
     [FIVE, told("03T09:00", due_at="2023-10-20"), told("02T09:00"), SEVEN, told("04T09:00")], DUE_IN_FIVE),
    ("due dates of the source, left out after the change",
     [FIVE, told("02T09:00", due_at="2023-10-20"), told("03T09:00", due_at="2023-10-23"), SEVEN, told("04T09:00")],
     DUE_IN_SEVEN),
    ("submitted before the change, received after it",
     [FIVE, told("02T07:00", status=1, received_at=None, submitted_at="2023-10-02"), SEVEN, told("02T09:00")],
     DUE_IN_SEVEN),
    ("a day off that was imported later", [FIVE, told("02T09:00"), ("2023-10-05,no",), told("03T09:00")], DUE_IN_FIVE),
    ("a day off imported later, then a pause",
     [FIVE, told("02T09:00"), ("2023-10-05,no",), told("05T09:00", pauses=PAUSE)], "2023-10-10"),
    ("a day off that was known", [FIVE, ("2023-10-05,no",), told("02T09:00")], "2023-10-10"),
    ("a day off imported before the limit that was missing",
     [told("02T09:00"), ("2023-10-05,no",), FIVE], "2023-10-10"),
]  # fmt: skip


@pytest.mark.parametrize(("story", "happens", "expected"), STORIES, ids=[story for story, _, _ in STORIES])
def test_the_deadline_that_a_story_ends_with(
    client: Client, operator: Operator, story: str, happens: list[Any], expected: str | None
) -> None:
    play(client, operator, happens)
    assert due_day(client) == expected


def play(client: Client, operator: Operator, happens: list[Any]) -> None:
    for event in happens:
        if isinstance(event, str):
            operator.limits(event)
        elif isinstance(event, tuple):
            operator.days(*event)
        else:
            assert client.push(event).status_code in (200, 201)


@pytest.mark.parametrize(
    "line", CASES.read_text(encoding="utf-8").splitlines(), ids=lambda line: json.loads(line)["id"]
)
def test_a_situation_from_the_field(client: Client, operator: Operator, line: str) -> None:
    case = json.loads(line)
    for act in case["do"]:
        if "import" in act:
            operator.imports(act["import"], *act["csv"].splitlines())
        else:
            assert client.push(act["push"]).status_code in (200, 201)
    if "dossier" in case["ask"]:
        assert due_moment(client, case["ask"]["dossier"])["due_at"] == case["expect"]["due_at"], case["about"]
        return
    answer = client.stats(**case["ask"]["stats"])
    if groups := case["expect"].pop("groups", None):
        assert [[g["key"]["code"], g["counts"]["received"]] for g in answer["groups"]] == groups, case["about"]
    assert answer["counts"].items() >= case["expect"].items(), case["about"]


def test_a_limit_that_leads_out_of_the_calendar_gives_no_deadline(client: Client, operator: Operator) -> None:
    operator.limits("1.004873,4000,working_day")
    answer = client.push(dossier(CODE, received_at="2100-12-30T08:00:00+07:00", due_at=None))
    assert (answer.status_code, due_day(client)) == (201, None)


@pytest.mark.parametrize("step", [1, 2])
def test_a_step_moves_no_deadline_before_or_after_an_import(client: Client, operator: Operator, step: int) -> None:
    happens: list[Any] = [FIVE, told("02T09:00"), SEVEN, told("05T09:00", pauses=PAUSE)]
    play(client, operator, happens[: 1 + step])
    SenderB(client.http, client.key).post("CapNhatTienDoHoSoMC", [tien_do(CODE, "20231003093000", "4")])
    play(client, operator, happens[1 + step :])
    assert due_day(client) == "2023-10-10"


# The limit in force at receipt

BY_DATE = ("1.004873,X,,,5,working_day,,2023-10-01", "1.004873,X,,,7,working_day,2023-10-02,")


@pytest.mark.parametrize(("received", "expected"), [("2023-09-29", "2023-10-06"), ("2023-10-02", DUE_IN_SEVEN)])
def test_the_limit_is_the_one_in_force_at_receipt(
    client: Client, operator: Operator, received: str, expected: str
) -> None:
    operator.imports("procedures", PROCEDURES_BY_DATE, *BY_DATE)
    client.push(told("03T09:00", received_at=f"{received}T08:00:00+07:00"))
    assert due_day(client) == expected


def test_a_receipt_that_is_corrected_over_the_date_takes_the_other_limit(client: Client, operator: Operator) -> None:
    operator.imports("procedures", PROCEDURES_BY_DATE, *BY_DATE)
    client.push(told("03T09:00"))
    client.push(told("04T09:00", received_at="2023-09-29T08:00:00+07:00"))
    assert due_day(client) == "2023-10-06"


def test_the_limit_of_another_suffix_counts_for_all(client: Client, operator: Operator) -> None:
    operator.limits("1.004873.000.00.00.H99,5,working_day")
    client.push(told("02T09:00", procedure_code="1.004873.H99-4"))
    assert due_day(client) == DUE_IN_FIVE


# Backfill


def test_a_version_says_that_the_deadline_was_filled(client: Client, operator: Operator) -> None:
    client.push(told("02T09:00"))
    said = operator.imports("procedures", PROCEDURES, "1.004873,X,G03,Đất đai,5,working_day")
    versions = client.http.get(f"/api/v1/dossiers/{CODE}", headers=client.auth).json["versions"]
    assert "1 dossiers got" in said
    assert [version["kind"] for version in versions] == ["snapshot", "backfill"]
    assert versions[1]["sent"] == {"due_at": f"{DUE_IN_FIVE}T23:59:59.999999+07:00", "field": "G03"}


def test_the_counts_know_a_deadline_that_was_filled(client: Client, operator: Operator) -> None:
    client.push(told("02T09:00", status=9, finished_at="2023-10-10T08:00:00+07:00"))
    october = {"period": "2023-10", "as_of": "2023-10-31"}
    assert client.counts(**october)["no_deadline"] == 1
    operator.limits(FIVE)
    assert client.counts(**october)["late"] == 1
    assert client.counts(**october)["no_deadline"] == 0
    operator.runs("tallies", "verify")


def test_a_dry_run_counts_and_stores_nothing(client: Client, operator: Operator, app: Any, tmp_path: Path) -> None:
    client.push(told("02T09:00"))
    _imported_and_killed(app, tmp_path)
    assert "1 dossiers would get" in operator.runs("deadlines", "backfill", "--dry-run")
    assert due_day(client) is None
    assert "1 dossiers got" in operator.runs("deadlines", "backfill")
    assert due_day(client) == DUE_IN_FIVE
    assert "0 dossiers got" in operator.runs("deadlines", "backfill")


def _imported_and_killed(app: Any, folder: Path) -> None:
    """Leave the catalogue as an import does that was killed before it filled what lacks a deadline."""
    path = folder / "killed.csv"
    path.write_text(f"{PROCEDURES}\n1.004873,,,,5,working_day\n", encoding="utf-8")
    components = app.extensions["tthc"]
    with components.database.writing() as session:
        import_procedures(session, CatalogueFile(path, 1), components.hours, datetime.now(UTC))


def test_filling_is_no_news_of_the_source(client: Client, operator: Operator) -> None:
    with time_machine.travel("2023-10-02T10:00:00+07:00", tick=False):
        client.push(told("02T09:00"))
    before = client.stats(as_of="2023-10-31")["updated_at"]
    operator.limits(FIVE)
    assert client.stats(as_of="2023-10-31")["updated_at"] == before


# Any order between two imports

EVENTS: list[dict[str, Any]] = [
    told("02T09:00"),
    told("03T09:00", due_at="2023-10-20"),
    told("04T09:00", procedure_code="1.004873.H19", pauses=PAUSE),
    told("05T09:00", received_at="2023-10-03T08:00:00+07:00"),
    told("06T09:00", procedure_code="2.000777"),
]
AFTER = told("09T09:00")
BOUNDED = settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def test_the_news_between_two_imports_end_in_one_state_in_any_order(client: Client, operator: Operator) -> None:
    """The state after them, and the state after the next import and one more piece of news."""

    @BOUNDED
    @given(st.lists(st.sampled_from(EVENTS), min_size=1, max_size=3, unique_by=lambda event: event["changed_at"]))
    def property_(events: list[dict[str, Any]]) -> None:
        number[0] += 1
        codes = [f"H23.45-{number[0]}-{place}" for place, _ in enumerate(permutations(events))]
        limit = 2 * number[0]
        operator.limits(f"1.004873,{limit},working_day", f"2.000777,{limit + 1},calendar_day")
        for code, order in zip(codes, permutations(events), strict=True):
            for event in order:
                client.push(event | {"code": code})
        assert len({str(due_moment(client, code)) for code in codes}) == 1, events
        operator.limits(f"1.004873,{limit + 1},working_day", f"2.000777,{limit},working_day")
        for code in codes:
            client.push(AFTER | {"code": code})
        assert len({str(due_moment(client, code)) for code in codes}) == 1, events

    number = [0]
    property_()


@pytest.mark.parametrize("event", EVENTS[:4], ids=lambda event: event["changed_at"])
def test_a_dossier_before_or_after_its_limit_ends_in_one_state(
    client: Client, operator: Operator, event: dict[str, Any]
) -> None:
    client.push(event | {"code": "before"})
    operator.limits(FIVE)
    client.push(event | {"code": "after"})
    operator.limits(SEVEN)
    for code in ("before", "after"):
        client.push(AFTER | {"code": code})
    assert due_moment(client, "before") == due_moment(client, "after")


def test_other_office_hours_and_readings_move_no_deadline(client: Client, operator: Operator, app: Any) -> None:
    operator.limits("1.004873,1,working_day")
    client.push(told("07T09:00", received_at="2023-10-07T09:00:00+07:00"))  # Saturday
    assert due_day(client) == "2023-10-10"
    _set_hours(app, "same")
    client.push(told("10T09:00", received_at="2023-10-07T09:00:00+07:00", pauses=[
        {"from": "2023-10-10T08:00:00+07:00", "to": "2023-10-11T08:00:00+07:00"}
    ]))  # fmt: skip
    assert due_day(client) == "2023-10-11"
    client.push(dossier("new", due_at=None, received_at="2023-10-07T09:00:00+07:00"))
    assert due_day(client, "new") == "2023-10-09"


def _set_hours(app: Any, receipt_off_hours: str) -> None:
    components = app.extensions["tthc"]
    app.extensions["tthc"] = replace(components, hours=replace(components.hours, receipt_off_hours=receipt_off_hours))
