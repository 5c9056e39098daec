"""The words of pages, Vietnamese first; service/reporting has the lines that the widget also shows."""

from collections.abc import Callable, Sequence
from typing import Any

from service.domain.json_beside import json_beside
from service.domain.statistics.count_names import COUNT_NAMES
from service.domain.statistics.counts import Counts
from service.domain.statistics.formulas import Side
from service.reporting.words.numbers import number

_WORDS = json_beside(__file__)
CHANNELS_EN: dict[str, str] = _WORDS["channels_en"]
RATES: dict[str, Sequence[str]] = _WORDS["rates"]
"""What a rate is called in Vietnamese and in English."""
_KINDS_OF_UNITS = tuple(_WORDS["kinds_of_units"])
EXAMPLE = Counts(**_WORDS["example"])
"""A made-up month of an office, to show how the formulas differ."""
Say = Callable[[str, str], str]


def in_language(lang: str) -> Say:
    """Return the function that chooses between a Vietnamese and an English text."""
    return lambda vi, en: en if lang == "en" else vi


def in_sentence(name: str) -> str:
    """Return a unit's name as it stands within a sentence: huyện Tứ Kỳ."""
    return name[0].lower() + name[1:] if name.startswith(_KINDS_OF_UNITS) else name


def worked(side: Side, counts: Counts, lang: str) -> dict[str, Any]:
    """Return one side of a ratio as a reader can check it: its counts in words with their numbers, and their sum."""
    words = {name: f"{getattr(COUNT_NAMES[name], lang)} {number(getattr(counts, name), lang)}" for name in side.names}
    return {"text": side.spelled(words, " − "), "total": side.value(counts)}
