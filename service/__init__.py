"""The web service. Importing this package loads nothing: the domain must stay usable without Flask."""

import gc

__version__ = "1.0.0"
"""The one place for the version: pyproject.toml, `tthc_build_info` and `doctor` read it here."""

gc.set_threshold(50_000, 20, 50)
"""The garbage collector runs seldom. While modules load there is no garbage: by default, looking for it would take a
sixth of the start. In the server, a collection stops all threads."""
