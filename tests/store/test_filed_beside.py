"""What filing leaves beside versions: pauses, what was heard of units, tallies, and of trials nothing. June 2024."""

from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
from sqlalchemy.orm import Session

from models.catalogue import CatalogueVersion, Procedure, UnitHeard, UnitRow
from models.dossiers import Dossier, DossierVersion, PausedIntervalRow
from models.sources import Source
from models.tallies import DayTally, SourceNews, UnitNews
from service.domain.api_keys import key_id_of
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.events import DeletionEvent, DossierEvent, MergeEvent, ProgressEvent, Rejection
from service.domain.dossier.snapshot import ProgressStep
from service.domain.errors import Unavailable
from service.ingest import sender as sender_module
from service.ingest.pipeline import Event, Pipeline
from service.ingest.sender import Sender, begin
from service.store import dossiers, sources
from tests.support.filing import LATER, NOW, Filing, begun, sent
from tests.support.june import june

OPEN = sent(4, "4 08:00", due="10")
OTHER_HOURS = OfficeHours(((time(8), time(16)),))
STEP = ProgressEvent("C", ProgressStep(june("5 08:00"), 4))
PAUSED = sent(5, "8 08:00", due="10", pauses="5 08:00-6 08:00, 7 08:00-")
INTERVALS = [("C", june("5 08:00"), june("6 08:00"), True), ("C", june("7 08:00"), None, False)]
COLUMNS = "code", "start", "end", "in_time"


@pytest.fixture
def filing(database_url: str) -> Iterator[Filing]:
    """Give a source of an empty database."""
    yield from begun(database_url)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([], [PAUSED], id="at first"),
        pytest.param([OPEN], [PAUSED], id="later"),
        pytest.param([PAUSED], [PAUSED], id="the same again"),
        pytest.param([sent(5, "7 08:00", due="10", pauses="4 08:00-5 08:00")], [PAUSED], id="others before"),
        pytest.param([PAUSED, DeletionEvent("C")], [PAUSED], id="sent again after a deletion"),
    ],
)
def test_the_pauses_of_a_dossier_are_stored(filing: Filing, before: list[Event], after: list[Event]) -> None:
    filing.file(*before)
    filing.file(*after, now=LATER)
    assert filing.stored(PausedIntervalRow, *COLUMNS) == INTERVALS


@pytest.mark.parametrize("event", [DeletionEvent("C"), sent(4, "9 08:00", due="10")], ids=["deleted", "without pauses"])
def test_pauses_that_are_gone_are_deleted(filing: Filing, event: Event) -> None:
    filing.file(PAUSED)
    filing.file(event)
    assert filing.stored(PausedIntervalRow, *COLUMNS) == []


def test_pauses_follow_from_statuses_where_the_source_is_set_so(filing: Filing) -> None:
    filing.is_now(derive_pauses=True)
    filing.file(sent(5, "5 08:00"), sent(4, "6 08:00"))
    assert filing.stored(PausedIntervalRow, *COLUMNS) == [INTERVALS[0]]


@pytest.mark.parametrize("event", [OPEN, STEP, sent(4, "3 12:00")], ids=["the same", "the same step", "a stale one"])
def test_a_unit_is_heard_on_each_local_day_on_which_something_of_it_is_sent(filing: Filing, event: Event) -> None:
    filing.file(OPEN, STEP, now=june("20 23:00"))
    filing.file(event, now=june("21 01:00"))
    assert filing.stored(UnitHeard, "unit_code", "day") == [("H23", date(2024, 6, day)) for day in (20, 21)]


def test_a_unit_is_heard_by_a_deletion(filing: Filing) -> None:
    filing.file(OPEN)
    filing.file(DeletionEvent("C"), now=LATER)
    assert filing.stored(SourceNews, "source_id", "unit_code", "told_until") == [(filing.source_id, "H23", LATER)]


def test_a_decision_of_a_person_is_no_news_of_the_source(filing: Filing) -> None:
    filing.file(OPEN)
    filing.file(MergeEvent("C", True), now=LATER)
    assert filing.stored(SourceNews, "told_until") == [NOW]


