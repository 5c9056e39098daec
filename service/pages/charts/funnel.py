"""A funnel: each group's rate by its number of dossiers, between the limits of what chance alone gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.domain.statistics.intervals import Interval, funnel_limits
from service.pages.charts.scale import Scale, count_ticks, percent_ticks
from service.pages.charts.trend import Label

WIDTH, HEIGHT = 720, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 702, 16, 282
_STEPS = 24
_NAMED = 6
"""Groups whose names have room in the chart; the table has them all."""


@dataclass(frozen=True)
class Dot:
    """One group; `name` is empty where it has no room."""

    x: float
    y: float
    text: str
    position: str
    name: str = ""


@dataclass(frozen=True)
class Funnel:
    """The dots, the whole's rate, and the two pairs of limits as paths."""

    dots: list[Dot]
    whole: float
    usual: str
    rare: str
    rates: list[Label]
    sizes: list[Label]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = _RIGHT
    base: int = _BOTTOM


def funnel(groups: Sequence[Any], whole: tuple[int, int]) -> Funnel | None:
    """Lay out the groups of an answer around the whole's rate; None for fewer than three, or rates above 100."""
    shown = [group for group in groups if group["rate"]["denominator"] and group.get("funnel")]
    if len(shown) < 3:
        return None
    rates = [100 * group["rate"]["numerator"] / group["rate"]["denominator"] for group in shown]
    ticks, sizes = percent_ticks(rates), count_ticks(max(group["rate"]["denominator"] for group in shown))
    up, across = Scale(ticks[0], ticks[-1], _BOTTOM, _TOP), Scale(0, sizes[-1], _LEFT, _RIGHT)
    outside = sorted((group for group in shown if _is_low(group)), key=lambda group: -group["rate"]["denominator"])
    named = {id(group) for group in outside[:_NAMED]}
    limits = [
        (across.at(size), limits)
        for size in (sizes[-1] * step / _STEPS for step in range(1, _STEPS + 1))
        if (limits := funnel_limits(*whole, max(round(size), 1)))
    ]
    return Funnel(
        [_dot(group, rate, up, across, id(group) in named) for group, rate in zip(shown, rates, strict=True)],
        up.at(100 * whole[0] / whole[1]),
        _band([(x, one.usual) for x, one in limits], up),
        _band([(x, one.rare) for x, one in limits], up),
        [Label(up.at(tick), f"{tick:g}") for tick in ticks],
        [Label(across.at(size), str(size), number % 2 > 0) for number, size in enumerate(sizes)],
    )


def _is_low(group: Any) -> bool:
    return str(group["funnel"]["position"]).endswith("low")


def _dot(group: Any, rate: float, up: Scale, across: Scale, is_named: bool) -> Dot:
    name = group["key"]["name"] or group["key"]["code"] or "–"
    return Dot(
        across.at(group["rate"]["denominator"]),
        up.at(rate),
        f"{name}: {group['percent']}",
        group["funnel"]["position"],
        name if is_named else "",
    )


def _band(limits: Sequence[tuple[float, Interval]], up: Scale) -> str:
    """Return the area between two limits as a path: along the upper one, and back along the lower one."""
    upper = [f"{x} {up.at(float(100 * one.high))}" for x, one in limits]
    lower = [f"{x} {up.at(float(100 * one.low))}" for x, one in reversed(limits)]
    return f"M{'L'.join([*upper, *lower])}Z"
