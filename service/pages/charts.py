"""The geometry of charts: where each bar stands. The numbers beside them come from the report as they are.

Coordinates are drawing, not statistics: nothing here is printed as a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 720, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 8, 26, 34
_PARTS = ("early", "on_time", "late", "no_deadline")
"""The parts of a column from the bottom up: all that was resolved."""


@dataclass(frozen=True)
class Box:
    """One part of a column: its kind (which decides colour and pattern) and place."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """One bucket of the trend, with the texts under and above it (the latter empty where there is no room)."""

    middle: float
    top: float
    label: str
    value: str
    boxes: list[Box]


@dataclass(frozen=True)
class Trend:
    """A column chart of what was resolved in each bucket, split by outcome."""

    width: int
    height: int
    base: float
    columns: list[Column]
    kinds: list[str]


def trend(groups: Sequence[Any], labels: Sequence[str], values: Sequence[str]) -> Trend:
    """Lay out the columns of a trend; groups are those of the stats answer, in order of time."""
    room = WIDTH - _LEFT - _RIGHT
    step = room / max(len(groups), 1)
    bar = min(step * 0.62, 54)
    most = max([group["counts"]["resolved"] for group in groups] or [0]) or 1
    scale = (HEIGHT - _TOP - _BOTTOM) / most
    every = 1 + (len(groups) - 1) // 12  # about twelve texts have room beside each other
    columns = []
    for number, (group, label, value) in enumerate(zip(groups, labels, values, strict=True)):
        middle = _LEFT + step * (number + 0.5)
        boxes, y = [], float(HEIGHT - _BOTTOM)
        for kind in _PARTS:
            if count := group["counts"][kind]:
                # Nothing that happened is too small to be seen: 26 of 41075 are still late.
                height = max(count * scale, 2.0)
                y -= height
                boxes.append(Box(kind, _round(middle - bar / 2), _round(y), _round(bar), _round(height)))
        told = (len(groups) - 1 - number) % every == 0
        columns.append(Column(_round(middle), _round(y - 7), label if told else "", value if every == 1 else "", boxes))
    kinds = [kind for kind in _PARTS if any(group["counts"][kind] for group in groups)]
    return Trend(WIDTH, HEIGHT, HEIGHT - _BOTTOM, columns, kinds)


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
