"""How sure a rate is: Wilson intervals, the limits of a funnel plot, and ranges of ranks.

Ratios are decimals of 28 digits here, because square roots have no exact value; two decimals are printed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

SMALL = 30
"""A rate of fewer dossiers is marked as small."""

_USUAL, _RARE = Decimal("1.96"), Decimal("3.09")
"""Chance alone keeps 95 %, and 99.8 %, of rates within so many standard errors."""


class Interval(NamedTuple):
    """The lower and the upper end of an interval, as ratios."""

    low: Decimal
    high: Decimal


class FunnelLimits(NamedTuple):
    """The 95 % limits (usual) and the 99.8 % limits (rare) of a funnel plot, for one number of dossiers."""

    usual: Interval
    rare: Interval


def wilson(numerator: int, denominator: int) -> Interval | None:
    """Return the 95 % Wilson interval of a rate; None without a denominator, or when the numerator exceeds it."""
    if denominator == 0 or not 0 <= numerator <= denominator:
        return None
    rate, square = Decimal(numerator) / denominator, _USUAL**2
    spread = (square * (rate * (1 - rate) / denominator + square / (4 * denominator**2))).sqrt()
    centre, whole = rate + square / (2 * denominator), 1 + square / denominator
    low = (centre - spread) / whole if numerator else Decimal(0)
    return Interval(low, (centre + spread) / whole if numerator < denominator else Decimal(1))


def funnel_limits(numerator: int, denominator: int, dossiers: int) -> FunnelLimits | None:
    """Return the control limits for the rate of so many dossiers around the whole's rate; None without one of them."""
    if denominator == 0 or dossiers == 0 or not 0 <= numerator <= denominator:
        return None
    rate = Decimal(numerator) / denominator
    error = (rate * (1 - rate) / dossiers).sqrt()
    spreads = (times * error for times in (_USUAL, _RARE))
    usual, rare = (Interval(max(rate - spread, Decimal(0)), min(rate + spread, Decimal(1))) for spread in spreads)
    return FunnelLimits(usual, rare)


def position(numerator: int, denominator: int, limits: FunnelLimits) -> str:
    """Say where a rate lies: expected, low, high, very_low or very_high."""
    rate = Decimal(numerator) / denominator
    if limits.usual.low <= rate <= limits.usual.high:
        return "expected"
    very = "" if limits.rare.low <= rate <= limits.rare.high else "very_"
    return f"{very}{'low' if rate < limits.usual.low else 'high'}"


def rank_ranges(intervals: Sequence[Interval | None]) -> list[tuple[int, int] | None]:
    """Return the best and the worst rank of each rate, 1 being the highest; None for a rate without an interval.

    Two rates whose intervals overlap may stand in either order.
    """
    known = [interval for interval in intervals if interval is not None]
    lows, highs = sorted(interval.low for interval in known), sorted(interval.high for interval in known)
    return [
        own and (1 + len(known) - bisect_right(lows, own.high), len(known) - bisect_left(highs, own.low))
        for own in intervals
    ]
