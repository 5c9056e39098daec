"""Time things in turns, so that a machine that drifts drifts for all of them; and print what is needed of the ratios."""

import os
import platform
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

MISSED: list[str] = []
"""The lines that did not hold what was asked of them."""


def in_turns(
    rounds: int, clock: Callable[[], float] = time.perf_counter, /, **things: Callable[[], object]
) -> dict[str, float]:
    """Run each thing once a round, in turn, after one round that is not counted; return median seconds of a clock."""
    times: dict[str, list[float]] = {name: [] for name in things}
    for number in range(rounds + 1):
        for name, thing in things.items():
            spent = seconds(thing, clock)
            if number:
                times[name].append(spent)
    return {name: statistics.median(spent) for name, spent in times.items()}


def seconds(thing: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Run a thing once and return how long it took by a clock."""
    start = clock()
    thing()
    return clock() - start


def percentile(values: Iterable[float], share: float = 0.99) -> float:
    """Return a percentile."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def requests_per_second(url: str, *more: str, seconds: int = 4) -> float:
    """Return how many requests a second wrk completes over 16 connections. more: its further arguments."""
    if not shutil.which("wrk"):
        raise SystemExit("make bench cần wrk: apt-get install wrk (wrk is needed)")
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", url, *more]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(output)
    return float(next(line.split(":")[1] for line in output.splitlines() if line.startswith("Requests/sec")))


def show(title: str, rows: list[tuple[str, ...]]) -> None:
    """Print a table in Markdown."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + " --- |" * len(rows[0]))
    for row in rows[1:]:
        print("| " + " | ".join(row) + " |", flush=True)


def heading(title: str) -> None:
    """Begin a table of lines."""
    show(title, [("", "tỷ lệ / ratio", "cần / needed", "", "số đo / figures")])


def line(what: str, ratio: float, figures: str = "", *, least: float | None = None, most: float | None = None) -> None:
    """Print a ratio with what is needed of it, and the figures behind it; remember it when it is missed."""
    holds = (least is None or ratio >= least) and (most is None or ratio <= most)
    needed = f"≥ {least:g}" if least is not None else f"≤ {most:g}" if most is not None else ""
    if not holds:
        MISSED.append(f"{what}: {ratio:.3g}, {needed}")
    verdict = "" if not needed else "đạt / holds" if holds else "KHÔNG ĐẠT / MISSED"
    print(f"| {what} | **{ratio:.3g}** | {needed} | {verdict} | {figures} |", flush=True)


def conclude(what: str, seconds: float) -> None:
    """Print when, where and how long it was measured, and what was missed."""
    where = f"{platform.platform()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.0f}"
    print(f"\n{datetime.now(UTC).date()}, {what}, {where}, {seconds / 60:.0f} min")
    print(f"\nKhông đạt / missed: {len(MISSED)}\n")
    for missed in MISSED:
        print(f"- {missed}")
