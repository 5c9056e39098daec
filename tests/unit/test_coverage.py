"""Coverage: which units should have sent, since when they must have been heard, and when the gap is told."""

from datetime import date

import pytest

from service.domain.calendar.holidays import FIRST_DAY
from service.domain.calendar.periods import free_period
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.statistics.coverage import UnitCoverage, expected_units, heard_from, silent_units
from service.domain.units import Unit, UnitTree

WORK = WorkCalendar()
FIRST, LAST = date(2024, 6, 1), date(2024, 6, 30)


def test_the_units_that_were_heard_are_those_that_are_not_silent() -> None:
    assert UnitCoverage(9, ("A", "B")).heard == 7


@pytest.mark.parametrize(
    ("silent", "whole", "share"), [(1, 8, "12.5"), (0, None, "0.0"), (0, 0, None)], ids=["some", "none", "no volume"]
)
def test_the_share_of_the_silent_units_in_the_usual_volume(silent: int, whole: int | None, share: str | None) -> None:
    assert UnitCoverage(9, ("A",) if whole is not None else (), silent, whole).usual_share == share


@pytest.mark.parametrize(
    ("codes", "silent", "whole", "low"),
    [
        (("A",), 5, 100, False),
        (("A",), 6, 100, True),
        (("A",), 0, 0, True),
        (("A",), 0, None, True),
        ((), 0, None, False),
        ((), 6, 100, False),
    ],
)
def test_the_gap_is_told_beside_the_rate_from_over_5_percent_on_or_where_no_volume_is_known(
    codes: tuple[str, ...], silent: int, whole: int | None, low: bool
) -> None:
    assert UnitCoverage(9, codes, silent, whole).low is low


# why, the units, how many dossiers each received in the months before, those that should send
EXPECTED: list[tuple[str, list[Unit], dict[str, int], list[str]]] = [
    ("in order of code", [Unit("B"), Unit("A")], {}, ["A", "B"]),
    ("one with children that exist leaves it to them", [Unit("A"), Unit("A.1", parent_code="A")], {}, ["A.1"]),
    (
        "one whose children are dissolved sends itself",
        [Unit("A"), Unit("A.1", parent_code="A", valid_to=date(2024, 5, 31))],
        {},
        ["A"],
    ),
    (
        "one whose children are founded later sends itself",
        [Unit("A"), Unit("A.1", parent_code="A", valid_from=date(2024, 7, 1))],
        {},
        ["A"],
    ),
    ("the import says that it sends", [Unit("A", reports=True), Unit("A.1", parent_code="A")], {}, ["A", "A.1"]),
    ("the import says that it does not", [Unit("A", reports=False), Unit("B")], {}, ["B"]),
    ("a unit that no import knows and that received", [Unit("A", provisional=True)], {"A": 1}, ["A"]),
    ("one that received nothing", [Unit("A", provisional=True), Unit("B", provisional=True)], {"B": 0}, []),
    ("dissolved before the first day", [Unit("A", valid_to=date(2024, 5, 31)), Unit("B")], {}, ["B"]),
    ("dissolved on the first day", [Unit("A", valid_to=FIRST)], {}, ["A"]),
    ("founded on the last day", [Unit("A", valid_from=LAST)], {}, ["A"]),
    ("founded after the last day", [Unit("A", valid_from=date(2024, 7, 1)), Unit("B")], {}, ["B"]),
]


@pytest.mark.parametrize(("_why", "units", "received", "expected"), EXPECTED, ids=[why for why, _, _, _ in EXPECTED])
def test_which_units_should_send(_why: str, units: list[Unit], received: dict[str, int], expected: list[str]) -> None:
    tree = UnitTree(units)
    assert expected_units(tree, list(tree.units), FIRST, LAST, received) == expected


def test_only_the_units_asked_about_should_send() -> None:
    assert expected_units(UnitTree([Unit("A"), Unit("B")]), ["B"], FIRST, LAST, {}) == ["B"]


@pytest.mark.parametrize(
    ("asked_on", "working_days", "since"),
    [
        (date(2024, 6, 20), 0, date(2024, 6, 20)),
        (date(2024, 6, 20), 1, date(2024, 6, 19)),
        (date(2024, 6, 20), 4, date(2024, 6, 14)),  # over a weekend
        (date(2024, 6, 17), 1, date(2024, 6, 14)),
        (date(2024, 7, 20), 5, date(2024, 7, 1)),  # the day after the period
        (date(2024, 7, 8), 5, date(2024, 7, 1)),
        (date(2024, 7, 5), 5, date(2024, 6, 28)),
        (FIRST_DAY, 5, FIRST_DAY),
    ],
)
def test_since_when_a_unit_must_have_been_heard(asked_on: date, working_days: int, since: date) -> None:
    assert heard_from(free_period(FIRST, LAST), asked_on, WORK, working_days) == since


def test_the_silent_units_were_never_heard_or_last_before_that_day() -> None:
    heard = {"A": None, "B": date(2024, 6, 13), "C": date(2024, 6, 14), "D": date(2024, 6, 15)}
    tree = UnitTree(Unit(code, heard_on=day) for code, day in heard.items())
    assert silent_units(tree, ["A", "B", "C", "D"], date(2024, 6, 14)) == ("A", "B")
