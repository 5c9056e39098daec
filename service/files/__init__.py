"""Registers and exports as files: read row by row, understood by their headings, checked by the one schema."""
