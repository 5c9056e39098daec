"""Tables that links sort: by which column, and which way."""

from fractions import Fraction
from operator import itemgetter
from typing import Any, NamedTuple

from flask import request

from service.domain.statistics.rounding import exact
from service.pages.links import link
from service.schemas.question_input import QueryError

COLUMNS = ("name", "workload", "early_or_on_time", "late", "in_progress", "open_overdue", "rate")


class Sorting(NamedTuple):
    """The order of a table; in addresses `-rate` is the column `rate`, largest first."""

    column: str = "name"
    descending: bool = False

    @classmethod
    def of_request(cls) -> "Sorting":
        """Read the parameter `sort`; QueryError for an unknown column."""
        order = request.args.get("sort") or "name"
        column = order.removeprefix("-")
        if column not in COLUMNS:
            choices = ", ".join(COLUMNS)
            raise QueryError({"sort": [f"Dùng một trong, có thể thêm - ở trước (use one of, - reverses): {choices}"]})
        return cls(column, order.startswith("-"))

    def aria(self, column: str) -> str | None:
        """Return the value of aria-sort for a column's heading, None for a column that the table is not sorted by."""
        order = "descending" if self.descending else "ascending"
        return order if column == self.column else None

    def href(self, path: str, column: str) -> str:
        """Return the address that sorts by a column: names from A, numbers from the largest; a second time reversed."""
        first, other = ("", "-") if column == "name" else ("-", "")
        is_second_time = column == self.column and self.descending == bool(first)
        return f"{link(path, sort=(other if is_second_time else first) + column)}#don-vi"


def in_order(groups: list[dict[str, Any]], sorting: Sorting) -> list[dict[str, Any]]:
    """Return groups, which are given by name, in another order: rates by their exact ratio, groups without one last."""
    if sorting.column == "name":
        return groups[::-1] if sorting.descending else groups
    values = [(_value(group, sorting.column), group) for group in groups]
    known = sorted((pair for pair in values if pair[0] is not None), key=itemgetter(0), reverse=sorting.descending)
    return [group for _, group in known] + [group for value, group in values if value is None]


def _value(group: dict[str, Any], column: str) -> Fraction | int | None:
    if column == "rate":
        return exact(group["rate"]["numerator"], group["rate"]["denominator"])
    count: int | None = group["counts"][column]
    return count
