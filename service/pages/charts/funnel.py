"""A funnel: each group's rate by its number of dossiers, and the limits within which chance alone keeps a rate."""

from collections.abc import Sequence
from typing import Any

from service.domain.statistics.intervals import Interval, funnel_limits
from service.reporting.portal.axes import Label, Scale, count_ticks, percent_of, percent_ticks, scale

_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 702, 16, 282
_STEPS = 24
_NAMED, _NAME, _LINE = 6, 200, 15
"""How many groups have their names in the chart, and the width and height of a name; the table names all groups."""


def funnel(groups: Sequence[Any], whole: tuple[int, int]) -> dict[str, Any] | None:
    """Lay out the groups of an answer around the whole's rate; None when fewer than three have a place in it."""
    placed = (group for group in groups if group.get("funnel"))
    shown = [(rate, group) for group in placed if (rate := percent_of(group["rate"])) is not None]
    if len(shown) < 3:
        return None
    ticks = percent_ticks(rate for rate, _ in shown)
    sizes = count_ticks(max(group["rate"]["denominator"] for _, group in shown))
    up, across = scale(ticks[0], ticks[-1], _BOTTOM, _TOP), scale(0, sizes[-1], _LEFT, _RIGHT)
    steps = [max(round(sizes[-1] * (step / _STEPS) ** 2), 1) for step in range(1, _STEPS + 1)]
    limits = [(across(size), limit) for size in steps if (limit := funnel_limits(*whole, size))]
    return {
        "width": 720, "height": 308, "left": _LEFT, "right": _RIGHT, "base": _BOTTOM,
        "dots": _dots(shown, up, across),
        "whole": up(100 * whole[0] / whole[1]),
        "usual": _band([(x, one.usual) for x, one in limits], up),
        "rare": _band([(x, one.rare) for x, one in limits], up),
        "rates": [Label(up(tick), f"{tick:g}") for tick in ticks],
        "sizes": [Label(across(size), str(size), number % 2 > 0) for number, size in enumerate(sizes)],
    }  # fmt: skip


def _dots(shown: Sequence[tuple[float, Any]], up: Scale, across: Scale) -> list[dict[str, Any]]:
    """Return a dot for each group, the largest group first; dots below the limits have names, where there is room."""
    dots, named_at = [], list[float]()
    for rate, group in sorted(shown, key=lambda one: -one[1]["rate"]["denominator"]):
        name, position = group["key"]["name"] or group["key"]["code"] or "–", group["funnel"]["position"]
        x, y = across(group["rate"]["denominator"]), up(rate)
        is_free = len(named_at) < _NAMED and all(abs(y - other) >= _LINE for other in named_at)
        is_named = position.endswith("low") and is_free
        named_at += [y] if is_named else []
        text = f"{name}: {group['percent']}"
        place = {"x": x, "y": y, "leftward": x > _RIGHT - _NAME}
        dots.append({**place, "text": text, "position": position, "name": name if is_named else ""})
    return dots


def _band(limits: Sequence[tuple[float, Interval]], up: Scale) -> str:
    """Return the area between two limits as a path: along the upper one, and back along the lower one."""
    upper = [f"{x} {up(float(100 * one.high))}" for x, one in limits]
    lower = [f"{x} {up(float(100 * one.low))}" for x, one in reversed(limits)]
    return f"M{'L'.join([*upper, *lower])}Z"
