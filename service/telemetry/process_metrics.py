"""Metrics that this process counts: requests, batches, records. They can be summed over replicas.

Labels have few values: a route is a pattern and never a path, and sources are those that an operator added. Numbers
that the database holds are in database_metrics.py.
"""

from collections.abc import Iterable
from functools import cache
from time import monotonic
from typing import Any

import prometheus_client as prometheus
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from service.domain.dossier.events import IngestCounts
from service.domain.json_beside import json_beside
from service.store.engines.unavailable import REASON

# Else tthc_records_created would be a timestamp, and read like a count of created records.
disable_created_metrics()  # type: ignore[no-untyped-call]
PROCESS = CollectorRegistry()
for _collector in (prometheus.ProcessCollector, prometheus.PlatformCollector, prometheus.GCCollector):
    _collector(registry=PROCESS)

_KINDS = {"counter": Counter, "gauge": Gauge, "histogram": Histogram}
_TABLE = json_beside(__file__)
"""For each metric: its kind, its help text, its labels; for a histogram also the upper bounds of its buckets."""


def _metric(name: str) -> Any:
    kind, documentation, labels, *bounds = _TABLE[name]
    buckets = {"buckets": bounds[0]} if bounds else {}
    return _KINDS[kind](name, documentation, labels, registry=PROCESS, **buckets)


REQUESTS: Counter = _metric("tthc_http_requests")
DURATION: Histogram = _metric("tthc_http_request_duration_seconds")
UNAVAILABLE: Counter = _metric("tthc_unavailable")
STALE: Counter = _metric("tthc_stale_answers")
RECORDS: Counter = _metric("tthc_records")
WARNINGS_TOLD: Counter = _metric("tthc_warnings")
KEY_USES: Counter = _metric("tthc_key_uses")
LAG: Histogram = _metric("tthc_news_lag_seconds")
BATCH_RECORDS: Histogram = _metric("tthc_ingest_batch_records")
BATCH_SECONDS: Histogram = _metric("tthc_ingest_batch_duration_seconds")
FRONT_REQUESTS: Gauge = _metric("tthc_front_requests")
FRONT_BODIES: Gauge = _metric("tthc_front_bodies_bytes")
for _reason in REASON:
    UNAVAILABLE.labels(_reason)  # it begins with 0, so that an alert sees the first one
for _pool in ("health", "reads", "questions", "pushes", "singles"):
    FRONT_REQUESTS.labels(_pool).set(0)

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def request_done(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    requests, duration = _of_request(method if method in _METHODS else "other", route, status)
    requests.inc()
    duration.observe(seconds)


@cache
def _of_request(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, status), DURATION.labels(route)


def expect_routes(routes: Iterable[tuple[str, str]]) -> None:
    """Let the counters of server errors begin with 0, so that an alert sees the first one."""
    for method, route in routes:
        for status in (500, 503):
            REQUESTS.labels(method, route, status)


def expect_source(source: str) -> None:
    """Let the counters of a source's records begin with 0, so that a rate includes its first records."""
    for result in ("created", "updated", "unchanged", "stale", "rejected"):
        RECORDS.labels(source, result)


def ingest_done(counts: IngestCounts) -> None:
    """Count what one committed request filed."""
    for result, number in counts.results.items():
        RECORDS.labels(counts.source, result).inc(number)
    for kind, number in counts.warnings.items():
        WARNINGS_TOLD.labels(counts.source, kind).inc(number)
    lag = LAG.labels(counts.source)
    for seconds in counts.lags:
        lag.observe(seconds)
    BATCH_RECORDS.observe(counts.results.total())
    BATCH_SECONDS.observe(monotonic() - counts.started)
    structlog.contextvars.bind_contextvars(source=counts.source, result=dict(counts.results))
