"""What follows from all versions of a dossier: which is current, since when, when it ended. Days are of June 2024."""

from typing import Any

import pytest

from service.domain.dossier.versions import Run, Version, in_order, last_run, next_run, put, repeats
from tests.support.june import june, version
from tests.support.standing import stand_by_all

V = version

ENDS: list[tuple[str, list[Version], str | None, str | None]] = [
    # why, versions in order of filing, the end, the outcome
    ("finished_at", [V(9, "8 08:00", finished="7 08:00", returned="20 08:00", due="10")], "7 08:00", "early"),
    ("since of 9, then returned", [V(9, "7 08:00", due="10"), V(10, "7/20 09:00", returned="7/20 08:00", due="10")],
     "7 08:00", "early"),
    ("the same, stale news first", [V(10, "7/20 09:00", returned="7/20 08:00", due="10"), V(9, "7 08:00", due="10")],
     "7 08:00", "early"),
    ("since the first of two 9", [V(9, "7 08:00", due="10"), V(9, "15 02:00", due="10")], "7 08:00", "early"),
    ("since 9, not since 10", [V(10, "6 08:00", due="10"), V(9, "11 08:00", due="10")], "11 08:00", "late"),
    ("returned_at without a 9", [V(10, "12 08:00", returned="11 08:00", due="10")], "11 08:00", "late"),
    ("since 10", [V(10, "7 08:00", due="10"), V(10, "15 02:00", due="10")], "7 08:00", "early"),
    ("a 4 between breaks the run", [V(9, "7 08:00", due="10"), V(4, "8 08:00", due="10"), V(9, "11 08:00", due="10")],
     "11 08:00", "late"),
    ("a 4 that lost at an equal moment breaks none",
     [V(9, "7 08:00", due="10"), V(4, "8 08:00", due="10"), V(9, "8 08:00", due="10")], "7 08:00", "early"),
    ("nothing told: when it became known", [V(9, known="8 08:00", due="10")], "8 08:00", "no_deadline"),
    ("the 9 that told nothing was known before the return",
     [V(9, known="7 08:00", due="10"), V(10, known="12 08:00", returned="11 08:00", due="10")], "7 08:00",
     "no_deadline"),
    ("the 9 that told nothing became known after the return",
     [V(9, known="12 08:00", due="10"), V(10, known="13 08:00", returned="11 08:00", due="10")], "11 08:00", "late"),
    ("withdrawn since the first 7", [V(7, "7 08:00", due="10"), V(7, "15 02:00", due="10")], "7 08:00", "withdrawn"),
    ("stopped, then withdrawn", [V(8, "7 08:00", due="10"), V(7, "15 02:00", due="10")], "15 02:00", "withdrawn"),
    ("open again", [V(9, "7 08:00", due="10"), V(4, "8 08:00", due="10")], None, None),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "filed", "end", "outcome"), ENDS, ids=[row[0] for row in ENDS])
def test_when_it_ended(_why: str, filed: list[Version], end: str | None, outcome: str | None) -> None:
    assert stand_by_all(filed).ended_at == (june(end) if end else None)


@pytest.mark.parametrize(("_why", "filed", "end", "outcome"), ENDS, ids=[row[0] for row in ENDS])
def test_how_it_is_judged(_why: str, filed: list[Version], end: str | None, outcome: str | None) -> None:
    assert stand_by_all(filed).outcome == outcome


PAUSES: list[tuple[str, list[Version], list[tuple[str, str | None, bool]]]] = [
    # why, versions, the paused intervals: from, to, in time
    ("stamped anew each night", [V(5, "5 08:00", due="11"), V(5, "15 02:00", due="11")], [("5 08:00", None, True)]),
    ("asked too late", [V(5, "12 08:00", due="11")], [("12 08:00", None, False)]),
    ("two papers asked for at one moment",
     [V(5, "5 08:00", due="20", pauses="5 08:00-, 5 08:00-12 08:00")], [("5 08:00", None, True)]),
    ("overlapping pauses are one request",
     [V(4, "20 08:00", due="25", pauses="5 08:00-9 08:00, 7 08:00-12 08:00")], [("5 08:00", "12 08:00", True)]),
    ("touching pauses are one request",
     [V(4, "20 08:00", due="25", pauses="5 08:00-9 08:00, 9 08:00-12 08:00")], [("5 08:00", "12 08:00", True)]),
    ("apart, they are two",
     [V(4, "20 08:00", due="25", pauses="5 08:00-9 08:00, 10 08:00-12 08:00")],
     [("5 08:00", "9 08:00", True), ("10 08:00", "12 08:00", False)]),
    ("one without length is none",
     [V(4, "20 08:00", due="25", pauses="5 08:00-5 08:00, 10 08:00-12 08:00")], [("10 08:00", "12 08:00", True)]),
    ("left open, worked on since the 12th", [V(4, "12 08:00", due="10", pauses="5 08:00-")],
     [("5 08:00", "12 08:00", True)]),
    ("left open, worked on since the first version after its start",
     [V(2, "4 08:00"), V(4, "9 08:00", pauses="5 08:00-"), V(4, "12 02:00", pauses="5 08:00-")],
     [("5 08:00", "9 08:00", True)]),
    ("left open and closed: it ends with the dossier", [V(9, "12 08:00", finished="11 08:00", pauses="5 08:00-")],
     [("5 08:00", "11 08:00", True)]),
    ("it lasts past its planned end", [V(5, "5 08:00", due="20", pauses="5 08:00-8 08:00")],
     [("5 08:00", None, True)]),
    ("an answered request does not reach since: this is the second",
     [V(5, "12 08:00", due="20", pauses="5 08:00-8 08:00")],
     [("5 08:00", "8 08:00", True), ("12 08:00", None, False)]),
    ("5, later 6: a request of the 6", [V(5, "5 08:00", due="20"), V(6, "7 08:00", due="20")],
     [("7 08:00", None, True)]),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "filed", "expected"), PAUSES, ids=[row[0] for row in PAUSES])
