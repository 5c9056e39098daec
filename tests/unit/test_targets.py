"""Targets as tables: what is set, whose it is, and which groups are under theirs."""

from datetime import UTC, datetime

import pytest

from service.domain.calendar.periods import CIVIL, parse_period
from service.domain.statistics.counts import Counts
from service.domain.statistics.formulas import FORMULAS
from service.domain.statistics.questions import GroupCounts, GroupKey, Question, Report
from service.domain.statistics.targets import Measured, Targets, measure_targets
from service.domain.units import Unit, UnitTree

NOW = datetime(2024, 7, 1, tzinfo=UTC)
TREE = UnitTree(
    [
        Unit("H23"),
        Unit("H23.45", parent_code="H23"),
        Unit("H23.45.01", parent_code="H23.45"),
        Unit("X", parent_code="H23.45"),
    ]
)


@pytest.mark.parametrize(
    ("text", "unit", "formula", "percent"),
    [
        ("", "H23.45", "timed/1", 95),  # TTHC_TARGET_PERCENT, of the default formula
        ("", "H23.45", "due/1", None),
        ("timed=98", "H23", "timed/1", 98),
        ("due/1=90", "H23.45.01", "due/1", 90),
        ("due/1=90", "H23.45.01", "timed/1", 95),
        ("timed/1=98, H23.45:timed/1=97", "H23", "timed/1", 98),
        ("timed/1=98,H23.45:timed/1=97,", "H23.45.01", "timed/1", 97),
        ("000.00.45.h23 : timed/1 = 97", "X", "timed/1", 97),  # the tree decides, not the code
        ("H23:timed/1=90, H23.45.01:timed/1=80", "H23.45", "timed/1", 90),
        ("H23:timed/1=90, H23.45.01:timed/1=80", "H23.45.01", "timed/1", 80),
    ],
)
def test_the_nearest_target_at_or_above_a_unit_is_its_own(
    text: str, unit: str, formula: str, percent: int | None
) -> None:
    assert Targets.parse(text, 95).of(FORMULAS[formula], TREE.counting_chain(unit)) == percent


@pytest.mark.parametrize(
    "text",
    ["99", "timed/1", "timed/9=99", "timed/1=0", "timed/1=101", "timed/1=99.5", "timed/1=²", ":timed/1=99",
     "H23/45:timed/1=99", "timed/1=99 due/1=98", "H23:timed/1=99, H23:timed=98"],
)  # fmt: skip
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mục tiêu"):
        Targets.parse(text)


def group(code: str, on_time: int, late: int, split_known: bool = True, sent: bool = True) -> GroupCounts:
    return GroupCounts(GroupKey(code, None), Counts(on_time=on_time, late=late), 0, split_known, sent)


def report(by: str, groups: list[GroupCounts], formula: str = "timed/1") -> Report:
    period = parse_period("2024", NOW.date(), CIVIL)
    question = Question("H23.45", period, NOW, group_by=(by,) if by else (), formulas=(FORMULAS[formula],))
    return Report(question, TREE.units["H23.45"], Counts(), None, groups)


MONTHS = [
    group("2024-01", 990, 10),  # 99 % exactly
    group("2024-02", 98999, 1001),  # prints as 99.0 %
    group("2024-03", 1, 0),
    group("2024-04", 0, 0),  # no rate
    group("2024-05", 0, 1),
    group("2024-06", 0, 1, sent=False),
]
UNITS = [group("H23.45.01", 97, 3), group("X", 97, 3), group("H23.45", 0, 0)]


@pytest.mark.parametrize(
    ("by", "groups", "text", "expected"),
    [
        ("month", MONTHS, "", Measured("timed/1", 99, 2, 2, ("2024-02", "2024-05"))),
        ("day", MONTHS[:1], "H23.45:timed/1=100", Measured("timed/1", 100, 0, 1, ("2024-01",))),
        ("unit", UNITS, "", Measured("timed/1", 99, 0, 2, ("H23.45.01", "X"))),
        ("unit", UNITS, "H23.45.01:timed/1=97", Measured("timed/1", None, 1, 1, ("X",))),
        ("unit", UNITS, "H23:timed/1=97", Measured("timed/1", 97, 2, 0, ())),
        ("unit", [], "", None),
        ("channel", MONTHS, "", None),
        ("", [], "", None),
    ],
)
def test_groups_are_measured_exactly(by: str, groups: list[GroupCounts], text: str, expected: Measured | None) -> None:
    assert measure_targets(report(by, groups), Targets.parse(text), TREE) == expected


def test_a_formula_without_a_target_is_not_measured() -> None:
    assert measure_targets(report("month", MONTHS, "due/1"), Targets.parse(""), TREE) is None


def test_a_past_month_without_known_states_neither_meets_nor_misses() -> None:
    past = [group("2024-01", 0, 9, split_known=False)]
    assert measure_targets(report("month", past, "workload/1"), Targets.parse("workload/1=99"), TREE) == Measured(
        "workload/1", 99, 0, 0, ()
    )


@pytest.mark.parametrize("percent", [1, 100])
def test_a_target_is_1_to_100_percent(percent: int) -> None:
    assert Targets.parse(f"due/1={percent}").percents[None, "due/1"] == percent


@pytest.mark.parametrize("text", ["due/1=0", "due/1=101", "due/1=9=9"])
def test_anything_else_is_no_target(text: str) -> None:
    with pytest.raises(ValueError, match="no target"):
        Targets.parse(text)


def test_a_unit_without_a_target_leaves_those_after_it_measured() -> None:
    measured = measure_targets(report("unit", UNITS, "due/1"), Targets.parse("X:due/1=97"), TREE)
    assert measured == Measured("due/1", 97, 1, 0, ())
