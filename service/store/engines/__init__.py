"""What is particular to SQLite and to PostgreSQL: connections, their limits, and why one cannot be had."""
