"""Warnings: a table of what is sent and what is said of it. Days are of June 2024; received on the 3rd at 08:00."""

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from service.domain.dossier.data_warnings import READING_WARNINGS, WARNINGS, DataWarning, reading_warning
from service.domain.dossier.snapshot import ProgressStep
from service.domain.dossier.versions import Version
from service.ingest.event_resolver import Resolution
from service.ingest.known_dossier import KnownDossier
from tests.support.june import june, version
from tests.support.resolving import kinds_of, resolver

V = version


def to_the_minute(status: int, changed: str, **given: Any) -> Version:
    """Build a version whose due date is a moment, not a day."""
    return version(status, changed, due_is_instant=True, **given)


M = to_the_minute

ALONE: list[tuple[str, Version, set[str]]] = [
    ("nothing is wrong", V(4, "4 08:00", due="10"), set()),
    ("finished before received", V(9, "4 08:00", due="10", finished="2 08:00"), {"finished_before_received"}),
    ("a bare date on the day of receipt", V(9, "4 08:00", due="10", finished="3"), set()),
    ("a bare date on the day before", V(9, "4 08:00", due="10", finished="2"), {"finished_before_received"}),
    ("due before received", V(4, "4 08:00", due="2"), {"due_before_received"}),
    ("due on the day of receipt", V(4, "4 08:00", due="3"), set()),
    ("due at the moment of receipt", M(4, "4 08:00", due="3 08:00"), set()),
    ("closed without an end", V(9, "4 08:00", due="10"), {"closed_without_end"}),
    ("an end date while open", V(4, "4 08:00", due="10", finished="4 08:00"), {"end_date_while_open"}),
    ("a return date while paused", V(5, "4 08:00", due="10", returned="4 08:00"), {"end_date_while_open"}),
    ("a time in the future", V(9, "4 08:00", due="10", finished="6 08:00", known="5 08:00"), {"time_in_future"}),
    ("known within the tolerance of clocks", V(9, "4 08:00", due="10", finished="5 08:05", known="5 08:00"), set()),
    ("a minute beyond it", V(9, "4 08:00", due="10", finished="5 08:06", known="5 08:00"), {"time_in_future"}),
    ("a pause that begins in the future", V(5, "4 08:00", due="10", pauses="6 08:00-", known="5 08:00"),
     {"time_in_future"}),
    ("a pause that begins within the tolerance", V(5, "4 08:00", due="10", pauses="5 08:05-", known="5 08:00"), set()),
    ("a pause that is over, with an end in the future",
     V(4, "4 08:00", due="10", pauses="4 08:00-6 08:00", known="5 08:00"), {"time_in_future"}),
    ("its end within the tolerance", V(4, "4 08:00", due="10", pauses="4 08:00-5 08:05", known="5 08:00"), set()),
    ("the planned end of a pause may lie ahead", V(5, "4 08:00", due="10", pauses="4 08:00-20 08:00"), set()),
    ("not received", V(4, "4 08:00", received=None), {"not_received"}),
    ("a reversed pause", V(4, "9 08:00", pauses="7 08:00-6 08:00"), {"pause_reversed"}),
    ("a pause without length", V(4, "9 08:00", pauses="7 08:00-7 08:00"), {"pause_empty"}),
    ("a moment and the bare date of its day", V(4, "9 08:00", pauses="7 08:00-7"), {"pause_empty"}),
    ("a pause left open while worked on", V(4, "9 08:00", pauses="7 08:00-"), {"pause_left_open"}),
    ("a pause left open and done", V(9, "9 08:00", finished="9 08:00", pauses="7 08:00-"),
     {"pause_left_open", "paused_sent_as_done"}),
    ("an open pause while paused", V(5, "7 08:00", pauses="7 08:00-"), set()),
    ("withdrawn after it was due", V(7, "12 08:00", due="10", finished="12 08:00"), {"withdrawn_after_due"}),
    ("withdrawn at its due moment", M(7, "12 08:00", due="10 08:00", finished="10 08:00"), set()),
    ("withdrawn a minute after it", M(7, "12 08:00", due="10 08:00", finished="10 08:01"), {"withdrawn_after_due"}),
    ("withdrawn on the due day", V(7, "12 08:00", due="10", finished="10 08:00"), set()),
    ("under a unit that was dissolved", V(4, "4 08:00", unit_code="H23.OLD"), {"unit_dissolved"}),
    ("on the last day of its unit", V(4, "4 08:00", received="5/31 08:00", unit_code="H23.OLD"), set()),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "sent", "expected"), ALONE, ids=[row[0] for row in ALONE])