def test_when_it_was_paused(_why: str, filed: list[Version], expected: list[tuple[str, str | None, bool]]) -> None:
    paused = stand_by_all(filed).paused
    assert [tuple(interval) for interval in paused] == [
        (june(start), june(end) if end else None, in_time) for start, end, in_time in expected
    ]


CURRENT: list[tuple[str, list[Version], int]] = [
    # why, versions in order of filing, which of them is current
    ("the later change", [V(4, "8 08:00"), V(2, "7 08:00")], 0),
    ("at an equal moment the later in life", [V(9, "8 08:00"), V(4, "8 08:00")], 0),
    ("at equal life the later filed", [V(4, "8 08:00", channel=1), V(4, "8 08:00", channel=2)], 1),
    ("at an equal bare date the later filed, whatever life", [V(9, "8"), V(4, "8")], 1),
    ("without a moment: when it arrived", [V(4, known="9 08:00"), V(9, "8 08:00")], 0),
]


@pytest.mark.parametrize(("_why", "filed", "place"), CURRENT, ids=[row[0] for row in CURRENT])
def test_which_version_is_current(_why: str, filed: list[Version], place: int) -> None:
    assert in_order(filed)[-1] is filed[place]


class Looked(list[Version]):
    """Versions, with how often one of them was looked at."""

    times = 0

    def __getitem__(self, place: Any) -> Any:
        self.times += 1
        return super().__getitem__(place)


def test_where_an_open_pause_ended_is_looked_up_and_not_searched_through() -> None:
    """A push of one record to 10,000 versions with an open pause looked at fifty million of them."""
    ordered = Looked(V(4, f"{day} {hour:02}:00") for day in range(1, 25) for hour in range(24))
    assert Run(ordered, 0, len(ordered), None).first_from(june("20 03:30")) == june("20 04:00")
    assert Run(ordered, 0, len(ordered), None).first_from(june("25")) is None
    assert ordered.times < 30


def test_a_repetition_has_the_content_of_the_version_before_it() -> None:
    filed = [V(4, f"{day} 02:00", due=due) for day, due in ((4, "10"), (5, "10"), (6, "10"), (7, "11"), (8, "11"))]
    repeated: list[Any] = repeats(in_order(filed))
    assert repeated == [filed[1], filed[2]]


def test_a_version_that_ends_an_open_pause_is_no_repetition() -> None:
    filed = [V(4, f"{day} 02:00", pauses="8 08:00-") for day in (4, 6, 12, 15, 20)]
    assert repeats(in_order(filed)) == [filed[1], filed[3]]


def test_a_version_before_a_progress_step_is_no_repetition() -> None:
    filed = [V(4, f"{day} 02:00") for day in (4, 6, 12, 15, 20)]
    assert repeats(in_order(filed), [june("12 08:00")]) == [filed[1], filed[3]]


FILED = {why: filed for why, filed, _ in CURRENT} | {why: filed for why, filed, *_ in ENDS}


@pytest.mark.parametrize("filed", FILED.values(), ids=FILED.keys())
def test_versions_put_one_by_one_stand_as_those_ordered_at_once(filed: list[Version]) -> None:
    ordered: list[Version] = []
    for one in filed:
        put(one, ordered)
    assert ordered == in_order(filed)


RUNS = [row[1] for row in ENDS] + [
    [V(status, f"{day} 08:00") for day, status in enumerate(statuses, 4)]
    for statuses in ([4], [4, 2, 9, 9, 10], [9, 9, 4, 9, 10], [10, 9, 9], [2, 4, 5], [5, 4, 2])
]


@pytest.mark.parametrize("filed", RUNS, ids=lambda filed: " ".join(str(one.snapshot.status) for one in filed))
def test_the_last_run_is_the_one_that_each_version_in_turn_leads_to(filed: list[Version]) -> None:
    ordered, run = in_order(filed), None
    for place in range(len(ordered)):
        run = next_run(ordered, place, run)
    assert last_run(ordered) == run


def test_an_open_pause_begins_after_the_version_before_and_by_the_version_itself() -> None:
    filed = [V(4, f"{day} 02:00", pauses="6 02:00-") for day in (4, 6, 8, 10)]
    assert repeats(in_order(filed)) == [filed[2]]


@pytest.mark.parametrize(("step", "is_repetition"), [("6 02:00", True), ("8 02:00", False)])
def test_a_step_lies_after_the_repetition_and_by_the_version_after_it(step: str, is_repetition: bool) -> None:
    filed = [V(4, f"{day} 02:00") for day in (4, 6, 8)]
    assert (filed[1] in repeats(in_order(filed), [june(step)])) == is_repetition


def test_the_newest_business_moment_is_not_only_one_of_pauses() -> None:
    state = V(9, received="3 08:00", finished="9 08:00", pauses="4 08:00-5 08:00, 6 08:00-7 08:00").snapshot
    assert state.newest_business_moment() == june("9 08:00")
