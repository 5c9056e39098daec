"""Tables and words as data: a JSON file that stands beside the module that reads it."""

import json
from pathlib import Path
from typing import Any


def json_beside(module: str, name: str | None = None) -> Any:
    """Return what the file of this name beside a module (its `__file__`) holds; without a name, the module's own."""
    path = Path(module)
    return json.loads((path.with_name(name) if name else path.with_suffix(".json")).read_text("utf-8"))
