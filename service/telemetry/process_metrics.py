"""What this process counts about itself: requests, batches and news. Sums over replicas are meaningful.

Labels are bounded: a request's route is its pattern, never its path; sources are those an operator
added. What the database knows is not counted here but read at the scrape (service.metrics).
"""

from collections import Counter as Tally
from datetime import datetime
from functools import cache
from typing import Any

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from sqlalchemy import event
from sqlalchemy.orm import Session

from service.store.engines.unavailable import REASONS

disable_created_metrics()  # type: ignore[no-untyped-call]

# tthc_records_created would read like a count of created records
PROCESS = CollectorRegistry()

ProcessCollector(registry=PROCESS)

PlatformCollector(registry=PROCESS)

GCCollector(registry=PROCESS)

HOUR, DAY = 3600, 86400
REQUESTS = Counter("tthc_http_requests", "Requests answered.", ["method", "route", "status"], registry=PROCESS)

DURATION = Histogram(
    "tthc_http_request_duration_seconds",
    "Time to answer a request.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
    registry=PROCESS,
)

UNAVAILABLE = Counter(
    "tthc_unavailable", "Requests refused because database or disk could not be used.", ["reason"], registry=PROCESS
)
for _reason in REASONS:
    UNAVAILABLE.labels(_reason.name)  # born at zero, so that the first one counts
RECORDS = Counter("tthc_records", "News filed, by what became of them.", ["source", "result"], registry=PROCESS)
WARNINGS = Counter("tthc_warnings", "Warnings told to senders, by kind.", ["source", "kind"], registry=PROCESS)

LAG = Histogram(
    "tthc_news_lag_seconds",
    "Time from when something changed to when it became known here.",
    ["source"],
    buckets=(60, 600, HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY),
    registry=PROCESS,
)

BATCH_RECORDS = Histogram(
    "tthc_ingest_batch_records",
    "News in one request.",
    buckets=(1, 10, 100, 1000, 5000, 10_000, 50_000, 100_000),
    registry=PROCESS,
)

BATCH_SECONDS = Histogram(
    "tthc_ingest_batch_duration_seconds",
    "Time from taking the source's lock to the commit of a request's news.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
    registry=PROCESS,
)

FRONT_REQUESTS = Gauge("tthc_front_requests", "Requests that have or wait for a thread.", ["pool"], registry=PROCESS)
for _pool in ("health", "reads", "questions", "pushes"):
    FRONT_REQUESTS.labels(_pool).set(0)
FRONT_BODIES = Gauge("tthc_front_bodies_bytes", "Bytes of request bodies that are held now.", registry=PROCESS)

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def request_done(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    requests, duration = _of_request(method if method in _METHODS else "other", route, status)
    requests.inc()
    duration.observe(seconds)


@cache
def _of_request(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Return the series of a kind of request; there are as many as routes, methods and statuses."""
    return REQUESTS.labels(method, route, status), DURATION.labels(route)


class IngestMetrics:
    """What one request files; counted only if its transaction is committed."""

    def __init__(self, source: str, clock: float) -> None:
        """Begin with nothing filed, at this reading of the monotonic clock."""
        self.source = source
        self.started = clock
        self.results: Tally[str] = Tally()
        self.warnings: Tally[str] = Tally()
        self.lags: list[float] = []

    def add(self, result: str, warnings: tuple[str, ...]) -> None:
        """Note what became of one piece of news."""
        self.results[result] += 1
        self.warnings.update(warnings)

    def heard(self, changed_at: datetime, known_at: datetime) -> None:
        """Note how late a change became known; a clock that runs ahead counts as no delay."""
        self.lags.append(max(0.0, (known_at - changed_at).total_seconds()))

    def count_on_commit(self, session: Session, clock: Any) -> None:
        """Count everything once the session's transaction is committed."""

        @event.listens_for(session, "after_commit", once=True)
        def _count(_session: Session) -> None:
            self._count(clock() - self.started)

    def _count(self, seconds: float) -> None:
        for result, number in self.results.items():
            RECORDS.labels(self.source, result).inc(number)
        for kind, number in self.warnings.items():
            WARNINGS.labels(self.source, kind).inc(number)
        lag = LAG.labels(self.source)
        for moment in self.lags:
            lag.observe(moment)
        BATCH_RECORDS.observe(self.results.total())
        BATCH_SECONDS.observe(seconds)
        structlog.contextvars.bind_contextvars(source=self.source, result=dict(self.results))
