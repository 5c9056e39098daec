"""Axes of charts: their ends, their labels, and where a value stands on them."""

from collections.abc import Callable, Iterable
from itertools import count
from math import ceil
from typing import Any, NamedTuple

from service.domain.statistics.intervals import SMALL

Scale = Callable[[float], float]
Json = dict[str, Any]
_STEPS = (0.2, 0.5, 1, 2, 5, 10, 20)
_PARTS = 5
"""How many steps an axis has."""


class Label(NamedTuple):
    """A label and its place on an axis. more: it is left out where there is little room."""

    at: float
    text: str
    more: bool = False


def scale(low: float, high: float, start: float, end: float) -> Scale:
    """Return a function that maps values from `low` to `high` to pixels from `start` to `end`; others to the edge."""
    size = (high - low) or 1
    return lambda value: round(start + (min(max(value, low), high) - low) / size * (end - start), 1)


def percent_ticks(rates: Iterable[float], finest: float = 0.2) -> list[float]:
    """Return the percentages to label on an axis for some rates: up to 100 (or above), and down as far as they need."""
    known = list(rates) or [0, 100]
    top = max(100, 50 * ceil(max(known) / 50))
    steps = (step for step in _STEPS if step >= finest and top - _PARTS * step <= min(known))
    step = next(steps, top / _PARTS)
    return [round(top - step * number, 1) for number in range(_PARTS, -1, -1)]


def count_ticks(most: int) -> list[int]:
    """Return at most six round counts to label on an axis from 0 that reaches `most`."""
    round_steps = (part * 10**power for power in count() for part in (1, 2, 5))
    step = next(step for step in round_steps if step * _PARTS >= most)
    return list(range(0, ceil(max(most, 1) / step) * step + 1, step))


def ends(rates: Iterable[Json]) -> tuple[float, float]:
    """Return the ends of an axis for some rates; rates of few dossiers do not widen it, as they may lie anywhere."""
    ticks = percent_ticks(
        value for rate in rates if (value := percent_of(rate)) is not None and rate["denominator"] >= SMALL
    )
    return ticks[0], ticks[-1]


def percent_of(rate: Json) -> float | None:
    """Return a rate of an answer in percent, None without a denominator."""
    return 100 * rate["numerator"] / rate["denominator"] if rate["denominator"] else None


def dot(rate: Json, axis: tuple[float, float]) -> dict[str, float] | None:
    """Return where a rate and the ends of its interval stand, in percent of the axis's length; None without a rate."""
    value = percent_of(rate)
    if value is None:
        return None
    across, interval = scale(*axis, 0, 100), rate.get("interval") or {}
    return {"at": across(value), **{name: across(float(end)) for name, end in interval.items()}}
