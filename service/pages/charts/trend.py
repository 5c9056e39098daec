"""The trend: lines of the rate, of the year before and of the target; columns under them count what was late."""

from collections.abc import Sequence
from typing import Any

from service.domain.statistics.rounding import percent
from service.pages.charts.bars import Box
from service.reporting.portal.axes import Label, Scale, count_ticks, percent_of, percent_ticks, scale

_LEFT, _RIGHT, _TOP, _MIDDLE, _COLUMNS, _BOTTOM = 72, 702, 24, 216, 262, 348
_WIDEST = 44


def trend(groups: Sequence[Any], before: Sequence[Any], times: Sequence[str], target: int | None) -> dict[str, Any]:
    """Lay out a trend. groups: the buckets of the answer, in order of time. before: those of a year before."""
    step = (_RIGHT - _LEFT) / max(len(groups), 1)
    places = [_LEFT + step * (number + 0.5) for number in range(len(groups))]
    rates = [rate for group in (*groups, *before) if (rate := percent_of(group["rate"])) is not None]
    ticks = percent_ticks(rates + ([target] if target else []), finest=1)
    counts = count_ticks(max((sum(_late(group)) for group in groups), default=0))
    up, down = scale(ticks[0], ticks[-1], _MIDDLE, _TOP), scale(0, counts[-1], _BOTTOM, _COLUMNS)
    columns = [box for place, group in zip(places, groups, strict=True) for box in _column(place, step, group, down)]
    points, path = _line(places, groups, up)
    return {
        "width": 720, "height": 380, "left": _LEFT, "right": _RIGHT, "base": _BOTTOM,
        "points": points,
        "now": path,
        "before": _line(places, before, up)[1],
        "target": up(target) if target else None,
        "rates": [Label(up(tick), f"{tick:g}") for tick in ticks],
        "counts": [Label(down(tick), str(tick)) for tick in (counts[0], counts[-1])],
        "times": _times(places, times),
        "columns": columns,
        "kinds": sorted({box.kind for box in columns}),
    }  # fmt: skip


def line_in_row(months: Sequence[tuple[int, int]], low: float) -> tuple[str, str] | None:
    """Return the rates of months as a path of 96 by 20 with gaps, and as "lowest–highest"; None for fewer than two."""
    rates = [(100 * above / below, above, below) if below else None for above, below in months]
    known = sorted(rate for rate in rates if rate)
    if len(known) < 2:
        return None
    up, step = scale(low, 100, 18, 2), 92 / (len(rates) - 1)
    path, pen = "", "M"
    for number, rate in enumerate(rates):
        path += f"{pen}{round(2 + step * number)} {up(rate[0])}" if rate else ""
        pen = "L" if rate else "M"
    return path, "–".join(percent(above, below) or "" for _, above, below in (known[0], known[-1]))


def _times(places: Sequence[float], texts: Sequence[str]) -> list[Label]:
    """Return the texts that have room, from the newest back."""
    every = 1 + (len(texts) - 1) // 12
    kept = list(zip(places, texts, strict=True))[::-1][::every]
    return [Label(round(place, 1), text, number * every % 4 > 0) for number, (place, text) in enumerate(kept)]


def _line(places: Sequence[float], groups: Sequence[Any], up: Scale) -> tuple[list[tuple[float, float, str]], str]:
    """Return the points of the rates with their texts, and the path through them, broken where there is no rate."""
    points, path, drawn = [], "", False
    for place, group in zip(places, groups, strict=False):
        if (rate := percent_of(group["rate"])) is not None:
            points.append((round(place, 1), up(rate), group["percent"]))
            path += f"{'L' if drawn else 'M'}{points[-1][0]} {points[-1][1]}"
        drawn = rate is not None
    return points, path


def _column(place: float, step: float, group: Any, down: Scale) -> list[Box]:
    """Return the column of a bucket: what ended late, and above it what is overdue; each is at least 2 pixels high."""
    width = round(min(step * 0.6, _WIDEST), 1)
    boxes, below = [], 0
    for kind, count in zip(("late", "open_overdue"), _late(group), strict=True):
        if count:
            height = max(down(below) - down(below + count), 2.0)
            top = round(down(below) - height, 1)
            boxes.append(Box(kind, round(place - width / 2, 1), top, width, round(height, 1)))
            below += count
    return boxes


def _late(group: Any) -> tuple[int, int]:
    """Return what ended late, and what is overdue where that is known."""
    return group["counts"]["late"] or 0, group["counts"]["open_overdue"] or 0