def test_what_is_said_of_a_version_alone(_why: str, sent: Version, expected: set[str]) -> None:
    assert kinds_of([sent]) == expected


SIGNS: list[tuple[str, list[Version], set[str]]] = [
    ("the deadline moved after it had passed", [V(4, "4 08:00", due="10"), V(4, "12 08:00", due="15")],
     {"deadline_moved_after_passing"}),
    ("moved after it had passed, and back",
     [V(4, "4 08:00", due="10"), V(4, "12 08:00", due="15"), V(4, "13 08:00", due="10")],
     {"deadline_moved_after_passing"}),
    ("moved in time", [V(4, "4 08:00", due="10"), V(4, "9 08:00", due="15")], set()),
    ("moved in time and stamped anew",
     [V(4, "4 08:00", due="10"), V(4, "9 08:00", due="15"), V(4, "12 02:00", due="15")],
     set()),
    ("moved in time twice", [V(4, "4 08:00", due="10"), V(4, "9 08:00", due="15"), V(4, "12 08:00", due="20")], set()),
    ("moved at the moment at which it passed", [M(4, "4 08:00", due="10 08:00"), V(4, "10 08:00", due="15")], set()),
    ("moved a minute after it", [M(4, "4 08:00", due="10 08:00"), V(4, "10 08:01", due="15")],
     {"deadline_moved_after_passing"}),
    ("ended at its due moment, moved afterwards",
     [M(9, "8 08:00", due="8 08:00", finished="8 08:00"), V(9, "12 08:00", due="15", finished="8 08:00")], set()),
    ("corrected at its moment of change", [V(4, "12 08:00", due="10"), V(4, "12 08:00", due="15")], set()),
    ("left out, then set anew", [V(4, "4 08:00", due="10"), V(4, "11 08:00"), V(4, "12 08:00", due="15")],
     {"deadline_moved_after_passing"}),
    ("moved to an earlier day", [V(4, "4 08:00", due="10"), V(4, "12 08:00", due="8")], set()),
    ("ended in time, moved afterwards",
     [V(9, "8 08:00", due="10", finished="8 08:00"), V(9, "12 08:00", due="15", finished="8 08:00")], set()),
    ("the end moved back",
     [V(9, "12 08:00", due="10", finished="12 08:00"), V(9, "13 08:00", due="10", finished="9 08:00")],
     {"end_moved_back"}),
    ("late, told again with the same end",
     [V(9, "12 08:00", due="10", finished="12 08:00"), V(9, "13 08:00", due="15", finished="12 08:00")],
     {"deadline_moved_after_passing"}),
    ("late, reopened, closed by an earlier end",
     [V(9, "12 08:00", due="10", finished="12 08:00"), V(4, "13 08:00", due="10"),
      V(9, "14 08:00", due="10", finished="9 08:00")], {"end_moved_back", "reopened"}),
    ("an outcome taken back", [V(9, "7 08:00", due="10", finished="7 08:00"), V(4, "9 08:00", due="10")], {"reopened"}),
    ("overdue, then refused", [V(4, "4 08:00", due="10"), V(3, "12 08:00", due="10", finished="12 08:00")],
     {"uncounted_after_due"}),
    ("overdue, then only submitted", [V(4, "4 08:00", due="10"), V(1, "12 08:00", due="10")], {"uncounted_after_due"}),
    ("refused in time", [V(4, "4 08:00", due="10"), V(3, "9 08:00", due="10", finished="9 08:00")], set()),
    ("never received, refused after the day that was planned",
     [V(1, "4 08:00", due="10"), V(3, "12 08:00", due="10", finished="12 08:00")], set()),
    ("late, then refused",
     [V(9, "12 08:00", due="10", finished="12 08:00"), V(3, "13 08:00", due="10", finished="13 08:00")],
     {"uncounted_after_due", "reopened"}),
    ("in time, then stopped",
     [V(9, "9 08:00", due="10", finished="9 08:00"), V(8, "13 08:00", due="10", finished="13 08:00")], {"reopened"}),
    ("in time, then withdrawn",
     [V(9, "9 08:00", due="10", finished="9 08:00"), V(7, "9 09:00", due="10", finished="9 09:00")], set()),
    ("a refusal taken back is no outcome", [V(3, "7 08:00", finished="7 08:00"), V(4, "9 08:00", due="10")], set()),
    ("done in the middle of a pause",
     [V(9, "7 08:00", due="10", finished="7 08:00"), V(5, "9 08:00", due="10", pauses="6 08:00-")],
     {"paused_sent_as_done", "reopened"}),
    ("late, then without a due date",
     [V(9, "12 08:00", due="10", finished="12 08:00"), V(9, "13 08:00", finished="12 08:00")],
     {"due_removed_after_passing"}),
    ("overdue, then without a due date", [V(4, "4 08:00", due="10"), V(4, "11 08:00")], {"due_removed_after_passing"}),
    ("without a due date before it had passed", [V(4, "4 08:00", due="10"), V(4, "9 08:00")], set()),
    ("told late, and without the due date, that it ended in time",
     [V(4, "4 08:00", due="10"), V(9, "15 08:00", finished="9 08:00")], set()),
    ("without a due date before it had passed, news after that day",
     [V(4, "4 08:00", due="10"), V(5, "9 08:00"), V(4, "12 08:00")], set()),
    ("overdue, then without a due date, news after that",
     [V(4, "4 08:00", due="10"), V(4, "11 08:00"), V(5, "12 08:00")], {"due_removed_after_passing"}),
    ("in time, then without a due date",
     [V(9, "9 08:00", due="10", finished="9 08:00"), V(9, "13 08:00", finished="9 08:00")], set()),
    ("late, then by an earlier end without a due date",
     [V(9, "12 08:00", due="10", finished="12 08:00"), V(9, "13 08:00", finished="9 08:00")],
     {"end_moved_back"}),
    ("late, then withdrawn before it was due",
     [V(9, "12 08:00", due="10", finished="12 08:00"), V(7, "13 08:00", due="10", finished="9 08:00")],
     {"end_moved_back"}),
    ("late, then by an earlier end that is late, too",
     [V(9, "14 08:00", due="10", finished="14 08:00"), V(9, "15 08:00", due="10", finished="12 08:00")], set()),
    ("moved to an earlier day, by which it had ended, and back",
     [V(4, "4 08:00", due="10"), V(9, "12 08:00", due="8", finished="7 08:00"),
      V(9, "13 08:00", due="10", finished="7 08:00")], set()),
    ("told without the due date that it ended at its due moment",
     [M(4, "4 08:00", due="10 08:00"), V(9, "15 08:00", finished="10 08:00")], set()),
    ("only submitted before it was due, and told so again after that day",
     [V(4, "4 08:00", due="10"), V(1, "8 08:00", due="10"), V(1, "12 08:00", due="10")], {"uncounted_after_due"}),
    ("in time, then by an earlier end",
     [V(9, "8 08:00", due="10", finished="8 08:00"), V(9, "9 08:00", due="10", finished="7 08:00")], set()),
    ("a withdrawal taken back",
     [V(7, "7 08:00", due="10", finished="7 08:00"), V(4, "9 08:00", due="10")], set()),
    ("withdrawn with the due date left out", [V(4, "4 08:00", due="10"), V(7, "12 08:00", finished="12 08:00")],
     {"withdrawn_after_due"}),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "filed", "expected"), SIGNS, ids=[row[0] for row in SIGNS])
