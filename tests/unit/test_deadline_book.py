"""The deadline that follows from the catalogue: which version counts, and what stays. Days are of June 2024."""

from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from service.domain.calendar.holidays import DayRule
from service.domain.calendar.work_calendar import DEFAULT_HOURS, WorkCalendar
from service.domain.dossier.computed_deadline import ComputedDeadline
from service.domain.dossier.snapshot import Pause, Snapshot
from service.domain.procedures import ImportedProcedure, LimitUnit, TimeLimit
from service.ingest.deadline_book import Deadline, DeadlineBook
from service.store.catalogues import versions
from tests.support.june import june

FIVE, SEVEN = (TimeLimit(days, LimitUnit.WORKING_DAY) for days in (5, 7))
IMPORTED = {"1.004873": [ImportedProcedure(2, None, None, FIVE), ImportedProcedure(4, None, None, SEVEN)]}
CALENDARS = {number: WorkCalendar() for number in (1, 2)} | {
    number: WorkCalendar(overrides=[DayRule(date(2024, 6, 5), False, "nghỉ")]) for number in (3, 4)
}
"""From version 3 on, 5 June is a day off."""
RECEIVED = Snapshot("A", "H23", "1.004873", 4, received_at=june("3 08:00"))


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> DeadlineBook:
    """Give a book of the fourth version."""
    known: Any = {
        "current_version": lambda *_, **__: 4,
        "work_calendar": lambda *_: CALENDARS[4],
        "work_calendar_of": lambda _, number: CALENDARS[number],
        "imported_procedures": lambda _, codes: {code: IMPORTED.get(code, []) for code in codes},
    }
    for name, answer in known.items():
        monkeypatch.setattr(versions, name, answer)
    return DeadlineBook(cast(Session, None), DEFAULT_HOURS, june("3 08:00"), dry_run=False)


def day_of(deadline: Deadline) -> int | None:
    return deadline.due_at.day if deadline.due_at else None


def computed(book: DeadlineBook, since: int) -> ComputedDeadline:
    kept = book.decide(RECEIVED, (), None, since).kept
    assert kept is not None
    return kept


@pytest.mark.parametrize(
    ("snapshot", "version"),
    [
        pytest.param(RECEIVED, 4, id="received without a due date"),
        pytest.param(None, 4, id="a step"),
        pytest.param(replace(RECEIVED, due_at=june("7")), None, id="a due date of the source"),
        pytest.param(replace(RECEIVED, received_at=None), None, id="not received yet"),
        pytest.param(replace(RECEIVED, received_at=None, due_at=june("7")), None, id="a due date before receipt"),
    ],
)
def test_a_version_is_kept_when_a_deadline_could_be_computed(
    book: DeadlineBook, snapshot: Snapshot | None, version: int | None
) -> None:
    assert book.since(None, snapshot) == version


def test_the_version_that_is_kept_stays(book: DeadlineBook) -> None:
    assert book.since(2, RECEIVED) == 2


@pytest.mark.parametrize(("since", "day"), [(1, 10), (2, 10), (3, 11), (4, 13)])
def test_limit_and_calendar_are_those_of_the_version(book: DeadlineBook, since: int, day: int) -> None:
    """Version 3 has the limit of version 2, and a limit's calendar is that of the version that counts."""
    assert day_of(book.decide(RECEIVED, (), None, since)) == day


def test_without_a_version_the_current_one_counts(book: DeadlineBook) -> None:
    assert day_of(book.decide(RECEIVED, (), None, None)) == 13


def test_a_deadline_is_kept_with_what_it_rests_on(book: DeadlineBook) -> None:
    kept = computed(book, 2)
    assert (kept.procedure, kept.limit, kept.version, kept.basis) == ("1.004873", FIVE, 2, (june("3 08:00"),))


