"""Prometheus metrics of the database's content, read at the scrape; they are the same numbers as the widget's.

Every replica has the same: take the maximum over instances, never the sum. Each part is read by itself; when one
fails, its tthc_collector_up is 0, and the scrape goes on.
"""

import logging
import platform
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from threading import Condition
from typing import Any

from cachetools import TTLCache, cached
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError

from service import __version__
from service.components import Components
from service.domain.calendar.local_time import local_day
from service.domain.json_beside import json_beside
from service.domain.statistics.formulas import DEFAULT
from service.domain.statistics.rounding import ratio
from service.reporting import source_status
from service.reporting.unit_gauges import Gauges, UnitGauges, gauges
from service.store import catalogue, job_runs, migrations
from service.store.engines.storage import storage_faults
from service.store.engines.unavailable import first_line, reason_of
from service.store.statistics.views import views_of_all_time
from service.telemetry.process_metrics import PROCESS, expect_source

_log = logging.getLogger("tthc.metrics")
UNITS = "units"
"""The part with the gauges of the units, which can be scraped alone."""
_TABLES = json_beside(__file__)
"""The gauges by their label: help text, and the attribute that holds the value. `split`: gauges with a second label."""


class Collector:
    """All metrics: those that the process counted, and those read from the database, which are kept some seconds."""

    def __init__(self, components: Components) -> None:
        self._components = components
        kept: TTLCache[Any, list[Metric]] = TTLCache(8, components.settings.metrics_cache_seconds)
        self._from_database = cached(kept, condition=Condition())(lambda parts: self._read(datetime.now(UTC), parts))
        self._parts: dict[str, Callable[[datetime], Iterable[Metric]]] = {
            UNITS: self._units,
            "sources": self._sources,
            "jobs": self._jobs,
            "calendar": self._calendar,
            "storage": self._storage,
            "pool": self._pool,
        }

    def collect(self, units: bool = True, rest: bool = True) -> Iterator[Metric]:
        """Yield the gauges of the units, which are many and change slowly, or the other metrics, or both."""
        parts = tuple(name for name in self._parts if (units if name == UNITS else rest))
        from_database = self._from_database(parts)  # first: it calls expect_source for the counters
        if rest:
            yield from PROCESS.collect()
        yield from from_database

    def _read(self, now: datetime, parts: Collection[str]) -> list[Metric]:
        """Return the metrics of some parts; a part that fails is left out, with tthc_collector_up 0."""
        up = GaugeMetricFamily("tthc_collector_up", "1 if this part of the scrape could be read.", labels=["part"])
        build = _family("tthc_build_info", "What runs here; always 1.", "version", "schema", "python")
        build.add_metric([__version__, migrations.head() or "", platform.python_version()], 1)
        families: list[Metric] = [build]
        away = False  # so that a scrape waits for a frozen database once, and not for each part
        for name in parts:
            try:
                if away and name != "pool":
                    raise TimeoutError("the database did not answer the part before")
                metrics = list(self._parts[name](now))
            except (SQLAlchemyError, TimeoutError) as error:
                away = away or reason_of(error) is not None
                _log.error("the part %s of the metrics could not be read: %s", name, first_line(error))
                up.add_metric([name], 0)
            except Exception:  # a bug in one part must not cost the others
                _log.exception("the part %s of the metrics failed", name)
                up.add_metric([name], 0)
            else:
                families += metrics
                up.add_metric([name], 1)
        return [*families, up]

    def _units(self, now: datetime) -> Iterable[Metric]:
        settings = self._components.settings
        with self._components.database.reading() as session:
            shown = gauges(session, now, self._components.hours, settings)
            seen = views_of_all_time(session)
        return [*unit_metrics(shown, settings.target_percent), _views(shown.units, seen)]

    def _sources(self, now: datetime) -> Iterable[Metric]:
        with self._components.database.reading() as session:
            work = catalogue.work_calendar(session, self._components.hours)
            statuses = {status.source: status for status in source_status.source_statuses(session, work, now)}
        for source in statuses:
            expect_source(source)
        return _gauges("source", statuses)

    def _jobs(self, now: datetime) -> Iterable[Metric]:
        with self._components.database.reading() as session:
            states = job_runs.states(session, job_runs.clock(session))
        yield from _gauges("job", {job.job: job for job in states})
        drift = GaugeMetricFamily("tthc_tally_drift_rows", "Tally rows that the last recount states to be off.")
        failures = CounterMetricFamily("tthc_job_failures", "Runs that failed.", labels=["job"])
        missed = CounterMetricFamily("tthc_job_missed", "Slots that nobody ran.", labels=["job"])
        for job in states:
            failures.add_metric([job.job], job.failures)
            missed.add_metric([job.job], job.missed)
            if "rows_off" in job.result:
                drift.add_metric([], job.result["rows_off"])
        yield from (drift, failures, missed)

    def _calendar(self, now: datetime) -> Iterable[Metric]:
        with self._components.database.reading() as session:
            years = catalogue.coverage(session, self._components.hours, local_day(now).year)
        family = _family("tthc_calendar_confirmed", "1 if the year's holidays and swaps are known.", "year")
        for name, year in zip(("this", "next"), years, strict=True):
            family.add_metric([name], int(year.confirmed))
        return [family]

    def _storage(self, _now: datetime) -> Iterable[Metric]:
        faults = storage_faults(self._components.database)
        yield GaugeMetricFamily("tthc_storage_ok", "1 if the disk takes a push.", value=int(not faults))

    def _pool(self, _now: datetime) -> Iterable[Metric]:
        pool: Any = self._components.database.engine.pool
        family = _family("tthc_db_pool_connections", "Connections to the database.", "state")
        family.add_metric(["in_use"], pool.checkedout())
        family.add_metric(["idle"], pool.checkedin())
        yield family
        yield GaugeMetricFamily("tthc_db_pool_size", "Connections that are kept.", value=pool.size())


