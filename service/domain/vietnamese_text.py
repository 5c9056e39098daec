"""Vietnamese text: an order for names, and a search that forgives missing marks.

Both are made here and not in SQL, so that SQLite and PostgreSQL, with or without ICU, give the same answers.
"""

import unicodedata
from functools import lru_cache
from typing import Literal

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of dictionaries
_PIECE = 1000  # letters that are normalised at once; no name is longer
_RANK = {letter: chr(0x100 + position) for position, letter in enumerate(_LETTERS)}


def composed(text: str, form: Literal["NFC", "NFD"] = "NFC") -> str:
    """Normalise text in pieces: sorting the marks behind one letter takes time with the square of their number."""
    return "".join(unicodedata.normalize(form, text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))


@lru_cache(maxsize=16384)
def sort_key(text: str) -> tuple[str, str]:
    """Return the key under which names sort as in a Vietnamese dictionary: letters first, then tones."""
    letters, tones = [], []
    for character in composed(text).casefold():
        parts = unicodedata.normalize("NFD", character)
        tone = next((mark for mark in parts if mark in _TONES), "")
        letter = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
        letters.append(_RANK.get(letter, letter))
        tones.append(str(_TONES.index(tone) + 1) if tone else "0")
    return "".join(letters), "".join(tones)


def search_key(text: str) -> str:
    """Return text without case and marks: "Tứ Kỳ" becomes "tu ky". The keys of names are cached."""
    return _cached_key(text) if len(text) <= _PIECE else _key(text)


def _key(text: str) -> str:
    bare = composed(text.casefold().replace("đ", "d"), "NFD")
    return " ".join("".join(mark for mark in bare if not unicodedata.combining(mark)).split())


_cached_key = lru_cache(maxsize=16384)(_key)
