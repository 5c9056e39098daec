"""Run every measurement: `make bench` (a quarter of an hour; BENCH_DOSSIERS=100000 for a quick look)."""

from bench import ingest, reads

for measurement in (ingest, reads):
    measurement.run()