def _family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=labels)


def unit_metrics(shown: Gauges, target_percent: int) -> Iterator[Metric]:
    """Yield the gauges of the units: year to date, subtree included, the default formula."""
    units = shown.units
    yield from _split_by_kind(units)
    yield from _gauges("unit", units)
    info = _family("tthc_unit_info", "A unit's name, level and parent; always 1.", "unit", "name", "level", "parent")
    for code, about in shown.about.items():
        info.add_metric([code, about.name or code, about.level or "", about.parent_code or ""], 1)
    yield info
    yield from _formula_metrics(units)
    yield GaugeMetricFamily("tthc_month_target_ratio", "The target to keep.", value=target_percent / 100)
    yield GaugeMetricFamily("tthc_metrics_units_cut", "Units without metrics of their own.", value=shown.cut)


def _views(units: Iterable[str], seen: dict[tuple[str, str], int]) -> Metric:
    family = CounterMetricFamily("tthc_views", "Answers given about a unit.", labels=["unit", "kind"])
    for unit in units:
        for kind in ("widget", "page"):
            family.add_metric([unit, kind], seen.get((unit, kind), 0))
    return family


def _split_by_kind(units: Mapping[str, UnitGauges]) -> Iterator[Metric]:
    """Yield the gauges with a second label: channel, outcome, end or state."""
    for name, (text, label, counts) in _TABLES["split"].items():
        family = _family(name, text, "unit", label)
        for value, path in counts.items():
            count_of = attrgetter(path)
            for code, unit in units.items():
                family.add_metric([code, value], count_of(unit))
        yield family


def _gauges(label: str, objects: Mapping[str, Any]) -> Iterator[Metric]:
    """Yield the gauges with this label alone; times are in seconds, and None has no sample."""
    for name, (text, path) in _TABLES[label].items():
        family, value_of = _family(name, text, label), attrgetter(path)
        for key, measured in objects.items():
            if (value := value_of(measured)) is not None:
                family.add_metric([key], _number(value))
        yield family


def _number(value: Any) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.timestamp() if isinstance(value, datetime) else float(value)


def _formula_metrics(units: dict[str, UnitGauges]) -> Iterator[Metric]:
    """Yield numerator and denominator of the default formula, and its headline ratio, without a sample for x/0."""
    above = _family("tthc_formula_numerator", "Numerator of the default formula.", "unit", "formula", "rate")
    below = _family("tthc_formula_denominator", "Denominator of the default formula.", "unit", "formula", "rate")
    on_time = _family("tthc_on_time_ratio", "On-time ratio, year to date, default formula.", "unit")
    for code, unit in units.items():
        for rate, sides in DEFAULT.ratios.items():
            numerator, denominator = sides.parts(unit.year)
            above.add_metric([code, DEFAULT.id, rate], numerator)
            below.add_metric([code, DEFAULT.id, rate], denominator)
            value = ratio(numerator, denominator)
            if rate == DEFAULT.headline and value is not None:
                on_time.add_metric([code], value)
    yield from (above, below, on_time)
