"""The summary of a batch: what is counted of its events, and which of them are listed."""

import pytest

from service.domain.dossier.data_warnings import reading_warning
from service.domain.dossier.events import IngestResult
from service.ingest import batch
from service.ingest.batch import Summary

CREATED = IngestResult("created", "A")
REJECTED = IngestResult("rejected", "B", errors={"code": ["wrong"]})
WARNED = IngestResult("updated", "C", warnings=("reopened",))
DOUBTED = IngestResult("updated", "D", read=(reading_warning("repeated_code"),), place={"row": 7})


def summary_of(*results: IngestResult) -> Summary:
    summary = Summary()
    for result in results:
        summary.add(result)
    return summary


def test_each_result_is_counted() -> None:
    told = summary_of(CREATED, REJECTED, WARNED, CREATED).as_dict()
    assert {name: told[name] for name in ("received", "created", "updated", "unchanged", "stale", "rejected")} == {
        "received": 4,
        "created": 2,
        "updated": 1,
        "unchanged": 0,
        "stale": 0,
        "rejected": 1,
    }


def test_a_rejection_is_listed_with_its_place_and_its_errors() -> None:
    told = summary_of(CREATED, REJECTED._replace(place={"row": 3}))
    assert told.rejections == [{"index": 1, "code": "B", "row": 3, "errors": {"code": ["wrong"]}}]


@pytest.mark.parametrize(("result", "kind"), [(WARNED, "reopened"), (DOUBTED, "repeated_code")])
def test_signs_and_what_was_doubted_while_reading_are_warnings(result: IngestResult, kind: str) -> None:
    (listed,) = summary_of(CREATED, result).warnings
    assert (listed["index"], [warning["kind"] for warning in listed["warnings"]]) == (1, [kind])


def test_what_is_as_it_should_be_is_listed_nowhere() -> None:
    told = summary_of(CREATED)
    assert (told.rejections, told.warnings) == ([], [])


def test_a_list_ends_where_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LISTED", 2)
    told = summary_of(REJECTED, REJECTED, REJECTED).as_dict()
    assert (told["rejected"], len(told["rejections"]), told["truncated"]) == (3, 2, True)


def test_lists_that_are_whole_say_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LISTED", 2)
    assert "truncated" not in summary_of(REJECTED, REJECTED).as_dict()


def test_no_batch_tells_of_deletions() -> None:
    assert "deleted" not in summary_of(IngestResult("deleted", "A")).as_dict()