def test_the_deadline_that_counts_is_the_one_that_is_kept(book: DeadlineBook) -> None:
    told = book.decide(RECEIVED, (), None, 2)
    assert told.kept is not None and told.due_at == told.kept.due_at


def test_what_rests_on_the_same_is_not_computed_again(book: DeadlineBook) -> None:
    before = replace(computed(book, 2), due_at=june("20"))  # as an earlier release may have had it
    assert book.decide(RECEIVED, (), before, 2) == Deadline(june("20"), before)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"procedure": "2.000777"}, id="procedure"),
        pytest.param({"limit": SEVEN}, id="limit"),
        pytest.param({"version": 3}, id="version"),
        pytest.param({"basis": (june("2 08:00"),)}, id="receipt"),
    ],
)
def test_what_rests_on_something_else_is_computed_again(book: DeadlineBook, changed: dict[str, Any]) -> None:
    before = replace(computed(book, 2), due_at=june("20"), **changed)
    assert day_of(book.decide(RECEIVED, (), before, 2)) == 10


@pytest.mark.parametrize(
    "state", [replace(RECEIVED, due_at=june("7")), replace(RECEIVED, received_at=None)], ids=["due date", "no receipt"]
)
def test_what_was_computed_is_kept_while_it_does_not_count(book: DeadlineBook, state: Snapshot) -> None:
    before = computed(book, 2)
    assert book.decide(state, (), before, 2) == Deadline(None, before)


def test_nothing_is_kept_of_a_procedure_without_a_limit(book: DeadlineBook) -> None:
    state = replace(RECEIVED, procedure_code="2.000777")
    assert book.decide(state, (), computed(book, 2), 2) == Deadline(None, None)


def test_a_limit_that_is_older_than_versions_counts_by_the_first_calendar(book: DeadlineBook) -> None:
    before = replace(computed(book, 4), version=None, basis=())
    told = book.decide(RECEIVED, (), before, 4)
    assert (day_of(told), told.kept and told.kept.limit, told.kept and told.kept.version) == (12, SEVEN, None)


def test_a_limit_that_is_older_than_versions_is_that_of_its_procedure_alone(book: DeadlineBook) -> None:
    before = replace(computed(book, 2), procedure="2.000777", version=None)
    assert day_of(book.decide(RECEIVED, (), before, 4)) == 13


def test_pauses_that_have_ended_move_the_deadline_and_open_ones_do_not(book: DeadlineBook) -> None:
    pauses = [Pause(june("4 08:00"), june("5 08:00")), Pause(june("6 08:00"), None)]
    told = book.decide(RECEIVED, pauses, None, 2)
    basis = (june("3 08:00"), june("4 08:00"), june("5 08:00"))
    assert (day_of(told), told.kept and told.kept.basis) == (11, basis)


def test_beyond_the_calendar_there_is_no_deadline(book: DeadlineBook) -> None:
    state = replace(RECEIVED, received_at=june("3 08:00").replace(year=2103))
    before = replace(computed(book, 2), limit=TimeLimit(9999, LimitUnit.WORKING_DAY), version=None)
    assert book.decide(state, (), before, 2) == Deadline(None, None)


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_catalogue_is_asked_within_the_request_at_its_moment(
    book: DeadlineBook, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    asked: list[Any] = []
    session = cast(Session, object())

    def current_version(*given: Any, **options: Any) -> int:
        asked.append((given, options))
        return 4

    def work_calendar_of(*given: Any) -> WorkCalendar:
        asked.append(given)
        return CALENDARS[2]

    monkeypatch.setattr(versions, "current_version", current_version)
    monkeypatch.setattr(versions, "work_calendar_of", work_calendar_of)
    DeadlineBook(session, DEFAULT_HOURS, june("3 08:00"), dry_run=dry_run).decide(RECEIVED, (), None, 2)
    assert asked == [((session, DEFAULT_HOURS, june("3 08:00")), {"dry_run": dry_run}), (session, 2)]
