"""Statements that count: the dossiers and groups to count, and counts that no tally holds."""
