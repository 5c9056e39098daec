"""The web service. Importing this package loads nothing: the domain must stay usable without Flask."""

__version__ = "1.0.0"
"""The one place for the version: pyproject.toml, `tthc_build_info` and `doctor` read it here."""
