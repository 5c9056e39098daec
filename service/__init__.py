"""The web service. Importing this package loads nothing: the domain must stay usable without Flask."""

import gc

__version__ = "1.0.0"
"""The one place for the version: pyproject.toml, `tthc_build_info` and `doctor` read it here."""

gc.set_threshold(50_000, 20, 50)
"""Loading makes nothing to collect: looking through it, as often as the default does, is a sixth of a start. The server
needs a rarer collection, too: it stops everything."""
