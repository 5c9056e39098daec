"""What filing tells and stores of each event: its version, its result, its lag. Days are of June 2024."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import orjson
import pytest

from models.catalogue import CatalogueVersion
from models.dossiers import Dossier, DossierVersion
from models.tallies import SourceNews
from service.domain.calendar.local_time import MICROSECOND
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.events import (
    CatalogueEvent,
    DeletionEvent,
    DossierEvent,
    IngestResult,
    MergeEvent,
    ProgressEvent,
)
from service.domain.dossier.snapshot import ProgressStep
from service.ingest import pipeline as pipeline_module
from service.ingest.pipeline import Event, Pipeline
from service.ingest.sender import Sender
from service.store.catalogues import versions
from service.store.catalogues.versions import ProcedureLine
from service.store.stored_json import digest, to_payload, write_step
from tests.support.filing import LATER, NOW, Filing, begun, sent
from tests.support.june import june, version

OPEN = sent(4, "4 08:00", due="10")
STEP = ProgressEvent("C", ProgressStep(june("5 08:00"), 5))


@pytest.fixture
def filing(database_url: str) -> Iterator[Filing]:
    """Give a source of an empty database."""
    yield from begun(database_url)


def test_each_event_is_stored_with_its_kind_and_its_moments(filing: Filing) -> None:
    filing.file(OPEN, STEP, MergeEvent("C", True), DeletionEvent("C"))
    columns = "source_id", "code", "kind", "result", "unit_code", "changed_at", "known_at", "request_id"
    known = [NOW + place * MICROSECOND for place in range(4)]
    assert filing.stored(DossierVersion, *columns) == [
        (filing.source_id, "C", "snapshot", "created", "H23", june("4 08:00"), known[0], "r-1"),
        (filing.source_id, "C", "step", "updated", "H23", june("5 08:00"), known[1], "r-1"),
        (filing.source_id, "C", "merge", "updated", "H23", june("4 08:00"), known[2], "r-1"),
        (filing.source_id, "C", "delete", "deleted", "H23", known[3], known[3], "r-1"),
    ]


def test_each_event_is_stored_with_what_it_said(filing: Filing) -> None:
    filing.file(OPEN, STEP, MergeEvent("C", True), DeletionEvent("C"))
    said = [to_payload(OPEN.snapshot), write_step(STEP.step), '{"merged":true}']
    assert filing.stored(DossierVersion, "payload", "digest") == [*((each, digest(each)) for each in said), ("{}", "")]


def test_of_requests_that_are_filed_together_each_is_named_with_its_own_dossier(filing: Filing) -> None:
    filing.file(OPEN, requests={"C": "r-9", "D": "r-8"})
    assert filing.stored(DossierVersion, "request_id") == ["r-9"]


def test_an_event_that_brings_nothing_new_is_not_stored(filing: Filing) -> None:
    results = filing.file(OPEN, OPEN, STEP, STEP)
    assert [each.result for each in results] == ["created", "unchanged", "updated", "unchanged"]
    assert filing.stored(DossierVersion, "kind") == ["snapshot", "step"]


@pytest.mark.parametrize("event", [STEP, DeletionEvent("C"), sent(4, "5 08:00", due="2")])
def test_a_result_names_its_dossier(filing: Filing, event: Event) -> None:
    assert [each.code for each in filing.file(OPEN, event)] == ["C", "C"]


def test_a_step_is_told_what_is_wrong_with_its_dossier(filing: Filing) -> None:
    assert filing.file(sent(4, "4 08:00", due="2"), STEP)[1].warnings == ("due_before_received",)


@pytest.mark.parametrize(
    ("events", "moment"),
    [
        pytest.param([OPEN], june("4 08:00"), id="a version"),
        pytest.param([OPEN, STEP], june("5 08:00"), id="a step"),
        pytest.param([sent(4)], None, id="a version without moment of change"),
        pytest.param([OPEN, OPEN], None, id="the same again"),
        pytest.param([OPEN, sent(4, "3 12:00")], None, id="a stale version"),
        pytest.param([OPEN, STEP, STEP], None, id="the same step again"),
        pytest.param([OPEN, DeletionEvent("C")], None, id="a deletion"),
    ],
)
def test_an_event_is_as_late_as_its_moment_lies_back(
    filing: Filing, events: list[Event], moment: datetime | None
) -> None:
    lag = filing.file(*events)[-1].lag
    assert lag == (None if moment is None else pytest.approx((NOW - moment).total_seconds(), abs=0.001))


@pytest.mark.parametrize("event", [STEP, DeletionEvent("C"), MergeEvent("C", True)])
def test_an_event_of_an_unknown_dossier_is_refused(filing: Filing, event: Event) -> None:
    errors = {"code": [pipeline_module.UNKNOWN_DOSSIER]}
    assert filing.file(event) == [IngestResult("rejected", "C", errors=errors)]


def test_a_catalogue_changes_nothing_of_an_unknown_dossier(filing: Filing) -> None:
    assert filing.file(CatalogueEvent("C")) == [IngestResult("unchanged", "C")]


def test_a_deadline_that_a_catalogue_gives_is_stored_as_an_event(filing: Filing) -> None:
    event = sent(4, "4 08:00")
    event.snapshot.field_name = "Đất đai"
    filing.file(event)
    line = ProcedureLine("1", None, None, None, 5, "working_day")
    with filing.database.writing() as session:
        versions.append_procedures(session, [line], OfficeHours(), NOW)
    assert filing.file(CatalogueEvent("C"), now=LATER) == [IngestResult("updated", "C")]
    (deadline,) = filing.stored(Dossier, "due_at")
    said = {"due_at": deadline, "field_key": "Đất đai", "limit": [5, "working_day"]}
    payload = orjson.dumps({**said, "version": filing.stored(CatalogueVersion, "id")[-1]}).decode()
    columns = "kind", "result", "changed_at", "known_at", "payload", "digest"
    stored = filing.stored(DossierVersion, *columns)[-1]
    assert stored == ("backfill", "updated", june("4 08:00"), LATER, payload, digest(payload))
    assert filing.stored(SourceNews, "told_until") == [NOW]  # the source told nothing


@pytest.mark.parametrize(
    ("event", "result"), [(STEP, "rejected"), (DeletionEvent("C"), "deleted"), (MergeEvent("C", False), "unchanged")]
)
def test_of_a_deleted_dossier_a_step_alone_is_refused(filing: Filing, event: Event, result: str) -> None:
    filing.file(OPEN, DeletionEvent("C"))
    assert filing.file(event)[0].result == result


AHEAD = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("changed_at", "taken", "warnings"),
    [(AHEAD, AHEAD, ()), (AHEAD + MICROSECOND, NOW, ("changed_at_in_future",))],
    ids=["a day ahead", "further ahead"],
)
def test_a_moment_of_change_counts_up_to_a_day_ahead(
    filing: Filing, changed_at: datetime, taken: datetime, warnings: tuple[str, ...]
) -> None:
    snapshot = version(4, due="30").snapshot
    snapshot.changed_at = changed_at
    (result,) = filing.file(DossierEvent(snapshot, warnings=("not_received",)))
    assert result.warnings == ("not_received", *warnings)
    assert filing.stored(Dossier, "changed_at") == filing.stored(DossierVersion, "changed_at") == [taken]


DONE = sent(9, "6 08:00", due="10", finished="6 08:00")


@pytest.mark.parametrize(
    ("event", "taken_back"),
    [
        pytest.param(sent(4, "6 08:00", due="10"), (), id="an earlier status loses at the same moment"),
        pytest.param(sent(4, due="10"), ("state_taken_back",), id="an earlier status, no moment"),
        pytest.param(sent(4, "7 08:00", due="10"), (), id="an earlier status, later"),
        pytest.param(sent(9, due="10", finished="6 08:00"), (), id="the same status"),
        pytest.param(sent(9, "7 08:00", finished="6 08:00"), ("due_left_out",), id="no due date"),
        pytest.param(sent(4), ("due_left_out", "state_taken_back"), id="neither"),
        pytest.param(DONE, (), id="the same"),
    ],
)
def test_what_a_version_takes_back_is_told(filing: Filing, event: Event, taken_back: tuple[str, ...]) -> None:
    filing.file(DONE)
    assert filing.file(event, now=LATER)[0].taken_back == taken_back


def test_an_earlier_status_at_the_moment_of_the_later_one_takes_it_back(filing: Filing) -> None:
    """Where that moment is a bare date, the version that is filed last counts."""
    filing.file(sent(9, "6", due="10", finished="6"))
    assert filing.file(sent(4, "6", due="10"))[0].taken_back == ("state_taken_back",)


FIRST, SECOND, THIRD = (sent(4, due=day) for day in ("10", "11", "12"))


def test_a_request_that_is_repeated_takes_nothing_back(filing: Filing) -> None:
    filing.file(FIRST, SECOND)
    assert [each.result for each in filing.file(FIRST, SECOND, now=LATER)] == ["unchanged", "unchanged"]


def test_a_request_that_is_repeated_is_told_what_reading_doubted(filing: Filing) -> None:
    filing.file(FIRST, SECOND)
    doubted = FIRST._replace(warnings=("not_received",))
    assert filing.file(doubted, SECOND, now=LATER)[0] == IngestResult("unchanged", "C", ("not_received",))


def test_what_was_said_before_counts_again_where_a_request_ends_otherwise(filing: Filing) -> None:
    filing.file(FIRST, SECOND)
    assert [each.result for each in filing.file(FIRST, THIRD, now=LATER)] == ["updated", "updated"]


def test_a_request_may_say_what_is_new_before_what_is_so_already(filing: Filing) -> None:
    filing.file(FIRST)
    assert [each.result for each in filing.file(SECOND, FIRST, now=LATER)] == ["updated", "updated"]


END = sent(9, "12 08:00", due="10", finished="6 08:00")


@pytest.mark.parametrize("at_once", [1, 2, 3])
@pytest.mark.parametrize(
    ("before", "events", "known_at"),
    [
        pytest.param([], [OPEN, END], None, id="open in this request alone"),
        pytest.param([OPEN], [sent(4, "5 08:00", due="10"), END], LATER, id="open before"),
        pytest.param([OPEN], [END, sent(10, "13 08:00", due="10", finished="6 08:00")], LATER, id="closed at first"),
        pytest.param([OPEN, END], [sent(10, "13 08:00", due="10", finished="6 08:00")], None, id="closed before"),
    ],
)
def test_an_end_became_known_with_the_request_that_closed_the_dossier(
    filing: Filing,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
    before: list[Event],
    events: list[Event],
    known_at: datetime | None,
) -> None:
    """However many events are filed at once: they become known some microseconds after one another."""
    filing.file(*before)
    monkeypatch.setattr(pipeline_module, "CHUNK", at_once)
    filing.file(*events, now=LATER)
    (told,) = filing.stored(Dossier, "end_known_at")
    assert (told and told.replace(microsecond=0)) == known_at


def test_a_dossier_that_became_known_by_a_clock_that_ran_ahead_was_open_before(filing: Filing) -> None:
    filing.file(OPEN, now=LATER)
    filing.file(END, now=NOW)
    assert filing.stored(Dossier, "end_known_at") == [LATER + MICROSECOND]


def test_events_are_read_and_filed_a_part_at_a_time(filing: Filing, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that memory holds a part alone."""
    monkeypatch.setattr(pipeline_module, "CHUNK", 2)
    events: Iterator[Event] = iter([OPEN, STEP, OPEN, OPEN, OPEN])
    with filing.database.writing() as session:
        next(Pipeline(session, Sender(filing.source_id, "r-1"), lambda: NOW, OfficeHours()).file(events))
    assert len(list(events)) == 3
