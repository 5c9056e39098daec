"""How much is measured: BENCH_SCALE=quick (10 minutes on 2 cores), middle (45 minutes) or whole (hours)."""

import os

SCALE = os.environ.get("BENCH_SCALE", "quick")
KINDS = ("sqlite", "postgresql")
SMALL, LARGE = {"quick": (20_000, 200_000), "middle": (100_000, 1_000_000), "whole": (1_000_000, 10_000_000)}[SCALE]
"""Dossiers of the two provinces whose answers are compared."""
INGESTED = 40_000 if SCALE == "quick" else 100_000
STREAMED = 100_000 if SCALE == "quick" else 1_000_000
"""Records of the one request whose memory is measured."""
SECONDS = 5 if SCALE == "quick" else 15
"""How long servers are watched under load."""