@pytest.mark.parametrize(
    ("event", "newest"),
    [
        (STEP, june("5 08:00")), (DeletionEvent("C"), LATER), (MergeEvent("C", True), june("4 08:00")),
        (sent(4, "3 12:00"), june("4 08:00")), (sent(4, "6 08:00"), june("6 08:00")),
    ],
)  # fmt: skip
def test_the_newest_change_of_a_unit_is_that_of_what_its_sources_tell(
    filing: Filing, event: Event, newest: object
) -> None:
    filing.file(OPEN)
    filing.file(event, now=LATER)
    assert filing.stored(UnitNews, "unit_code", "newest_change") == [("H23", newest)]


def test_a_dossier_is_tallied_where_it_is_now(filing: Filing) -> None:
    filing.file(OPEN, sent(4, "5 08:00", unit_code="H24"))
    filing.file(sent(4, "6 08:00", unit_code="H25"))
    assert filing.stored(DayTally, "unit_code", "received_direct") == [("H24", 0), ("H25", 1)]


def test_what_a_push_taught_of_a_procedure_is_stored_with_its_moment(filing: Filing) -> None:
    filing.file(OPEN)
    assert filing.stored(Procedure, "code", "learned_at") == [("1", NOW)]


def test_a_dossier_that_is_as_it_was_hides_no_other(filing: Filing) -> None:
    filing.file(OPEN, _other())
    filing.file(OPEN, _other("5 08:00"), now=LATER)
    assert filing.stored(Dossier, "code", "known_at") == [("C", NOW), ("D", LATER)]


def test_a_dossier_that_is_as_it_was_is_not_written(filing: Filing, monkeypatch: pytest.MonkeyPatch) -> None:
    filing.file(OPEN)
    written: list[object] = []
    monkeypatch.setattr(dossiers, "write_dossiers", lambda *given: written.append(given[-1]))
    filing.file(OPEN)
    assert written == [[]]


def test_a_push_is_noted_with_its_source(filing: Filing) -> None:
    filing.file(OPEN)
    assert filing.stored(Source, "last_push_at") == [NOW]


SHARED = (UnitRow, UnitHeard, DayTally, SourceNews, UnitNews)


def test_a_trial_is_noted_and_stored_and_leaves_nothing_that_sources_share(filing: Filing) -> None:
    filing.is_now(is_test=True)
    filing.file(OPEN, STEP)
    assert filing.stored(Dossier, "received_at") == [None]
    assert filing.stored(Source, "last_push_at") == [NOW]
    assert [model for model in SHARED if filing.has(model)] == []


def test_a_dry_run_leaves_nothing_and_says_what_a_push_would(filing: Filing) -> None:
    tried = filing.file(OPEN, STEP, PAUSED, dry_run=True)
    shared = (*SHARED, Dossier, DossierVersion, PausedIntervalRow)
    assert [model for model in shared if filing.has(model)] == []
    assert (filing.stored(Source, "last_push_at"), filing.file(OPEN, STEP, PAUSED)) == ([None], tried)


@pytest.mark.parametrize(("dry_run", "more"), [(True, 0), (False, 1)])
def test_a_dry_run_stores_no_version_of_the_catalogue(filing: Filing, dry_run: bool, more: int) -> None:
    """A push stores one when the office hours have changed."""
    before = len(filing.stored(CatalogueVersion, "id"))
    with filing.database.writing() as session:
        Pipeline(session, Sender(filing.source_id, "r-1", dry_run=dry_run), lambda: NOW, OTHER_HOURS)
    assert len(filing.stored(CatalogueVersion, "id")) == before + more


DISSOLVED = {"name": "x", "valid_to": date(2024, 6, 2), "successor_codes": "H23.NEW"}


