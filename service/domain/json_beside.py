"""Tables and texts as data: a JSON file in the folder of the module that reads it."""

import json
from pathlib import Path
from typing import Any


def json_beside(module: str, name: str | None = None) -> Any:
    """Return the content of a JSON file beside a module (its `__file__`); by default formulas.json for formulas.py."""
    path = Path(module)
    return json.loads((path.with_name(name) if name else path.with_suffix(".json")).read_text("utf-8"))
