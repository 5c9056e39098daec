"""What a message repeats of a cell: only text in the shape of its field, as personal data may stand in a wrong column.

Of `0912345678` in a column of dates, or `lê thị b` in that of the status, the message has “…”. A date has digits and
words of dates; each word of a code has a digit; a status has known words. Names have no shape: they are never repeated.
"""

import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from service.domain.dossier.status_words import ALL_WORDS
from service.domain.json_beside import json_beside
from service.domain.vietnamese_text import composed
from service.formats.registers.heading_words import MOMENT_FIELDS

HIDDEN = "…"
_WORDS: Mapping[str, str] = {name: words.replace(" ", "|") for name, words in json_beside(__file__).items()}
_YEAR = r"(?:19|20|25)\d\d|(?:(?:19|20)\d{6}|\d{4}(?:19|20)\d\d)(?:\d{6})?"
_DATE = re.compile(
    rf"(?=.*\d|.*\b(?:{_WORDS['date_signs']})\b)(?=.*(?:19|20|25)\d\d|(?:\D*\d){{0,6}}\D*$)"
    rf"(?:(?<!\d)(?:{_YEAR}|\d\d?)(?!\d)|\b(?:{_WORDS['date_words']})(?![^\W_])|(?<=\d)[hgpt](?=\d)|[\W_])+",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?=.*[A-Za-z].*[-./_+]|.*[-./_+].*[A-Za-z]|\d[.,]\d{3,6}\b)(?!.*[A-Za-z]{5}|.*@)\S*\d\S*( \S*\d\S*)*", re.ASCII
)
_FIXED = re.compile(r"#[A-Z/0!?#]+|TRUE|FALSE|\?+|.")


def repeated(name: str, text: str) -> str:
    """Return what a message may repeat of a cell of this field; of a status or channel, the words that are known."""
    text = " ".join(composed(text).split())
    is_date = name in MOMENT_FIELDS and _DATE.fullmatch(text)
    if _FIXED.fullmatch(text) or is_date or (name.endswith("code") and is_like_a_code(text)):
        return text
    known = " ".join(_state_words().findall(text)) if name in ("status", "channel") else ""
    return known if known == text else f"{known} {HIDDEN}".strip()


def is_like_a_code(text: str) -> bool:
    """Say whether a text has the shape of a code."""
    return _CODE.fullmatch(text.replace("–", "-")) is not None


@cache
def _state_words() -> re.Pattern[str]:
    """Return a pattern for the words of statuses: `đã`, `đang`, and two or more that follow each other in one."""
    pairs = {" ".join(pair) for words in ALL_WORDS for pair in pairwise(words.split())}
    known = sorted({*pairs, *(words for words in ALL_WORDS if " " in words)}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, known))}|{_WORDS['state_words']})\b", re.IGNORECASE)
