"""The requests of a dossier: what its pauses, its status, its steps and its earlier versions say. Of June 2024."""

import pytest

from service.domain.dossier.progress import AppliedSteps, Request, applied_to, derived_requests
from service.domain.dossier.snapshot import Pause
from service.domain.dossier.versions import Version, in_order
from tests.support.june import june, steps, version

V = version


def applied(filed: list[Version], told: str = "", derive_pauses: bool = False) -> AppliedSteps:
    return applied_to(in_order(filed), steps(told), derive_pauses)


def request(text: str, derived: bool = False) -> Request:
    """Read "5 08:00-7 08:00" as one that has ended, "5 08:00-" as one that lasts, also "5 08:00-8 08:00…"."""
    start, _, end = text.removesuffix("…").partition("-")
    return Request(june(start), june(end) if end else None, text[-1] in "-…", derived)


DERIVED: list[tuple[str, list[Version], list[str]]] = [
    # why, versions in their order, the requests
    ("asked and answered", [V(5, "5 08:00"), V(4, "7 08:00")], ["5 08:00-7 08:00"]),
    ("asked again: one request", [V(5, "5 08:00"), V(6, "6 08:00"), V(4, "7 08:00")], ["5 08:00-7 08:00"]),
    ("asked twice", [V(5, "5 08:00"), V(4, "7 08:00"), V(6, "8 08:00"), V(4, "9 08:00")],
     ["5 08:00-7 08:00", "8 08:00-9 08:00"]),
    ("still asked", [V(4, "4 08:00"), V(5, "5 08:00")], ["5 08:00-"]),
    ("done: it ends with the dossier", [V(5, "5 08:00"), V(9, "7 08:00")], ["5 08:00-"]),
    ("done and returned", [V(5, "5 08:00"), V(9, "7 08:00"), V(10, "8 08:00")], ["5 08:00-"]),
    ("reopened: it ended with the closing", [V(5, "5 08:00"), V(9, "7 08:00"), V(4, "9 08:00")], ["5 08:00-7 08:00"]),
    ("never asked", [V(4, "4 08:00"), V(9, "7 08:00")], []),
    ("the last version gives pauses itself", [V(5, "5 08:00"), V(4, "7 08:00", pauses="5 08:00-6 08:00")], []),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "filed", "expected"), DERIVED, ids=[row[0] for row in DERIVED])
def test_what_follows_from_statuses(_why: str, filed: list[Version], expected: list[str]) -> None:
    assert derived_requests(filed) == [request(text, derived=True) for text in expected]


@pytest.mark.parametrize(("derive_pauses", "expected"), [(True, ["5 08:00-7 08:00"]), (False, [])])
@pytest.mark.parametrize("told", ["", "4@8 08:00"])
def test_requests_follow_from_statuses_where_the_source_is_set_so(
    told: str, derive_pauses: bool, expected: list[str]
) -> None:
    state = applied([V(5, "5 08:00"), V(4, "7 08:00")], told, derive_pauses)
    assert state.requests == [request(text, derived=True) for text in expected]


REQUESTS: list[tuple[str, Version, str, list[str]]] = [
    # why, the version, its steps, the requests
    ("a status alone", V(5, "8 08:00"), "", ["8 08:00-"]),
    ("a pause that reaches the status goes on", V(5, "5 08:00", pauses="5 08:00-8 08:00"), "", ["5 08:00-8 08:00…"]),
    ("one that just reaches it, too", V(5, "8 08:00", pauses="5 08:00-8 08:00"), "", ["5 08:00-8 08:00…"]),
    ("one that does not is another", V(5, "9 08:00", pauses="5 08:00-8 08:00"), "", ["5 08:00-8 08:00", "9 08:00-"]),
    ("a pause without length does not go on", V(5, "8 08:00", pauses="8 08:00-8 08:00"), "",
     ["8 08:00-8 08:00", "8 08:00-"]),
    ("left open and never worked on since: no length", V(4, "4 08:00", pauses="5 08:00-"), "", ["5 08:00-5 08:00"]),
    ("left open, worked on by a step", V(4, "4 08:00", pauses="5 08:00-"), "4@8 08:00", ["5 08:00-8 08:00"]),
    ("left open, another step does not end it", V(4, "4 08:00", pauses="5 08:00-"), "9@8 08:00", ["5 08:00-5 08:00"]),
    ("left open at the very moment of the version", V(4, "5 08:00", pauses="5 08:00-"), "4@8 08:00",
     ["5 08:00-5 08:00"]),
    ("a step ends only what lasts", V(5, "7 08:00", pauses="5 08:00-6 08:00"), "4@8 08:00",
     ["5 08:00-6 08:00", "7 08:00-8 08:00"]),
    ("two steps that ask are one request", V(4, "4 08:00"), "5@5 08:00, 6@6 08:00", ["5 08:00-"]),
    ("a reopened dossier was asked until it was closed", V(4, "4 08:00"), "5@5 08:00, 9@6 08:00, 4@8 08:00",
     ["5 08:00-6 08:00"]),
    ("reopened by being asked again", V(4, "4 08:00"), "5@5 08:00, 9@6 08:00, 5@8 08:00",
     ["5 08:00-6 08:00", "8 08:00-"]),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "filed", "told", "expected"), REQUESTS, ids=[row[0] for row in REQUESTS])
def test_what_was_asked_for(_why: str, filed: Version, told: str, expected: list[str]) -> None:
    assert applied([filed], told).requests == [request(text) for text in expected]


PAUSES: list[tuple[str, Version, str, list[str]]] = [
    # why, the version, its steps, the pauses of the state
    ("what the status says is added", V(5, "9 08:00", pauses="5 08:00-8 08:00"), "", ["5 08:00-8 08:00", "9 08:00-"]),
    ("a pause that was left open stays as it was sent", V(4, "4 08:00", pauses="5 08:00-"), "", ["5 08:00-"]),
    ("what steps say is added", V(4, "4 08:00"), "5@5 08:00, 4@6 08:00, 6@7 08:00", ["5 08:00-6 08:00", "7 08:00-"]),
    ("of two that begin together the open one is the later",
     V(5, "5 08:00", pauses="5 08:00-, 5 08:00-12 08:00"), "6@13 08:00", ["5 08:00-12 08:00", "5 08:00-"]),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "filed", "told", "expected"), PAUSES, ids=[row[0] for row in PAUSES])
def test_the_pauses_of_the_state_are_its_requests(_why: str, filed: Version, told: str, expected: list[str]) -> None:
    pauses = tuple(Pause(*request(text)[:2]) for text in expected)
    assert applied([filed], told).state.pauses == pauses
