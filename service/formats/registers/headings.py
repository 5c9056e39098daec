"""The field that one heading means: Vietnamese with or without marks, the API's names, the national names."""

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple

from service.domain.json_beside import json_beside
from service.domain.vietnamese_text import composed, search_key
from service.formats.registers.heading_words import FIELDS, NATIONAL_NAMES, WORDS

IGNORED = ""
"""The field of a heading that a person said is to be left unread."""
MAX_HEADING = 150
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NUMBER_BEFORE = re.compile(r"^\W*(\d{1,2}|[IVX]{1,4})\s*[.)/:-]\s*")
_PATTERNS: Mapping[str, Any] = json_beside(__file__)
_NEEDED_DATE, _NEEDED_DATE_UNMARKED = (re.compile(_PATTERNS[name]) for name in ("needed_date", "needed_date_unmarked"))
_WITHOUT_ONE = {tuple(fields.split()): re.compile(words) for fields, words in _PATTERNS["without_one"].items()}
"""By fields: headings that may be an end or a due date; a person is asked if no column holds one of these fields."""
_NO_DATE = re.compile(_PATTERNS["no_date"])
"""Headings with a word of dates that are none: who returns it, why it is late, by how many days."""
_PERHAPS: Mapping[str, re.Pattern[str]] = {field: re.compile(words) for field, words in _PATTERNS["perhaps"].items()}
"""By field: headings that may mean this date; the first that fits is the most likely."""


class Exactness(IntEnum):
    """How exactly a heading names its field; the least wins."""

    GIVEN = 0
    EXACT = 1
    OTHER = 2
    LOOSE = 3


class Meaning(NamedTuple):
    """The field that a heading names (IGNORED: left out by a person)."""

    field: str
    exactness: Exactness


def key(heading: str) -> str:
    """Return a heading without case, marks, blanks and punctuation."""
    return re.sub(r"[^0-9a-z]", "", search_key(heading))


@cache
def _known() -> dict[str, Meaning]:
    known: dict[str, Meaning] = {}
    for name, words in WORDS.items():
        exact = (name, words.title, *words.exact, *([NATIONAL_NAMES[name]] if name in NATIONAL_NAMES else []))
        ranked = {Exactness.EXACT: exact, Exactness.OTHER: words.other, Exactness.LOOSE: words.loose}
        for exactness, headings in ranked.items():
            for heading in headings:
                known.setdefault(key(heading), Meaning(name, exactness))
    return known


def meaning(heading: object, settled: Mapping[str, str]) -> Meaning | None:
    """Return what a heading means, None when it is not understood. settled: fields of headings, by key, from a person.

    Brackets and a number before the heading are no part of it: `3. Ngày hẹn trả (dd/mm/yyyy)`.
    """
    if not isinstance(heading, str) or not heading or len(heading) > MAX_HEADING:
        return None
    if (field := settled.get(key(heading))) is not None:
        return Meaning(field, Exactness.GIVEN)
    return next((known for form in keys(heading) if (known := _known().get(form))), None)


def keys(heading: str) -> tuple[str, ...]:
    """Return the keys of a heading: as it stands, without brackets, and also without the number before it.

    `Ngày, tháng, năm tiếp nhận hồ sơ` is `Ngày tiếp nhận hồ sơ`.
    """
    bare = _BRACKETS.sub(" ", heading)
    plain = key(_NUMBER_BEFORE.sub("", bare))
    return key(heading), key(bare), plain, plain.replace("ngaythangnam", "ngay", 1)


def nearest_field(heading: str) -> str | None:
    """Return the field whose heading is nearly this one; None when none is near."""
    near = get_close_matches(key(heading), _known(), n=1, cutoff=0.8)
    return named(_known()[near[0]].field) if near else None


def count_known(cells: Sequence[object]) -> int:
    """Return how many different fields a row of headings names."""
    return len({known.field for cell in cells if (known := meaning(cell, {}))})


def speaks_of_a_needed_date(heading: str, known: Collection[str] = FIELDS) -> bool:
    """Say whether an unknown heading may be a due or end date. known: the fields that have a column."""
    lowered = composed(_BRACKETS.sub(" ", heading)).casefold()
    bare = search_key(_NUMBER_BEFORE.sub("", lowered.rpartition(" – ")[2]))
    if any(pattern.search(bare) for fields, pattern in _WITHOUT_ONE.items() if not {*fields} & {*known}):
        return True
    if _NO_DATE.match(bare):
        return False
    return bool((_NEEDED_DATE_UNMARKED if lowered.isascii() else _NEEDED_DATE).search(" ".join(lowered.split())))


def perhaps_meant(heading: str) -> str:
    """Return the field that a heading which may be a needed date most likely means."""
    return next(name for name, pattern in _PERHAPS.items() if pattern.search(search_key(heading)))


def titled(name: str) -> str:
    """Return a field's Vietnamese heading, for a message to a clerk."""
    return WORDS[name].title if name in WORDS else name


def named(name: str) -> str:
    """Return a field's heading with the API's name: Mã hồ sơ (code)."""
    return name if titled(name) == name else f"{titled(name)} ({name})"


def field_named(text: str) -> str | None:
    """Return the field that a person names, by the API's name or by a heading; IGNORED for an empty text."""
    if not text.strip():
        return IGNORED
    known = meaning(text, {})
    return text if text in FIELDS else known.field if known else None


def lost_letters(cell: object) -> bool:
    """Say whether a cell is a known heading with question marks in place of its marked letters."""
    if not isinstance(cell, str) or set("?_\ufffd").isdisjoint(cell):
        return False
    text = composed(cell).strip().casefold()
    return any(
        len(text) == len(heading)
        and all(a == b or (a in "?_\ufffd" and not b.isascii()) for a, b in zip(text, heading, strict=True))
        for heading in _marked()
    )


@cache
def _marked() -> tuple[str, ...]:
    every = (heading for words in WORDS.values() for heading in (words.title, *words.exact, *words.other, *words.loose))
    return tuple(heading.casefold() for heading in every if not heading.isascii())