def test_signs_are_judged_against_every_earlier_version(_why: str, filed: list[Version], expected: set[str]) -> None:
    assert kinds_of(filed) == expected


@pytest.mark.parametrize(("_why", "filed", "expected"), SIGNS, ids=[row[0] for row in SIGNS])
def test_signs_are_the_same_in_any_order_of_arrival(_why: str, filed: list[Version], expected: set[str]) -> None:
    kinds = [kinds_of(order) for order in permutations(filed)]
    assert kinds == [expected] * len(kinds)


S, DELETED = ProgressStep, june
OF_STEPS_AND_DELETIONS: list[tuple[str, list[Version | ProgressStep | datetime], set[str]]] = [
    ("ended in time by a step, moved afterwards",
     [V(4, "4 08:00", due="10"), V(4, "7 08:00", due="10", channel=2), S(june("8 08:00"), 9),
      V(9, "12 08:00", due="15", finished="8 08:00")], set()),
    ("moved in time, withdrawn by a step before the new deadline",
     [V(4, "4 08:00", due="10"), V(4, "9 08:00", due="20"), S(june("13 08:00"), 7)], set()),
    ("late by a step, at whose very moment an earlier end was sent",
     [V(4, "4 08:00", due="10"), S(june("12 08:00"), 9), V(9, "12 08:00", due="10", finished="9 08:00")],
     {"end_moved_back"}),
    ("ended in time by a step, then deleted",
     [V(4, "4 08:00", due="10"), S(june("8 08:00"), 9), DELETED("12 08:00")], set()),
    ("deleted overdue, sent again as ended in time, deleted once more",
     [V(4, "4 08:00", due="10"), DELETED("12 08:00"), V(9, "13 08:00", due="10", finished="9 08:00"),
      DELETED("14 08:00")], {"deleted_after_due"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("_why", "events", "expected"), OF_STEPS_AND_DELETIONS, ids=[row[0] for row in OF_STEPS_AND_DELETIONS]
)
def test_signs_of_steps_and_deletions(
    _why: str, events: list[Version | ProgressStep | datetime], expected: set[str]
) -> None:
    known, deciding = KnownDossier(), resolver()
    for event in events:
        if isinstance(event, Version):
            deciding.snapshot(known, event)
        elif isinstance(event, ProgressStep):
            deciding.step(known, event, event.moment)
        else:
            deciding.deletion(known, event)
    assert known.row is not None and known.row.warnings == expected


def test_a_stale_snapshot_is_answered_with_its_own_warnings_each_time() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, V(4, "8 08:00", due="10"))
    late = V(9, "7 08:00", due="10", finished="2 08:00")
    told = [deciding.snapshot(known, late, ("changed_at_in_future",)) for _ in range(2)]
    kinds = ("changed_at_in_future", "finished_before_received")
    assert told == [Resolution("stale", True, kinds), Resolution("stale", False, kinds)]  # kept as a version once


def test_a_step_is_answered_with_the_warnings_of_the_state_that_it_leaves() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, V(4, "4 08:00", due="2"))
    step = ProgressStep(june("5 08:00"), 5)
    assert deciding.step(known, step, june("5 08:00")).warnings == ("due_before_received",)


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ([("12 08:00", 3)], {"uncounted_after_due"}),
        ([("12 08:00", 1)], {"uncounted_after_due"}),
        ([("9 08:00", 3)], set()),
        ([("8 08:00", 9), ("12 08:00", 3)], {"reopened"}),
        ([("8 08:00", 9), ("12 08:00", 8)], {"reopened"}),
        ([("12 08:00", 9)], set()),
    ],
)
def test_steps_that_take_a_dossier_out_of_the_count_leave_a_sign(said: list[tuple[str, int]], kinds: set[str]) -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, V(4, "4 08:00", due="10"))
    for moment, status in said:
        deciding.step(known, ProgressStep(june(moment), status), june(moment))
    assert known.row is not None and known.row.warnings == kinds


