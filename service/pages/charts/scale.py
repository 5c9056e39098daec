"""Axes: where a value stands between two edges, and which values are labelled."""

from collections.abc import Callable, Iterable
from math import ceil
from typing import Any, NamedTuple

Scale = Callable[[float], float]
_STEPS = (0.2, 0.5, 1, 2, 5, 10, 20)
_PARTS = 5
"""Steps between the labels of an axis."""


class Label(NamedTuple):
    """What stands at a place of an axis; `more`: left out where there is little room."""

    at: float
    text: str
    more: bool = False


def scale(low: float, high: float, start: float, end: float) -> Scale:
    """Put the values from `low` to `high` on the pixels from `start` to `end`; what lies outside stands at the edge."""
    size = (high - low) or 1
    return lambda value: round(start + (min(max(value, low), high) - low) / size * (end - start), 1)


def percent_ticks(rates: Iterable[float], finest: float = 0.2) -> list[float]:
    """Return the percentages to label on an axis that holds some rates: no more of 0 to 100 than they need."""
    known = list(rates) or [0, 100]
    top = max(100, 50 * ceil(max(known) / 50))
    steps = (step for step in _STEPS if step >= finest and top - _PARTS * step <= min(known))
    step = next(steps, top / _PARTS)
    return [round(top - step * number, 1) for number in range(_PARTS, -1, -1)]


def count_ticks(most: int) -> list[int]:
    """Return the counts to label on an axis from 0 that holds `most`: round ones, at most six."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * _PARTS >= most:
                return list(range(0, ceil(max(most, 1) / step) * step + 1, step))
        size *= 10


def rate_of(group: Any) -> float | None:
    """Return the rate of a group of an answer in percent."""
    rate = group["rate"]
    return 100 * rate["numerator"] / rate["denominator"] if rate["denominator"] else None
