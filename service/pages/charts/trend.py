"""The trend: the rate as a line beside the year before and the target, what was late as columns under it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.pages.charts.bars import Box
from service.pages.charts.scale import Scale, count_ticks, percent_ticks

WIDTH, HEIGHT = 720, 380
_LEFT, _RIGHT, _TOP, _MIDDLE, _COLUMNS, _BOTTOM = 72, 702, 24, 216, 262, 348
_WIDEST = 44


@dataclass(frozen=True)
class Point:
    """The rate of one bucket."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Line:
    """Rates over time; `path` leaves out the buckets that have none."""

    points: list[Point]
    path: str


@dataclass(frozen=True)
class Label:
    """What stands at a place of an axis; `more`: left out where there is little room."""

    at: float
    text: str
    more: bool = False


@dataclass(frozen=True)
class Trend:
    """Both panels of the chart; `target` is where its line stands, None without one."""

    now: Line
    before: Line
    target: float | None
    rates: list[Label]
    counts: list[Label]
    times: list[Label]
    columns: list[Box]
    kinds: list[str]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = _RIGHT
    base: int = _BOTTOM


def trend(groups: Sequence[Any], before: Sequence[Any], times: Sequence[str], target: int | None) -> Trend:
    """Lay out a trend; groups are those of the answer in order of time, `before` those of a year before."""
    step = (_RIGHT - _LEFT) / max(len(groups), 1)
    places = [_LEFT + step * (number + 0.5) for number in range(len(groups))]
    shown = [rate for group in (*groups, *before) if (rate := _rate(group)) is not None]
    ticks = percent_ticks(shown + ([target] if target else []), finest=1)
    up = Scale(ticks[0], ticks[-1], _MIDDLE, _TOP)
    counts = count_ticks(max((_late(group) for group in groups), default=0))
    down = Scale(0, counts[-1], _BOTTOM, _COLUMNS)
    columns = [box for place, group in zip(places, groups, strict=True) for box in _column(place, step, group, down)]
    return Trend(
        now=_line(places, groups, up),
        before=_line(places, before, up),
        target=up.at(target) if target else None,
        rates=[Label(up.at(tick), f"{tick:g}") for tick in ticks],
        counts=[Label(down.at(tick), str(tick)) for tick in (counts[0], counts[-1])],
        times=_times(places, times),
        columns=columns,
        kinds=[kind for kind in ("late", "open_overdue") if any(box.kind == kind for box in columns)],
    )


def _times(places: Sequence[float], texts: Sequence[str]) -> list[Label]:
    """Return as many texts as have room, the newest always; one in three of them where there is little."""
    every = 1 + (len(texts) - 1) // 13
    kept = list(zip(places, texts, strict=True))[::-1][::every]
    return [Label(round(place, 1), text, number % 4 > 0) for number, (place, text) in enumerate(kept)]


def _line(places: Sequence[float], groups: Sequence[Any], scale: Scale) -> Line:
    points, path, drawn = [], "", False
    for place, group in zip(places, groups, strict=False):
        rate = _rate(group)
        if rate is not None:
            points.append(Point(round(place, 1), scale.at(rate), group["percent"]))
            path += f"{'L' if drawn else 'M'}{points[-1].x} {points[-1].y}"
        drawn = rate is not None
    return Line(points, path)


def _column(place: float, step: float, group: Any, scale: Scale) -> list[Box]:
    """Return a bucket's column: what ended late, and above it what is overdue, where that is known."""
    width = round(min(step * 0.6, _WIDEST), 1)
    boxes, below = [], 0
    for kind in ("late", "open_overdue"):
        if count := group["counts"][kind] or 0:
            # Nothing that happened is too small to be seen.
            height = max(scale.at(below) - scale.at(below + count), 2.0)
            top = round(scale.at(below) - height, 1)
            boxes.append(Box(kind, round(place - width / 2, 1), top, width, round(height, 1)))
            below += count
    return boxes


def _late(group: Any) -> int:
    return int(group["counts"]["late"] or 0) + int(group["counts"]["open_overdue"] or 0)


def _rate(group: Any) -> float | None:
    """Return a group's rate in percent."""
    numerator, denominator = group["rate"]["numerator"], group["rate"]["denominator"]
    return 100 * numerator / denominator if denominator else None
