"""Messages about files and records that cannot be taken in as they are: Vietnamese first, then English."""

from typing import Any

from service.domain.json_beside import json_beside

_MESSAGES = json_beside(__file__)


def told(name: str, /, **parts: Any) -> str:
    """Return a message in both languages, with its parts filled in."""
    words = _MESSAGES[name]
    return f"{words['vi']} ({words['en']})".format(**parts)
