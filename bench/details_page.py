"""First view of a details page and of the first page: size on the wire, time beside the stats requests behind it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from flask import Flask

MAX_BYTES = 100_000
MAX_RATIO = 2.0
ASSETS = ("pages.css", "folds.js", "icon.svg", "noto-sans-latin.woff2", "noto-sans-vietnamese.woff2")
HOME_QUESTIONS = ("group_by=unit&depth=2", "group_by=unit,month&depth=2", "group_by=month&compare=year_ago")
QUESTIONS = ("group_by=unit", "group_by=field", "group_by=channel", "group_by=month&compare=year_ago")


@dataclass(frozen=True)
class FirstView:
    """What one view of the page costs: bytes compressed, and seconds of the server."""

    page_bytes: int
    asset_bytes: int
    page_seconds: float
    stats_seconds: float

    @property
    def ratio(self) -> float:
        """Return how many times the stats requests behind it the page costs."""
        return self.page_seconds / self.stats_seconds


def first_view(app: Flask, path: str, questions: Sequence[str], times: int = 5) -> FirstView:
    """Measure a page and its questions on an application whose cache is off (TTHC_CACHE_SECONDS=0); page and stats take turns."""
    client = app.test_client()

    def size(path: str) -> int:
        response = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert response.status_code == 200, path
        return len(response.data)

    def page() -> None:
        size(path)

    def stats() -> None:
        for question in questions:
            size(f"/api/v1/stats?{question}")

    page()
    stats()
    pairs = [(_seconds(page), _seconds(stats)) for _ in range(times)]
    return FirstView(
        size(path),
        sum(size(f"/static/{name}") for name in ASSETS),
        median(pair[0] for pair in pairs),
        median(pair[1] for pair in pairs),
    )


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
