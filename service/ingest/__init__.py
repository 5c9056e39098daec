"""The one road for data: load, resolve, write."""
