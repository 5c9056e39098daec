"""Formats of data outside, for reading and writing: the national format, CSV, workbooks, JSON."""
