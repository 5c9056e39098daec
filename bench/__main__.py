"""Run every measurement: `make bench` (20 to 30 minutes; BENCH_DOSSIERS=100000 for a quick look)."""

from bench import ingest, national, reads

for measurement in (ingest, national, reads):
    measurement.run()
