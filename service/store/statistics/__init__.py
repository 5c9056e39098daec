"""Statements that count: which dossiers, under which groups, and the flows that no tally holds."""
