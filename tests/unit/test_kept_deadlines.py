"""What a dossier keeps of the catalogue: its version, and the deadline that was computed. Days are of June 2024."""

from datetime import datetime
from typing import Any

import pytest

from service.domain.dossier.computed_deadline import ComputedDeadline
from service.domain.dossier.snapshot import Pause, ProgressStep, Snapshot
from service.domain.dossier.versions import Version
from service.domain.procedures import LimitUnit, TimeLimit
from service.ingest.deadline_book import Deadline, DeadlineBook
from service.ingest.event_resolver import EventResolver, Resolution
from service.ingest.known_dossier import KnownDossier
from tests.support.june import june, version
from tests.support.resolving import NoLimits, resolver

WITH_DUE, WITHOUT_DUE = version(4, "4 08:00", due="10"), version(4, "4 08:00")
LATER_WITHOUT, LATER_WITH = version(4, "5 08:00"), version(4, "5 08:00", due="10")
NOTHING = ProgressStep(june("3 07:00"), 2)
"""A step of before the receipt: it moves nothing."""


def computed(day: str) -> ComputedDeadline:
    return ComputedDeadline(june(day), "1", TimeLimit(5, LimitUnit.WORKING_DAY), 7, (june("3 08:00"),), ())


class Book(NoLimits):
    """A deadline book of the catalogue's version 7, and what it was asked for.

    deadline: what it gives to every dossier without a due date of its source.
    """

    version = 7
    since = DeadlineBook.since  # type: ignore[assignment]

    def __init__(self, deadline: ComputedDeadline | None = None) -> None:
        super().__init__()
        self.deadline = deadline
        self.asked = list[tuple[Snapshot, list[Pause], ComputedDeadline | None, int | None]]()

    def decide(self, *asked: Any) -> Deadline:
        self.asked.append(asked)
        due_at = self.deadline.due_at if self.deadline and asked[0].due_at is None else None
        return Deadline(due_at, self.deadline)


def filed(*events: Version | ProgressStep, deadline: ComputedDeadline | None = None) -> tuple[KnownDossier, Any, Book]:
    """File events with a book that gives this deadline; return the dossier, its resolver and the book."""
    book = Book(deadline)
    known, deciding = KnownDossier(), resolver(deadlines=book)
    for event in events:
        _file(known, deciding, event)
    return known, deciding, book


def _file(known: KnownDossier, deciding: EventResolver, event: Version | ProgressStep) -> None:
    if isinstance(event, ProgressStep):
        deciding.step(known, event, june("20 08:00"))
    else:
        deciding.snapshot(known, event)


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        pytest.param([WITHOUT_DUE], 7, id="first without due date"),
        pytest.param([WITH_DUE], None, id="first with due date"),
        pytest.param([WITH_DUE, LATER_WITHOUT], 7, id="later without due date"),
        pytest.param([WITH_DUE, version(5, "5 08:00", due="10")], None, id="later with due date"),
        pytest.param([WITHOUT_DUE, LATER_WITH], 7, id="due date after one without"),
        pytest.param([WITH_DUE, ProgressStep(june("5 08:00"), 5)], 7, id="step"),
    ],
)
def test_the_version_of_the_catalogue_is_kept_from_the_first_event_without_due_date(
    events: list[Version | ProgressStep], kept: int | None
) -> None:
    known, _, _ = filed(*events)
    assert known.row is not None and known.row.catalogue_version == kept


@pytest.mark.parametrize("event", [LATER_WITHOUT, ProgressStep(june("5 08:00"), 5)], ids=["a version", "a step"])
def test_the_version_of_the_catalogue_that_is_kept_stays(event: Version | ProgressStep) -> None:
    known, deciding, _ = filed(WITHOUT_DUE)
    known.catalogue_version = 3
    _file(known, deciding, event)
    assert known.row is not None and known.row.catalogue_version == 3


def test_a_step_that_only_keeps_a_version_of_the_catalogue_is_stale() -> None:
    known, deciding, _ = filed(WITH_DUE)
    assert deciding.step(known, NOTHING, june("20 08:00")).result == "stale"


@pytest.mark.parametrize("events", [[WITHOUT_DUE], [WITH_DUE, LATER_WITHOUT]], ids=["first", "later"])
def test_a_computed_deadline_is_kept_with_its_dossier(events: list[Version]) -> None:
    known, _, _ = filed(*events, deadline=computed("10 17:00"))
    assert known.row is not None and known.row.deadline == computed("10 17:00")


def test_a_deadline_is_decided_by_the_one_that_is_kept() -> None:
    known, deciding, book = filed(WITHOUT_DUE, deadline=computed("10 17:00"))
    deciding.snapshot(known, LATER_WITHOUT)
    assert {before for _, _, before, _ in book.asked[1:]} == {computed("10 17:00")}


def test_a_deadline_is_decided_by_the_version_of_the_catalogue_that_is_kept() -> None:
    known, deciding, book = filed(WITHOUT_DUE)
    known.catalogue_version = 3
    deciding.snapshot(known, LATER_WITHOUT)
    assert {since for _, _, _, since in book.asked[1:]} == {3}


def test_a_deadline_is_decided_by_the_state_after_the_steps() -> None:
    book = filed(version(1, "4 08:00", received=None), ProgressStep(june("5 08:00"), 2))[2]
    assert book.asked[-1][0].received_at == june("5 08:00")


def test_a_deadline_is_decided_by_the_pauses_that_ended() -> None:
    book = filed(version(5, "8 08:00", pauses="5 08:00-6 08:00, 7 08:00-"))[2]
    assert book.asked[-1][1] == [Pause(june("5 08:00"), june("6 08:00"))]


def test_a_catalogue_that_gives_a_deadline_is_told_with_what_is_wrong_by_it() -> None:
    known, deciding, book = filed(WITHOUT_DUE)
    book.deadline = computed("2 17:00")  # before the receipt
    assert deciding.catalogue_change(known, june("9 08:00")) == Resolution("updated", True, ("due_before_received",))


def test_a_catalogue_that_gives_a_deadline_is_the_newest_that_is_known_of_its_dossier() -> None:
    known, deciding, book = filed(WITHOUT_DUE)
    book.deadline = computed("10 17:00")
    deciding.catalogue_change(known, june("9 08:00"))
    due: datetime | None = known.row and known.row.due_at
    assert (known.known_at, due) == (june("9 08:00"), june("10 17:00"))
