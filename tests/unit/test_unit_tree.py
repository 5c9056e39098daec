"""The tree of units: which dossiers count under which unit, as the units were and as they are since a reform.

T is a province with two districts. A was dissolved on 30 June 2025, and split into N and M; its commune A.1 was
dissolved without a successor. B has two communes, and B.1 has a hamlet.
"""

from datetime import date
from functools import reduce

import pytest

from service.domain.units import Unit, UnitTree, as_asked

REFORM, BEFORE, AFTER = date(2025, 6, 30), date(2025, 6, 30), date(2025, 7, 1)
TREE = UnitTree([
    Unit("T"),
    Unit("A", parent_code="T", valid_to=REFORM, successors=("N", "M"), level="district"),
    Unit("A.1", parent_code="A", valid_to=REFORM),
    Unit("B", parent_code="T", level="district"),
    Unit("B.1", parent_code="B", level="commune"),
    Unit("B.1.1", parent_code="B.1"),
    Unit("B.2", parent_code="B"),
    Unit("N", parent_code="T", level="commune"),
    Unit("M", parent_code="T"),
    Unit("LOST", parent_code="nobody"),
])  # fmt: skip
CIRCLE = UnitTree([
    Unit("X", parent_code="Y", valid_to=REFORM, successors=("Y",)),
    Unit("Y", parent_code="X", valid_to=REFORM, successors=("X",)),
])  # fmt: skip


@pytest.mark.parametrize(
    ("written", "means"),
    [("h23.45", "H23.45"), (" H23 .45 ", "H23.45"), ("000.00.45.h23", "H23.45"), ("Tứ Kỳ", "Tứ Kỳ")],
    ids=["small letters", "blanks", "the older style", "no code"],
)
def test_a_code_as_people_write_it(written: str, means: str) -> None:
    assert as_asked(written) == means


def test_a_unit_whose_parent_is_unknown_is_a_root() -> None:
    assert [unit.code for unit in TREE.children(None)] == ["T", "LOST"]


@pytest.mark.parametrize(("code", "has"), [("B", True), ("B.2", False)], ids=["a district", "a commune"])
def test_whether_there_are_units_below_one(code: str, has: bool) -> None:
    assert TREE.has_children(code) == has


def test_the_units_right_below_one() -> None:
    assert [unit.code for unit in TREE.children("B")] == ["B.1", "B.2"]


def test_a_unit_and_all_below_it() -> None:
    assert TREE.subtree("B") == ["B", "B.1", "B.2", "B.1.1"]


def test_units_in_a_circle_are_below_each_other_once() -> None:
    assert UnitTree([Unit("A", parent_code="B"), Unit("B", parent_code="A")]).subtree("A") == ["A", "B"]


@pytest.mark.parametrize(
    ("tree", "code", "above"),
    [(TREE, "B.1.1", ["B.1", "B", "T"]), (TREE, "T", []), (TREE, "LOST", []), (CIRCLE, "X", ["Y", "X"])],
    ids=["nearest first", "a root", "a parent that is unknown", "a circle ends"],
)
def test_the_units_above_one(tree: UnitTree, code: str, above: list[str]) -> None:
    assert tree.ancestors(code) == above


@pytest.mark.parametrize(
    ("tree", "code", "day", "counts"),
    [
        (TREE, "B", AFTER, "B"),
        (TREE, "A", BEFORE, "A"),
        (TREE, "A", AFTER, "N"),
        (TREE, "A.1", AFTER, "N"),
        (CIRCLE, "X", AFTER, "Y"),
    ],
    ids=["it exists", "on its last day", "the first successor", "no successor: as its ancestor", "a circle ends"],
)
def test_the_unit_that_counts_a_dissolved_unit(tree: UnitTree, code: str, day: date, counts: str) -> None:
    assert tree.successor_or_ancestor(code, day) == counts


