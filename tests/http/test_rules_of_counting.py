"""Rules that a recount over random histories once found broken, each as one small case."""

from typing import Any

import pytest

from service.ingest import pipeline as ingest
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier

MARCH = {"period": "2025-03", "as_of": "2025-03-15"}


def case(**given: Any) -> dict[str, Any]:
    return dossier(received_at="2025-03-03T08:00:00+07:00", due_at="2025-03-28", **given)


@pytest.mark.parametrize("chunk", [1, 2, 2000])
def test_the_later_line_of_a_batch_wins_wherever_the_batch_is_cut(
    client: Client, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(ingest, "CHUNK", chunk)
    resolved, reopened = case(status="resolved", finished_at="2025-03-10"), case(status="processing")
    client.batch([case(status="received"), case(status="processing"), resolved, reopened])
    counts = client.counts(**MARCH)
    assert (counts["resolved"], counts["open_in_time"]) == (0, 1)


def test_a_pause_that_ends_before_it_begins_is_no_request(client: Client) -> None:
    mistyped = {"from": "2025-03-05", "to": "2025-03-04"}
    client.push(case(status="awaiting_supplement", pauses=[mistyped, {"from": "2025-03-10"}]))
    counts = client.counts(**MARCH)
    assert (counts["paused_in_time"], counts["paused_overdue"]) == (1, 0)


def test_a_pause_without_length_is_no_request(client: Client) -> None:
    asked = [{"from": "2025-03-05", "to": "2025-03-05"}, {"from": "2025-03-10"}]
    client.push(case(pauses=asked, status="awaiting_supplement", changed_at="2025-03-10T08:00:00+07:00"))
    assert client.counts(**MARCH)["paused_in_time"] == 1


def test_a_second_request_is_overdue(client: Client) -> None:
    asked = [{"from": "2025-03-05", "to": "2025-03-06"}, {"from": "2025-03-10"}]
    client.push(case(pauses=asked, status="awaiting_supplement", changed_at="2025-03-10T08:00:00+07:00"))
    assert client.counts(**MARCH)["paused_overdue"] == 1


def test_a_refused_dossier_waited_for_its_refusal_whatever_receipt_it_carries(client: Client) -> None:
    client.push(
        case(status="refused", submitted_at="2025-03-03T07:30:00+07:00", changed_at="2025-03-07T09:00:00+07:00")
    )
    overdue = [client.counts(period="ytd", as_of=day)["reception_overdue"] for day in ("2025-03-05", "2025-03-07")]
    assert overdue == [1, 0]


def test_local_variants_of_a_procedure_are_one_national_group(client: Client) -> None:
    codes = ["1.004873", "1.004873.000.00.00.H23", "2.000777.000.00.00.H23"]
    client.batch(case() | {"code": f"H23.45-{n}", "procedure_code": code} for n, code in enumerate(codes))
    groups = client.stats(group_by="procedure", **MARCH)["groups"]
    assert {g["key"]["code"]: g["counts"]["received"] for g in groups} == {"1.004873": 2, "2.000777": 1}


def test_a_field_that_lost_its_dossiers_is_no_row_of_zeros(client: Client) -> None:
    client.push(case(field_code="G01"))
    client.push(case(field_code="G02"))
    groups = client.stats(group_by="field", **MARCH)["groups"]
    assert [g["key"]["code"] for g in groups] == ["G02"]


def test_a_dossier_moved_to_another_procedure_has_the_time_limit_of_that_one(
    client: Client, operator: Operator
) -> None:
    operator.limits("1.000001,3,working_day")
    client.push(case() | {"procedure_code": "1.000001", "due_at": ""})
    assert client.counts(**MARCH)["open_overdue"] == 1
    client.push(case() | {"procedure_code": "1.000002", "due_at": ""})
    assert client.counts(**MARCH)["open_no_deadline"] == 1
