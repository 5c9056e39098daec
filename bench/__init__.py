"""Measurements, each side by side with its limit in one run: `make bench`."""
