"""What this process counts about itself: requests, batches and records. Sums over replicas are meaningful.

Labels are bounded: a request's route is its pattern, never its path; sources are those an operator
added. What the database knows is not counted here but read at the scrape (database_metrics).
"""

from collections.abc import Iterable
from functools import cache
from time import monotonic

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

from service.domain.dossier.events import IngestCounts
from service.store.engines.unavailable import REASONS

# tthc_records_created would read like a count of created records
disable_created_metrics()  # type: ignore[no-untyped-call]
PROCESS = CollectorRegistry()
for _collector in (ProcessCollector, PlatformCollector, GCCollector):
    _collector(registry=PROCESS)

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
STALE = Counter("tthc_stale_answers", "Last good answers given while the database was away.", registry=PROCESS)
RECORDS = Counter("tthc_records", "Records committed, by what became of them.", ["source", "result"], registry=PROCESS)
WARNINGS_TOLD = Counter("tthc_warnings", "Warnings told to senders, by kind.", ["source", "kind"], registry=PROCESS)

KEY_USES = Counter("tthc_key_uses", "Uses of a source's key, by right.", ["source", "scope"], registry=PROCESS)

LAG = Histogram(
    "tthc_news_lag_seconds",
    "Time from when something changed to when it became known here.",
    ["source"],
    buckets=(60, 600, HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY),
    registry=PROCESS,
)

BATCH_RECORDS = Histogram(
    "tthc_ingest_batch_records",
    "Records in one committed request.",
    buckets=(1, 10, 100, 1000, 5000, 10_000, 50_000, 100_000),
    registry=PROCESS,
)

BATCH_SECONDS = Histogram(
    "tthc_ingest_batch_duration_seconds",
    "Time from taking the source's lock to the commit of a request.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
    registry=PROCESS,
)

FRONT_REQUESTS = Gauge("tthc_front_requests", "Requests that have or wait for a thread.", ["pool"], registry=PROCESS)
for _pool in ("health", "reads", "questions", "pushes", "singles"):
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
    """Return the two series of a kind of request: of its route, method and status."""
    return REQUESTS.labels(method, route, status), DURATION.labels(route)


def expect_routes(routes: Iterable[tuple[str, str]]) -> None:
    """Let the failures of these methods and routes be born at zero, so that the first one raises an alert."""
    for method, route in routes:
        for status in (500, 503):
            REQUESTS.labels(method, route, status)


def expect_source(source: str) -> None:
    """Let the results of a source be born at zero, so that its first records count."""
    for result in ("created", "updated", "unchanged", "stale", "rejected"):
        RECORDS.labels(source, result)


def ingest_done(counts: IngestCounts) -> None:
    """Count what one committed request filed."""
    for result, number in counts.results.items():
        RECORDS.labels(counts.source, result).inc(number)
    for kind, number in counts.warnings.items():
        WARNINGS_TOLD.labels(counts.source, kind).inc(number)
    lag = LAG.labels(counts.source)
    for moment in counts.lags:
        lag.observe(moment)
    BATCH_RECORDS.observe(counts.results.total())
    BATCH_SECONDS.observe(monotonic() - counts.started)
    structlog.contextvars.bind_contextvars(source=counts.source, result=dict(counts.results))
