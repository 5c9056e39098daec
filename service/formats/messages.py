"""What is said of files and records that cannot be taken as they are: Vietnamese first, then English."""

from typing import Any

from service.domain.json_beside import json_beside

_MESSAGES = json_beside(__file__)


def told(name: str, /, **parts: Any) -> str:
    """Return a message in both languages, with what it speaks of put in."""
    words = _MESSAGES[name]
    return f"{words['vi']} ({words['en']})".format(**parts)
