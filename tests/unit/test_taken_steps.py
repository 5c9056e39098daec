"""How progress steps are taken: their order, since when a dossier is closed, what reopens it. Days are of June 2024."""

import pytest

from service.domain.dossier.data_warnings import pause_warnings, state_warnings, step_warnings
from service.domain.dossier.evaluation import evaluate
from service.domain.dossier.pauses import paused_intervals
from service.domain.dossier.progress import AppliedSteps, Request, applied_to
from service.domain.dossier.versions import Version, in_order, last_run
from tests.support.june import june, steps, version
from tests.support.standing import WORK

V = version


def applied(filed: list[Version], told: str = "") -> AppliedSteps:
    return applied_to(in_order(filed), steps(told), derive_pauses=False)


STATUSES: list[tuple[str, Version, str, int]] = [
    # why, the version, its steps, the status then
    ("a bare date: its day goes by the order of life", V(4, "4 08:00"), "9@5, 4@5 10:00", 9),
    ("moments alone go by the clock", V(4, "4 08:00"), "9@5 08:00, 4@5 10:00", 4),
    ("a bare date says nothing of another day", V(4, "4 08:00"), "9@5 08:00, 4@5 10:00, 2@4", 4),
    ("at one moment by the order of life, not by number", V(4, "4 08:00"), "7@5 08:00, 8@5 08:00", 7),
    ("at the newest moment a status that is as late in life", V(5, "5 08:00", pauses="5 08:00-"), "6@5 08:00", 6),
]


@pytest.mark.parametrize(("_why", "filed", "told", "status"), STATUSES, ids=[row[0] for row in STATUSES])
def test_in_which_order_steps_are_taken(_why: str, filed: Version, told: str, status: int) -> None:
    assert applied([filed], told).state.status == status


CLOSINGS: list[tuple[str, Version, str, str, bool, bool]] = [
    # why, the version, its steps, since when it is closed, whether its run of versions goes on, whether a step ended it
    ("closed by a step", V(4, "4 08:00"), "7@5 08:00", "5 08:00", True, True),
    ("another closed status begins anew", V(7, "5 08:00"), "8@6 08:00", "6 08:00", False, True),
    ("returned after done is no other", V(9, "5 08:00"), "10@6 08:00", "5 08:00", True, False),
    ("its own status at that moment adds nothing", V(10, "5 08:00"), "10@5 08:00", "5 08:00", True, False),
    ("its own status earlier", V(10, "6 08:00"), "10@5 08:00", "5 08:00", True, True),
    ("its own status, where it was only known when", V(10, known="6 08:00"), "10@7 08:00", "7 08:00", True, True),
    ("a step that is not taken", V(7, "5 08:00"), "2@1 08:00", "5 08:00", True, False),
    ("reopened and closed", V(9, "5 08:00"), "4@6 08:00, 10@7 08:00", "7 08:00", False, True),
]


@pytest.mark.parametrize(
    ("_why", "filed", "told", "since", "goes_on", "by_step"), CLOSINGS, ids=[row[0] for row in CLOSINGS]
)
def test_since_when_a_dossier_is_closed(
    _why: str, filed: Version, told: str, since: str, goes_on: bool, by_step: bool
) -> None:
    state = applied([filed], told)
    assert (state.closed_at, state.closed_told, state.goes_on, state.ended_by_step) == (
        june(since),
        True,
        goes_on,
        by_step,
    )


def test_a_reopened_dossier_was_not_ended_by_a_step() -> None:
    state = applied([V(9, "5 08:00")], "10@6 08:00, 4@7 08:00")
    assert (state.closed_at, state.goes_on, state.ended_by_step) == (None, False, False)


@pytest.mark.parametrize("told", ["4@6 08:00, 7@7 08:00", "4@6 08:00, 8@7 08:00, 4@8 08:00", "8@6 08:00, 4@7 08:00"])
def test_an_outcome_that_was_taken_back_stays_so_whatever_follows(told: str) -> None:
    assert applied([V(9, "5 08:00")], told).reopened


@pytest.mark.parametrize("told", ["2@1 08:00", "9@4 08:00, 4@6 08:00, 10@7 08:00"], ids=["no step 9", "taken back"])
def test_without_a_step_9_that_stays_nothing_gives_the_end(told: str) -> None:
    assert applied([V(10, "5 08:00")], told).state.finished_at is None


def test_a_version_under_way_takes_back_a_step_9_before_its_newest_moment() -> None:
    filed = [V(5, "6 08:00", pauses="6 08:00-"), V(10, "8 08:00")]
    assert applied(filed, "9@5 08:00").state.finished_at is None


def test_a_version_that_is_done_takes_no_step_9_back() -> None:
    filed = [V(9, "6 08:00", pauses="6 08:00-7 08:00"), V(10, "8 08:00")]
    assert applied(filed, "9@5 08:00").state.finished_at == june("5 08:00")


ENDS: list[tuple[str, list[Version], str, str]] = [
    # why, versions, steps, the end
    ("reopened and returned: not since it was done first", [V(9, "5 08:00")], "4@6 08:00, 10@7 08:00", "7 08:00"),
    ("returned, then withdrawn: not when it was known as done",
     [V(9, known="7 08:00"), V(10, known="12 08:00", returned="11 08:00")], "7@13 08:00", "11 08:00"),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "filed", "told", "end"), ENDS, ids=[row[0] for row in ENDS])
def test_a_run_that_steps_broke_gives_no_end(_why: str, filed: list[Version], told: str, end: str) -> None:
    assert evaluate(applied(filed, told), last_run(in_order(filed)), WORK).ended_at == june(end)


def test_an_end_that_a_step_did_not_give_is_told_as_missing() -> None:
    filed = [V(9, "5 08:00", due="10")]
    state = applied(filed, "2@1 08:00")
    evaluation = evaluate(state, last_run(filed), WORK)
    assert state_warnings(filed[0].snapshot, state, evaluation, june("6 08:00")) == ["closed_without_end"]


def test_a_request_of_the_status_is_no_pause_left_open() -> None:
    filed = V(5, "6 08:00", pauses="4 08:00-5 08:00")
    assert pause_warnings(filed.snapshot, applied([filed], "9@7 08:00")) == []


@pytest.mark.parametrize(("refused", "kinds"), [("10 08:00", []), ("10 08:01", ["uncounted_after_due"])])
def test_a_refusal_at_the_due_moment_leaves_no_sign(refused: str, kinds: list[str]) -> None:
    filed, told = V(4, "4 08:00", due="10"), f"3@{refused}"
    assert step_warnings(filed.snapshot, applied([filed], told), steps(told), june("10 08:00")) == kinds


@pytest.mark.parametrize(("start", "in_time"), [("10 08:00", True), ("10 08:01", False)])
def test_a_pause_that_begins_at_the_due_moment_is_in_time(start: str, in_time: bool) -> None:
    request = Request(june(start), None, lasts=True)
    assert [one.in_time for one in paused_intervals([request], None, june("10 08:00"))] == [in_time]
