"""Encodings of text. TCVN3 and VNI are fonts from before Unicode: text in them reads as other letters."""

import re
from collections.abc import Iterable

from charset_normalizer import from_bytes

from service.domain.json_beside import json_beside
from service.domain.vietnamese_text import composed, search_key

SAMPLE = 256 * 1024

_LETTERS: dict[str, dict[str, str]] = json_beside(__file__)
_TCVN3, _VNI_LETTERS = (str.maketrans(_LETTERS[name]) for name in ("tcvn3", "vni"))
READ_AS_LATIN = "UTF-8 đọc nhầm thành windows-1252"
_TCVN3_SIGNS = re.compile(r"[^\W\d_][µ¸¶·¹¨»¾¼½©ª«¬]|[®§][^\W\d_]")
"""Signs that stand for letters in TCVN3, and occur in no Vietnamese word."""
_VNI_MARKS = re.compile("(?<=[aeiouy])[øùûõïâêéèúüëáàåãä]|(?<=[öô])[øùûõï]")
_COMMON = re.compile(rf"\b({'|'.join(_LETTERS['common'])})\b")
_COMMON_KEYS = frozenset(map(search_key, _LETTERS["common"]))


def encoding_of(sample: bytes) -> str:
    """Tell the encoding by its byte order mark, else by the lines that hold letters outside ASCII."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if sample[:200].count(0) * 4 >= len(sample[:200]) > 0:
        return "utf-16-le" if sample[1:200:2].count(0) >= sample[0:200:2].count(0) else "utf-16-be"
    marked = [line for line in sample.split(b"\n") if not line.isascii()][: -1 if len(sample) == SAMPLE else None]
    utf8 = sum(line.decode(errors="ignore").encode() == line for line in marked)
    if utf8 * 2 >= len(marked):
        return "utf-8-sig"
    best = from_bytes(sample, cp_isolation=["cp1258", "cp1252", "utf_16_le", "utf_16_be"]).best()
    # Vietnamese letters of cp1252 are the same bytes in cp1258.
    name = "cp1258" if best is None or best.encoding == "cp1252" else best.encoding
    of_windows, of_macintosh = (_words(sample.decode(each, "replace")) for each in (name, "mac_roman"))
    is_macintosh = of_macintosh > of_windows or (of_macintosh == of_windows and b"\n" not in sample)
    return "mac_roman" if is_macintosh else name


def old_letters(texts: Iterable[str], decoded: Iterable[str] = ()) -> str | None:
    """Name the encoding from before Unicode in which texts are written, or None; common Vietnamese words decide.

    texts: those of a file are read as latin-1. decoded: the same texts in the encoding that the file seems to have.
    """
    marked = [text for text in texts if not text.isascii()]
    if sum(map(_is_decoded_wrongly, marked)) >= 2:
        return READ_AS_LATIN
    latin = "\n".join(marked)
    unicode_words = _words("\n".join(decoded) or latin)
    has_vni_marks = _VNI_MARKS.search(latin.casefold()) is not None
    without_vni = search_key(_VNI_MARKS.sub("", latin.casefold()).translate(_VNI_LETTERS))  # `Maõ hoà sô`: ma ho so
    vni_words = sum(key in _COMMON_KEYS for key in re.findall(r"[a-z]+", without_vni)) if has_vni_marks else 0
    scores = {"TCVN3 (ABC)": _words(latin.translate(_TCVN3)), "VNI": vni_words}
    name, score = max(scores.items(), key=lambda entry: entry[1])
    return name if score >= 2 and score > unicode_words * 2 else None


def old_letters_of(name: str) -> str | None:
    """Name the encoding from before Unicode in which one name is written, or None; signs of TCVN3 also tell it."""
    if _is_decoded_wrongly(name):
        return READ_AS_LATIN
    return old_letters((name,)) or ("TCVN3 (ABC)" if _TCVN3_SIGNS.search(name) else None)


def _is_decoded_wrongly(text: str) -> bool:
    """Say whether text is UTF-8 that a program took for windows-1252: `xÃ£` is xã."""
    try:
        letters = (each.encode("latin-1" if "\x80" <= each <= "\x9f" else "cp1252") for each in text)
        return b"".join(letters).decode() != text
    except UnicodeError:
        return False


def _words(text: str) -> int:
    return len(_COMMON.findall(composed(text).casefold()))
