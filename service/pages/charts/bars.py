"""Bars: a histogram, a stacked bar, and runs of days."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple


class Box(NamedTuple):
    """One bar, or a part of one: its kind (which decides colour and pattern) and place."""

    kind: str
    x: float
    y: float
    width: float
    height: float


def histogram(counts: Sequence[int], marked: int | None) -> dict[str, Any]:
    """Lay out a column for each number of working days from 0, with its count; the marked column looks different."""
    width, base = 720, 150.0
    step, scale = width / max(len(counts), 1), 142 / (max(counts, default=0) or 1)
    heights = [round(max(scale * count, 2.0), 1) if count else 0.0 for count in counts]
    places = (((day + 0.1) * step, base - height, step * 0.8, height) for day, height in enumerate(heights))
    columns = [Box("marked" if day == marked else "usual", *place) for day, place in enumerate(places)]
    every = next(size for size in (1, 2, 5, 10, 20) if len(counts) <= 13 * size)
    labels = [(round((day + 0.5) * step, 1), day) for day in range(0, len(counts), every)]
    return {"width": width, "base": base, "columns": columns, "labels": labels}


def stacked(counts: Sequence[tuple[str, int]], most: int) -> list[Box]:
    """Lay out one horizontal bar in parts; a bar of `most` is 200 wide."""
    boxes, x = [], 0.0
    for kind, count in counts:
        if count:
            length = max(count * 200 / max(most, 1), 2.0)
            boxes.append(Box(kind, round(x, 1), 0, round(length, 1), 14))
            x += length
    return boxes


def runs(days: Sequence[bool]) -> str:
    """Return an SVG path with a stroke for each run of true days; a day is one wide: [1, 1, 0, 1] is M0 4h2M3 4h1."""
    groups = (list(group) for _, group in groupby(enumerate(days), key=lambda day: day[1]))
    return "".join(f"M{group[0][0]} 4h{len(group)}" for group in groups if group[0][1])
