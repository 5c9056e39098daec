"""Tables that are put in order by a link: which column, which way."""

from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from typing import Any

from flask import request

from service.domain.statistics.rounding import exact
from service.pages.links import link
from service.schemas.question_input import QueryError

COLUMNS = ("name", "workload", "early_or_on_time", "late", "in_progress", "open_overdue", "rate")


@dataclass(frozen=True)
class Sorting:
    """The column a table is ordered by; a - in front of its name means largest first."""

    column: str = "name"
    descending: bool = False

    @classmethod
    def of_request(cls) -> "Sorting":
        """Read `sort`; QueryError for a column that is not there."""
        order = request.args.get("sort") or "name"
        column = order.removeprefix("-")
        if column not in COLUMNS:
            choices = ", ".join(COLUMNS)
            raise QueryError({"sort": [f"Dùng một trong, có thể thêm - ở trước (use one of, - reverses): {choices}"]})
        return cls(column, order.startswith("-"))

    def aria(self, column: str) -> str | None:
        """Return what a column's heading tells assistive technology."""
        order = "descending" if self.descending else "ascending"
        return order if column == self.column else None

    def href(self, path: str, column: str) -> str:
        """Return the address that orders by a column: numbers largest first, then the other way round."""
        first, other = ("", "-") if column == "name" else ("-", "")
        again = column == self.column and self.descending == bool(first)
        return f"{link(path, sort=(other if again else first) + column)}#don-vi"


def in_order(groups: list[dict[str, Any]], sorting: Sorting) -> list[dict[str, Any]]:
    """Return groups in an order; they come by name. Rates order by their exact ratio, those without one last."""
    if sorting.column == "name":
        return groups[::-1] if sorting.descending else groups
    values = [(_value(group, sorting.column), group) for group in groups]
    known = sorted((one for one in values if one[0] is not None), key=itemgetter(0), reverse=sorting.descending)
    return [group for _, group in known] + [group for value, group in values if value is None]


def _value(group: dict[str, Any], column: str) -> Fraction | int | None:
    if column == "rate":
        return exact(group["rate"]["numerator"], group["rate"]["denominator"])
    count: int | None = group["counts"][column]
    return count
