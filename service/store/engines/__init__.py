"""Connections to SQLite and PostgreSQL: their settings and limits, and why a database cannot be used."""