@pytest.fixture
def dissolved(filing: Filing) -> Filing:
    """Give a source of a unit that was dissolved the day before the dossiers are received."""
    with filing.database.writing() as session:
        session.add_all([UnitRow(code="H23.OLD", **DISSOLVED), UnitRow(code="H23.NEW", name="y")])
    return filing


def test_a_dossier_that_is_received_in_a_dissolved_unit_is_a_sign(dissolved: Filing) -> None:
    assert dissolved.file(sent(4, "4 08:00", unit_code="H23.OLD"))[0].warnings == ("unit_dissolved",)


def test_a_dissolved_unit_keeps_a_dossier_that_is_sent_under_its_successor(dissolved: Filing) -> None:
    dissolved.file(sent(4, "4 08:00", unit_code="H23.OLD"), sent(4, "5 08:00", unit_code="H23.NEW"))
    assert dissolved.stored(Dossier, "unit_code") == ["H23.OLD"]


@pytest.fixture
def bound(filing: Filing) -> Filing:
    """Give a source that filed for two units, and may speak for one of them alone now."""
    filing.file(OPEN, _other())
    with filing.database.writing() as session:
        session.get_one(UnitRow, "H23").name = "x"
    filing.is_now(unit_code="H23")
    return filing


def _other(changed: str = "4 08:00", unit: str = "H24") -> DossierEvent:
    """Build the event of a second dossier."""
    event = sent(4, changed, unit_code=unit)
    event.snapshot.code = "D"
    return event


@pytest.mark.parametrize(
    "event",
    [
        sent(4, "5 08:00", unit_code="H24"), ProgressEvent("D", STEP.step), DeletionEvent("D"),
        _other("5 08:00", "H23"),
    ],
)  # fmt: skip
def test_a_bound_source_is_told_which_unit_is_its_own(bound: Filing, event: Event) -> None:
    (told,) = bound.file(event)
    assert (told.result, told.code, list(told.errors or {})) == ("rejected", event.code, ["unit_code"])
    assert "H23" in (told.errors or {})["unit_code"][0]


@pytest.mark.parametrize("event", [sent(4, "5 08:00"), STEP, DeletionEvent("C"), sent(4, "5 08:00", unit_code="H23.1")])
def test_a_bound_source_speaks_for_its_unit_and_those_below(bound: Filing, event: Event) -> None:
    assert bound.file(event)[0].result != "rejected"


def test_what_cannot_be_read_keeps_its_own_errors(bound: Filing) -> None:
    errors = {"status": ["?"]}
    assert [(one.result, one.code, one.errors) for one in bound.file(Rejection("D", errors))] == [
        ("rejected", "D", errors)
    ]


def test_a_key_that_takes_too_long_is_stopped_while_versions_are_looked_at(
    filing: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing.file(OPEN)
    monkeypatch.setattr(sender_module, "LONGEST", -1.0)
    with pytest.raises(Unavailable):
        filing.file(sent(4, "5 08:00"), key_id=key_id_of(filing.key))


def test_a_push_is_counted_under_the_code_of_its_source(filing: Filing) -> None:
    with filing.database.writing() as session:
        pipeline = Pipeline(session, Sender(filing.source_id, "r-1"), lambda: NOW, OfficeHours())
    assert pipeline.source == "mot-cua"


@pytest.mark.parametrize(("dry_run", "order"), [(False, ["lock", "clock"]), (True, ["clock"])])
def test_the_clock_is_read_under_the_lock_and_a_dry_run_takes_none(
    filing: Filing, monkeypatch: pytest.MonkeyPatch, dry_run: bool, order: list[str]
) -> None:
    """So what is filed later became known later."""
    taken, lock_for_push = list[str](), sources.lock_for_push

    def lock(session: Session, source_id: int) -> Source:
        taken.append("lock")
        return lock_for_push(session, source_id)

    def clock() -> datetime:
        taken.append("clock")
        return NOW

    monkeypatch.setattr(sources, "lock_for_push", lock)

    with filing.database.writing() as session:
        begin(session, Sender(filing.source_id, "r-1", dry_run=dry_run), clock)
    assert taken == order
