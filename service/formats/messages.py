"""What is said of files and records that cannot be taken as they are: Vietnamese first, then English."""

import json
from pathlib import Path
from typing import Any

_MESSAGES = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


def told(name: str, /, **parts: Any) -> str:
    """Return a message in both languages, with what it speaks of put in."""
    words = _MESSAGES[name]
    return f"{words['vi']} ({words['en']})".format(**parts)
