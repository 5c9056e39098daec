"""JSON records from pieces of bytes, within one set of limits, for request bodies and for files."""
