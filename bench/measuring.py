"""Time things in turns, so that a machine that drifts drifts for all of them."""

import shutil
import statistics
import subprocess
import time
from collections.abc import Callable


def in_turns(rounds: int, **things: Callable[[], object]) -> dict[str, float]:
    """Run each thing once a round, in turn, after one round that is not counted; return median seconds."""
    times: dict[str, list[float]] = {name: [] for name in things}
    for number in range(rounds + 1):
        for name, thing in things.items():
            start = time.perf_counter()
            thing()
            if number:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def requests_per_second(url: str, seconds: int = 4) -> float:
    """Return how many requests a second wrk completes over 16 connections."""
    if not shutil.which("wrk"):
        raise SystemExit("make bench cần wrk: apt-get install wrk (wrk is needed)")
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", url]
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
        print("| " + " | ".join(row) + " |")


def verdict(ratio: float, least: float) -> str:
    """Say whether a ratio holds what was asked of it."""
    return f"{ratio:.2f} (cần/needs ≥ {least:g}: {'đạt/holds' if ratio >= least else 'KHÔNG ĐẠT/MISSED'})"
