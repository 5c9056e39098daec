"""Run every measurement: `make bench` (some 10 minutes on 2 cores; BENCH_SCALE=whole for ten million dossiers)."""

from bench import ingest, reads
from bench.measuring import conclude, seconds
from bench.scale import SCALE
from tests.load import many_at_once


def _all() -> None:
    for measurement in (ingest, many_at_once, reads):
        measurement.run()


conclude(f"BENCH_SCALE={SCALE}", seconds(_all))
