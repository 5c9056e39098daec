"""Which time limit of a procedure a dossier has: tables of what imports said, and when."""

from datetime import date

import pytest

from service.domain.procedures import ImportedProcedure, LimitUnit, TimeLimit, limit_in_force

JANUARY, JULY, NEXT_YEAR = date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1)


def imported(version: int, days: int | None, first: date | None = None, last: date | None = None) -> ImportedProcedure:
    return ImportedProcedure(version, first, last, TimeLimit(days, LimitUnit.WORKING_DAY) if days else None)


def days_and_version(rows: list[ImportedProcedure], day: date, since: int) -> tuple[int, int | None] | None:
    in_force = limit_in_force(rows, day, since)
    return (in_force.limit.amount, in_force.version) if in_force else None


CHANGED = [imported(1, 5), imported(3, 7)]
BY_DATE = [imported(1, 5, None, date(2024, 6, 30)), imported(1, 7, JULY)]
OLD_LATER = [imported(1, 7, JULY), imported(2, 5)]
REFORM = [imported(1, 5), imported(2, 7, NEXT_YEAR)]
TAKEN_BACK = [imported(1, 5), imported(2, None), imported(4, 9)]
GAP = [imported(1, 5, JANUARY, date(2024, 1, 31)), imported(1, 7, JULY)]


@pytest.mark.parametrize(
    ("rows", "received", "since", "expected", "why"),
    [
        ([], JANUARY, 1, None, "no import ever spoke of it"),
        (CHANGED, JANUARY, 1, (5, 1), "computed before the change: the limit as it was"),
        (CHANGED, JANUARY, 2, (5, 2), "another import came between: still the first limit"),
        (CHANGED, JANUARY, 3, (7, 3), "computed after the change: the new limit"),
        (CHANGED, JANUARY, 0, (5, 1), "before any limit: the first one that came"),
        (BY_DATE, date(2024, 6, 30), 1, (5, 1), "received on the last day of the old limit"),
        (BY_DATE, JULY, 1, (7, 1), "received on the first day of the new limit"),
        (REFORM, NEXT_YEAR, 2, (7, 2), "two limits hold on the day: the one that began last"),
        (REFORM, JULY, 2, (5, 2), "received before the new limit begins"),
        (OLD_LATER, date(2024, 8, 1), 2, (7, 2), "the one that began last, though the other was imported after it"),
        (REFORM, NEXT_YEAR, 1, (5, 1), "computed before the reform was imported"),
        (TAKEN_BACK, JANUARY, 1, (5, 1), "the limit was taken back later: computed ones keep it"),
        (TAKEN_BACK, JANUARY, 2, (9, 4), "no limit at first: the first later import that has one"),
        (GAP, date(2024, 3, 1), 1, None, "received between two limits: none in force"),
    ],
)
def test_the_limit_in_force(
    rows: list[ImportedProcedure], received: date, since: int, expected: tuple[int, int] | None, why: str
) -> None:
    assert days_and_version(rows, received, since) == expected, why


def test_the_order_in_which_rows_are_read_does_not_matter() -> None:
    assert days_and_version(CHANGED[::-1], JANUARY, 3) == (7, 3)
