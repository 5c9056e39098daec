"""What each count is called, in Vietnamese and English: formulas, pages and documentation take their words here."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Name(NamedTuple):
    """A name in both languages."""

    vi: str
    en: str


_ENTRIES = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))

COUNT_NAMES: Mapping[str, Name] = {count: Name(**words) for count, words in _ENTRIES.items()}