def test_a_warning_of_reading_stays_while_its_record_is_the_current_one() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, V(4, "4 08:00", due="10"), ("changed_at_in_future",))
    deciding.step(known, ProgressStep(june("5 08:00"), 5), june("5 08:00"))
    assert known.row is not None and known.row.warnings == {"changed_at_in_future"}


def test_a_warning_of_reading_goes_with_its_record() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, V(4, "4 08:00", due="10"), ("changed_at_in_future",))
    deciding.snapshot(known, V(4, "5 08:00", due="11"))
    assert known.row is not None and known.row.warnings == set()


@pytest.mark.parametrize("kind", sorted(WARNINGS))
def test_each_warning_says_cause_and_remedy_in_both_languages(kind: str) -> None:
    warning = WARNINGS[kind]
    assert all(";" in text or ":" in text for text in (warning.vi, warning.en))


def test_a_sender_sees_the_kind_the_field_and_the_message_in_both_languages() -> None:
    assert DataWarning("kind", "code", "sửa", "mend").as_dict() == {
        "kind": "kind", "field": "code", "message": "sửa (mend)",
    }  # fmt: skip


def test_a_warning_of_reading_names_what_it_is_about() -> None:
    assert "không có trong danh mục đã nhập: 1.001193;" in reading_warning("procedure_unknown", "1.001193").vi


def test_a_warning_of_reading_that_is_about_nothing_is_as_written() -> None:
    assert reading_warning("procedure_unknown") == READING_WARNINGS["procedure_unknown"]
