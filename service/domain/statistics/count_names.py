"""What each count is called, in Vietnamese and English: formulas, pages and documentation take their words here."""

from collections.abc import Mapping
from typing import NamedTuple

from service.domain.json_beside import json_beside


class Name(NamedTuple):
    """A name in both languages."""

    vi: str
    en: str


_ENTRIES = json_beside(__file__)

COUNT_NAMES: Mapping[str, Name] = {count: Name(**words) for count, words in _ENTRIES.items()}
