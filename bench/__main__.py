"""Run every measurement: `make bench` (some 10 minutes on 2 cores; BENCH_SCALE=whole for ten million dossiers)."""

import platform
from datetime import UTC, datetime

from bench import ingest, reads
from bench.measuring import MISSED, seconds
from bench.scale import SCALE
from tests.load import many_at_once


def _all() -> None:
    for measurement in (ingest, many_at_once, reads):
        measurement.run()


took = seconds(_all)
print(
    f"\n{datetime.now(UTC).date()}, BENCH_SCALE={SCALE}, {platform.platform()}, Python {platform.python_version()}, {took / 60:.0f} min"
)
print(f"\nKhông đạt / missed: {len(MISSED)}\n")
for missed in MISSED:
    print(f"- {missed}")
