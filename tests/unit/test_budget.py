"""The month's budget of late dossiers, as a table: what is known, the target, what is left."""

import pytest

from service.domain.statistics.counts import Counts
from service.domain.statistics.late_budget import LateBudget, late_budget


@pytest.mark.parametrize(
    ("on_time", "late", "overdue", "due_by_end", "target", "expected", "allowed", "left"),
    [
        (1188, 0, 0, 12, 99, 1200, 12, 12),  # "to keep 99 % at most 12 more may be late"
        (1185, 3, 2, 10, 99, 1200, 12, 7),
        (99, 1, 0, 0, 99, 100, 1, 0),
        (98, 1, 1, 0, 99, 100, 1, -1),
        (99, 0, 0, 0, 99, 99, 0, 0),  # 98/99 would be below 99 %
        (10, 0, 0, 0, 100, 10, 0, 0),
        (0, 0, 0, 0, 99, 0, 0, 0),
    ],
)
def test_budget(
    on_time: int, late: int, overdue: int, due_by_end: int, target: int, expected: int, allowed: int, left: int
) -> None:
    month = Counts(on_time=on_time, late=late, open_overdue=overdue)
    assert late_budget(month, due_by_end, target) == LateBudget(expected, allowed, left)
