"""Vietnamese text: an order for names, and a search that forgives missing marks.

Both are made here, so that SQLite and PostgreSQL, with or without ICU, give the same answers.
"""

import unicodedata
from functools import lru_cache
from typing import Literal

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of dictionaries
_AT_ONCE = 1000
_RANK = {letter: chr(0x100 + position) for position, letter in enumerate(_LETTERS)}


def composed(text: str, form: Literal["NFC", "NFD"] = "NFC") -> str:
    """Normalise text. The marks after a letter are sorted, which takes the square of their number: not all at once."""
    return "".join(unicodedata.normalize(form, text[at : at + _AT_ONCE]) for at in range(0, len(text), _AT_ONCE))


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
    """Return text without case and marks: "Tứ Kỳ" becomes "tu ky". Only what can be a name is remembered."""
    return _kept_key(text) if len(text) <= _AT_ONCE else _key(text)


def _key(text: str) -> str:
    bare = composed(text.casefold().replace("đ", "d"), "NFD")
    return " ".join("".join(mark for mark in bare if not unicodedata.combining(mark)).split())


_kept_key = lru_cache(maxsize=16384)(_key)
