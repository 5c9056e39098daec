"""Drawings within the rows of a table, all on one axis: a rate with its interval, and its line over months."""

from collections.abc import Sequence
from typing import Any

from service.domain.statistics.intervals import SMALL
from service.domain.statistics.rounding import percent
from service.pages.charts.scale import Scale, percent_ticks, rate_of, scale

WIDTH, _HEIGHT = 96, 20


def lowest(groups: Sequence[Any]) -> float:
    """Return where the axis of some groups begins: rates of few dossiers, which may lie anywhere, do not decide it."""
    rates = [(rate, group["rate"]["denominator"]) for group in groups if (rate := rate_of(group)) is not None]
    return percent_ticks(rate for rate, size in rates if size >= SMALL)[0]


def dot(group: Any, low: float) -> tuple[float, str] | None:
    """Return where a group's rate stands, and its interval as a path; what lies below the axis stands at its edge."""
    interval, rate = group["rate"].get("interval"), rate_of(group)
    if rate is None or not interval:
        return None
    across = _across(low)
    return across(rate), f"M{across(float(interval['low']))} 8H{across(float(interval['high']))}"


def upright(above: int, below: int, low: float) -> str:
    """Return a line through all heights of a row where a rate stands; nothing without one."""
    return f"M{_across(low)(100 * above / below)} 0V16" if below else ""


def line(months: Sequence[tuple[int, int]], low: float) -> tuple[str, str] | None:
    """Return the rates of some months as a path, broken where there is none, and the lowest and highest in words."""
    rates = [(100 * above / below, above, below) if below else None for above, below in months]
    known = sorted(rate for rate in rates if rate)
    if len(known) < 2:
        return None
    up, step = scale(low, 100, _HEIGHT - 2, 2), (WIDTH - 4) / (len(rates) - 1)
    path, pen = "", "M"
    for number, rate in enumerate(rates):
        path += f"{pen}{round(2 + step * number)} {up(rate[0])}" if rate else ""
        pen = "L" if rate else "M"
    return path, "–".join(percent(above, below) or "" for _, above, below in (known[0], known[-1]))


def _across(low: float) -> Scale:
    return scale(low, 100, 5, WIDTH - 5)
