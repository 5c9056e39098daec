"""What data look like outside, both ways: the national format, CSV, workbooks, JSON."""