@pytest.mark.parametrize(
    ("code", "day", "chain"),
    [
        ("A.1", None, ["A.1", "A", "T"]),
        ("A.1", AFTER, ["N", "T"]),
        ("A.1", BEFORE, ["A.1", "A", "T"]),
        ("B.1.1", AFTER, ["B.1.1", "B.1", "B", "T"]),
        ("LOST", AFTER, ["LOST"]),
    ],
    ids=["as it was", "after the reform", "before it", "all exist", "a parent that is unknown"],
)
def test_the_units_that_count_a_units_dossiers(code: str, day: date | None, chain: list[str]) -> None:
    assert TREE.counting_chain(code, day) == chain


@pytest.mark.parametrize(
    ("code", "subtree", "day", "depth", "groups"),
    [
        ("B", True, None, 1, {"B": "B", "B.1": "B.1", "B.1.1": "B.1", "B.2": "B.2"}),
        ("B", False, None, 1, {"B": "B"}),
        ("T", True, None, 2, {
            "T": "T", "A": "A", "A.1": "A.1", "B": "B", "B.1": "B.1", "B.1.1": "B.1", "B.2": "B.2", "N": "N", "M": "M",
        }),
        ("B", True, None, 2, {"B": "B", "B.1": "B.1", "B.1.1": "B.1.1", "B.2": "B.2"}),
        ("T", True, AFTER, 1, {
            "T": "T", "A": "N", "A.1": "N", "B": "B", "B.1": "B", "B.1.1": "B", "B.2": "B", "N": "N", "M": "M",
        }),
        ("N", True, AFTER, 1, {"A": "N", "A.1": "N", "N": "N"}),
        ("N", False, AFTER, 1, {"A": "N", "A.1": "N", "N": "N"}),
        ("B", False, AFTER, 1, {"B": "B"}),
    ],
    ids=[
        "children", "alone", "grandchildren of a province", "grandchildren", "after the reform",
        "a successor", "a successor alone", "alone after the reform",
    ],
)  # fmt: skip
def test_the_group_of_each_unit(code: str, subtree: bool, day: date | None, depth: int, groups: dict[str, str]) -> None:
    assert TREE.group_of_unit(code, subtree, day, depth) == groups


def test_by_default_the_children_are_the_groups() -> None:
    assert TREE.group_of_unit("B") == TREE.group_of_unit("B", True, None, 1)


@pytest.mark.parametrize(
    ("code", "day", "split"),
    [("N", AFTER, ["A"]), ("M", AFTER, ["A"]), ("T", AFTER, ["A"]), ("B", AFTER, []), ("N", BEFORE, [])],
    ids=["the first successor", "the other one", "above them", "another unit", "before the reform"],
)
def test_the_split_units_that_cannot_be_divided(code: str, day: date, split: list[str]) -> None:
    assert TREE.not_separable(code, day) == split


@pytest.mark.parametrize(
    ("sent", "counts"),
    [
        (["B"], "B"),
        (["B", "N"], "N"),
        (["A", "N"], "A"),
        (["A", "M"], "A"),
        (["A", "N", "B"], "B"),
        (["N", "A"], "A"),
        (["A", "B", "N"], "N"),
    ],
    ids=[
        "sent once", "moved", "sent again by the first successor", "by the other one", "then moved on",
        "sent back to a dissolved one", "moved, then sent by a successor of an earlier one",
    ],
)  # fmt: skip
def test_which_of_the_units_that_sent_a_dossier_counts_it(sent: list[str], counts: str) -> None:
    assert reduce(TREE.unit_after, sent) == counts


@pytest.mark.parametrize(
    ("later", "earlier", "succeeds"),
    [("N", "A", True), ("B", "A", False), ("A", "N", False), ("N", "unknown", False)],
    ids=["a successor", "another unit", "the other way round", "an unknown unit"],
)
def test_the_successors_of_a_unit_and_theirs(later: str, earlier: str, succeeds: bool) -> None:
    assert (later in TREE.successors(earlier)) == succeeds


def test_a_circle_of_successors_ends() -> None:
    assert "Z" not in CIRCLE.successors("X")


@pytest.mark.parametrize(
    ("code", "day", "level"),
    [("A", None, "district"), ("A", AFTER, "commune")],
    ids=["as it was", "of its successor"],
)
def test_the_level_under_which_a_unit_counts(code: str, day: date | None, level: str) -> None:
    assert TREE.level_of(code, day) == level
