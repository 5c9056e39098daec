"""Bars: one in parts."""

from collections.abc import Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """One bar, or a part of one: its kind (which decides colour and pattern) and place."""

    kind: str
    x: float
    y: float
    width: float
    height: float


def stacked(counts: Sequence[tuple[str, int]], most: int, width: int = 200) -> list[Box]:
    """Lay out one horizontal bar in parts, on a scale on which `most` fills the width."""
    boxes, x = [], 0.0
    for kind, count in counts:
        if count:
            length = max(count * width / max(most, 1), 2.0)
            boxes.append(Box(kind, _round(x), 0, _round(length), 14))
            x += length
    return boxes


def _round(value: float) -> float:
    return round(value, 1)
