"""Progress steps beside a snapshot: where a dossier stands, and when it ended. Times are of October 2023."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from service.domain.dossier import data_warnings
from service.domain.dossier.evaluation import Evaluation, deadline_pauses
from service.domain.dossier.snapshot import Pause, ProgressStep, Snapshot
from tests.support.standing import applied, stand

KNOWN_AT = datetime(2023, 10, 31, tzinfo=UTC)


def at(text: str) -> datetime:
    """Read "4 09:30" as 4 October 2023, 09:30 UTC."""
    day, _, clock = text.partition(" ")
    hour, minute = (clock or "00:00").split(":")
    return datetime(2023, 10, int(day), int(hour), int(minute), tzinfo=UTC)


def snapshot(status: int, received: str | None = "2 08:00", **given: Any) -> Snapshot:
    read: dict[str, Any] = {name: at(value) if isinstance(value, str) else value for name, value in given.items()}
    return Snapshot("c", "H23", "1", status, received_at=at(received) if received else None, **read)


def steps(text: str) -> tuple[ProgressStep, ...]:
    """Read "2@2 08:00, 9@4 09:30"."""
    return tuple(
        ProgressStep(at(moment), int(status)) for status, _, moment in (s.partition("@") for s in text.split(", ") if s)
    )


def stood(state: Snapshot, told: str) -> Evaluation:
    return stand(state, steps(told), KNOWN_AT)


TABLE = [
    # the snapshot, its steps, status then, end then
    ("nothing more is known", snapshot(4), "", 4, None),
    ("a step carries it further", snapshot(2), "4@3 08:00", 4, None),
    ("an earlier step does not", snapshot(4), "2@1 08:00", 4, None),
    ("a step at receipt, earlier in life, does not", snapshot(4), "2@2 08:00", 4, None),
    ("a step at receipt, later in life, does", snapshot(2), "4@2 08:00", 4, None),
    ("done is the end", snapshot(4), "9@4 09:30", 9, "4 09:30"),
    ("done outranks returned", snapshot(4), "9@4 09:30, 10@9 10:00", 10, "4 09:30"),
    ("done outranks an earlier returned too", snapshot(4), "10@4 09:30, 9@5 10:00", 9, "5 10:00"),
    ("the first of two done", snapshot(4), "9@4 09:30, 9@5 10:00", 9, "4 09:30"),
    ("returned alone is the end", snapshot(4), "10@9 10:00", 10, "9 10:00"),
    ("the snapshot's end stays", snapshot(9, finished_at="4 09:30"), "9@5 10:00, 10@6 10:00", 10, "4 09:30"),
    ("done gives a returned snapshot its end", snapshot(10, returned_at="9 10:00"), "9@4 09:30", 10, "4 09:30"),
    ("done gives a done snapshot its end", snapshot(9), "9@4 09:30", 9, "4 09:30"),
    ("reopened", snapshot(9, finished_at="4 09:30"), "4@5 10:00", 4, None),
    ("reopened and done again", snapshot(9, finished_at="4 09:30"), "4@5 10:00, 9@6 10:00", 9, "6 10:00"),
    ("done, reopened, returned", snapshot(4), "9@4 09:30, 4@5 10:00, 10@6 10:00", 10, "6 10:00"),
    ("withdrawn", snapshot(4), "7@4 09:30", 7, "4 09:30"),
    ("stopped", snapshot(4), "8@4 09:30", 8, "4 09:30"),
    ("refused, then received after all", snapshot(1, None), "3@2 09:00, 2@3 08:00", 2, None),
    ("asked for papers and payment at one moment", snapshot(4), "6@4 09:30, 5@4 09:30", 6, None),
    ("same moment: the later in life", snapshot(4), "10@4 09:30, 9@4 09:30", 10, "4 09:30"),
    (
        "an old done step of a dossier reopened since",
        snapshot(5, pauses=(Pause(at("5 08:00"), None),)),
        "9@4 09:30, 10@9 10:00",
        10,
        "9 10:00",
    ),
]


@pytest.mark.parametrize(("_why", "state", "told", "status", "end"), TABLE, ids=[row[0] for row in TABLE])
def test_where_it_stands(_why: str, state: Snapshot, told: str, status: int, end: str | None) -> None:
    evaluation = stood(state, told)
    assert (evaluation.status, evaluation.ended_at) == (status, at(end) if end else None)


@pytest.mark.parametrize(("_why", "state", "told", "status", "end"), TABLE, ids=[row[0] for row in TABLE])
def test_any_order_of_arrival_gives_the_same(_why: str, state: Snapshot, told: str, status: int, end: Any) -> None:
    for order in permutations(steps(told)):
        assert stand(state, order, KNOWN_AT) == stood(state, told)


@pytest.mark.parametrize(
    ("told", "received"),
    [("2@3 08:00", "3 08:00"), ("2@3 08:00, 2@4 08:00", "3 08:00"), ("4@3 08:00", None), ("3@3 08:00", None)],
)
def test_a_step_2_on_a_submitted_dossier_gives_its_receipt(told: str, received: str | None) -> None:
    state = snapshot(1, None, submitted_at="2 09:00")
    assert stood(state, told).received_at == (at(received) if received else None)


def test_a_step_2_never_moves_a_receipt() -> None:
    assert stood(snapshot(4), "2@3 08:00").received_at == at("2 08:00")


PAUSES = [
    ("asked and answered", snapshot(4), "5@3 08:00, 4@5 08:00", [("3 08:00", "5 08:00")]),
    ("asked", snapshot(4), "5@3 08:00", [("3 08:00", None)]),
    ("asked, then for payment: one pause", snapshot(4), "5@3 08:00, 6@4 08:00", [("3 08:00", None)]),
    ("asked twice", snapshot(4), "5@3 08:00, 4@4 08:00, 6@5 08:00", [("3 08:00", "4 08:00"), ("5 08:00", None)]),
    ("the step says when a paused snapshot was asked", snapshot(5), "5@3 08:00", [("3 08:00", None)]),
    ("no step and no change says it: since it became known", snapshot(5), "", [("31 00:00", None)]),
    ("paused when it changed", snapshot(5, changed_at="3 08:00"), "5@4 08:00", [("3 08:00", None)]),
    ("a listed pause ends with the next step", snapshot(5, pauses=(Pause(at("3 08:00"), None),)), "4@5 08:00",
     [("3 08:00", "5 08:00")]),
    ("done ends a pause", snapshot(4), "5@3 08:00, 9@5 08:00", [("3 08:00", "5 08:00")]),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "state", "told", "expected"), PAUSES, ids=[row[0] for row in PAUSES])
def test_when_it_is_paused(_why: str, state: Snapshot, told: str, expected: list[tuple[str, str | None]]) -> None:
    paused = [(span.start, span.end) for span in stood(state, told).paused]
    assert paused == [(at(start), at(end) if end else None) for start, end in expected]


DISTORTIONS = [
    ("done while a supplement is asked for", snapshot(4, due_at="9"), "5@3 08:00, 9@5 08:00", ["paused_sent_as_done"]),
    ("the supplement came", snapshot(4, due_at="9"), "5@3 08:00, 4@4 08:00, 9@5 08:00", []),
    ("paid and done at once is usual", snapshot(4, due_at="9"), "6@3 08:00, 9@5 08:00", []),
    ("reopened by a step", snapshot(9, due_at="9", finished_at="4 09:30"), "4@5 10:00", ["reopened"]),
    (
        "reopened, and carried on by another",
        snapshot(9, due_at="9", finished_at="4 09:30"),
        "2@5 10:00, 4@6 10:00",
        ["reopened"],
    ),
    ("done at receipt, no due date", snapshot(2), "9@2 08:00", ["done_at_receipt"]),
    ("done at receipt, with a due date", snapshot(2, due_at="9"), "9@2 08:00", []),
    ("done later, no due date", snapshot(2), "9@3 08:00", []),
    ("receipt and done in one", snapshot(1, None), "9@3 08:00, 2@3 08:00", ["done_at_receipt"]),
]


@pytest.mark.parametrize(("_why", "state", "told", "expected"), DISTORTIONS, ids=[row[0] for row in DISTORTIONS])
def test_distortions_are_recognised(_why: str, state: Snapshot, told: str, expected: list[str]) -> None:
    kinds = data_warnings.step_warnings(state, applied(state, steps(told), KNOWN_AT), steps(told))
    assert kinds == expected


# the snapshot, its steps: from and to of the pauses whose end was sent, which alone move a computed deadline
MOVING = [
    ("a pause that was sent", snapshot(4, pauses=(Pause(at("3 08:00"), at("5 09:30")),)), "", [("3 08:00", "5 09:30")]),
    ("an open one", snapshot(5, pauses=(Pause(at("3 08:00"), None),)), "", []),
    ("one without length", snapshot(4, pauses=(Pause(at("3 08:00"), at("3 08:00")),)), "", []),
    ("one that a step began and a step ended", snapshot(4), "5@3 08:00, 4@5 09:30", [("3 08:00", "5 09:30")]),
    ("one that only the end of the dossier ends", snapshot(4), "5@3 08:00, 9@5 09:30", []),
]


@pytest.mark.parametrize(("_why", "state", "told", "expected"), MOVING, ids=[row[0] for row in MOVING])
def test_which_pauses_move_a_deadline(_why: str, state: Snapshot, told: str, expected: list[tuple[str, str]]) -> None:
    pauses = deadline_pauses(applied(state, steps(told), KNOWN_AT))
    assert pauses == [Pause(at(start), at(end)) for start, end in expected]


@pytest.mark.parametrize("end", ["4 09:30", None], ids=["done by a step", "still paused"])
def test_a_pause_left_open_is_told_when_a_step_ends_the_dossier(end: str | None) -> None:
    state = snapshot(5, due_at="9", pauses=(Pause(at("3 08:00"), None),))
    kinds = data_warnings.pause_warnings(state, applied(state, steps(f"9@{end}" if end else ""), KNOWN_AT))
    assert kinds == (["pause_left_open"] if end else [])


def test_an_end_is_known_only_of_what_has_ended() -> None:
    assert not stood(snapshot(4), "").end_is_known
    assert stood(snapshot(4), "9@4 09:30").end_is_known


def test_a_dossier_that_was_only_submitted_is_never_counted() -> None:
    """A date of receipt under this status says nothing."""
    assert stood(snapshot(1, "2 08:00"), "").received_at is None


@pytest.mark.parametrize(
    ("pause_end", "expected"), [(None, True), ("9 08:00", True), ("4 08:00", False), ("5 08:00", False)]
)
def test_a_snapshot_that_is_done_in_its_pause_is_recognised(pause_end: str | None, expected: bool) -> None:
    pause = Pause(at("3 08:00"), at(pause_end) if pause_end else None)
    state = snapshot(9, due_at="9", finished_at="5 08:00", pauses=(pause,))
    assert data_warnings.done_in_a_pause(state, applied(state, (), KNOWN_AT)) == expected
