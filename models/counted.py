"""Counts by group, as the counting statements return them."""

from collections.abc import Iterable, Mapping, Sequence
from operator import add
from typing import Any

from service.domain.counts import Counts

Counted = dict[Any, Counts]
"""Counts by group; None is the one group of a total."""


def added_up(rows: Iterable[Sequence[Any]], names: Sequence[str], groups: Mapping[Any, Any] | None) -> Counted:
    """Add up rows of a key and the counts of these names, by key or by the group that a key has in `groups`.

    A row whose first count is null, the sum of nothing, adds nothing.
    """
    found: dict[Any, list[int]] = {}
    for key, *numbers in rows:
        if numbers[0] is None:
            continue
        group = key if groups is None else groups[key]
        found[group] = list(map(add, found[group], numbers)) if group in found else numbers
    return {group: Counts(**dict(zip(names, numbers, strict=True))) for group, numbers in found.items()}
