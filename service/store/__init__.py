"""The database: every statement, and nothing that decides."""
