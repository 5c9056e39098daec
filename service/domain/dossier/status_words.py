"""Words of one-stop software for statuses and channels; operators add their own (TTHC_REGISTER_WORDS)."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from service.domain.dossier.statuses import BY_API_NAME, CHANNELS_VI, NAMES_VI
from service.domain.json_beside import json_beside
from service.domain.vietnamese_text import search_key

_SYNONYMS: Mapping[str, Mapping[str, list[str]]] = json_beside(__file__)
"""Other words for statuses and channels, by national code."""

_ABBREVIATIONS: Mapping[str, str] = json_beside(__file__, "abbreviations.json")
_ABBREVIATED = re.compile(rf"\b({'|'.join(_ABBREVIATIONS)})\b")
_NUMBERED = re.compile(
    r"(?:(?P<before>\d\d?)\s*[-.):]\s*(?=[^\d\s]))?(?P<word>.*?)(?:\s*[(\[](?P<behind>\d\d?)[)\]])?", re.ASCII
)
_HOW_IN_TIME = re.compile(
    r" ((?:dung|truoc|som|tre|qua|trong|con|chua den|dung va truoc|sap den) han|tre"
    r"|(?:som|truoc|tre|qua|con)(?: han)? \d+ (?:ngay|gio)(?: lam viec)?)$"
)
"""Words behind a status that claim an outcome (`đúng hạn`). They are dropped: the outcome follows from the dates."""
_CODE = re.compile(r"\d\d?", re.ASCII)


class BadWords(ValueError):
    """Words of the operator that cannot be taken; the text names the line."""


@dataclass(frozen=True, slots=True)
class StatusWords:
    """The national codes that words stand for, by the words' keys."""

    statuses: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)

    def status(self, given: str) -> str | None:
        """Return the code of a status, given by code, API name or word; None when it is not known."""
        return _code(given, self.statuses)

    def channel(self, given: str) -> str | None:
        return _code(given, self.channels)


def _code(given: str, codes: Mapping[str, str]) -> str | None:
    """Return the code of a word, also of `Đã xử lý xong (9)` or `9. Đã xử lý xong`; None if word and number differ."""
    parts = _NUMBERED.fullmatch(" ".join(given.split()))
    if parts is None:
        return None
    words = _key(parts["word"])
    code = codes.get(words) or codes.get(_HOW_IN_TIME.sub("", words))
    return code if {parts["before"], parts["behind"]} <= {None, code} else None


@lru_cache(256)
def outcome_said(word: object) -> str | None:
    """Return the outcome that a word for a status claims: in_time for `Đã giải quyết đúng hạn`, late, or None."""
    said = _HOW_IN_TIME.search(f" {_key(word)}") if isinstance(word, str) else None
    return None if said is None else "late" if said[1].startswith(("tre", "qua")) else "in_time"


def _key(word: str) -> str:
    """Return a word in lower case without marks, punctuation and a leading `hồ sơ`, its abbreviations written out."""
    words = " ".join(re.sub(r"[^\w]+", " ", search_key(word)).split())
    return _ABBREVIATED.sub(lambda short: _ABBREVIATIONS[short[1]], words).removeprefix("ho so ")


def status_words(own_lines: str = "") -> StatusWords:
    """Return the known words, and those of the operator's own lines: `status;Đang chờ bổ sung;5`.

    BadWords names a line that cannot be taken.
    """
    statuses, channels = _by_word(NAMES_VI, _SYNONYMS["statuses"]), _by_word(CHANNELS_VI, _SYNONYMS["channels"])
    statuses |= {_key(name): str(int(status)) for name, status in BY_API_NAME.items()}
    kinds = {"status": (statuses, NAMES_VI), "trang thai": (statuses, NAMES_VI),
             "channel": (channels, CHANNELS_VI), "kenh": (channels, CHANNELS_VI)}  # fmt: skip
    for number, line in enumerate(own_lines.lstrip("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=";" if ";" in line else ","))]
        known = kinds.get(search_key(cells[0]))
        if not (known and len(cells) == 3 and cells[1] and _CODE.fullmatch(cells[2]) and int(cells[2]) in known[1]):
            raise BadWords(json_beside(__file__, "status_lines.json")["bad"].format(number))
        known[0][_key(cells[1])] = str(int(cells[2]))
    return StatusWords(statuses, channels)


def _by_word(names: Mapping[int, str], synonyms: Mapping[str, list[str]]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for number, name in names.items():
        code = str(int(number))
        codes |= {_key(word): code for word in (name, code, f"0{code}", f"{code}.0", *synonyms[code])}
    return codes


ALL_WORDS = (*NAMES_VI.values(), *CHANNELS_VI.values(), *chain(*(chain(*kind.values()) for kind in _SYNONYMS.values())))
ACCEPTED: Mapping[str, str] = {
    kind: ", ".join(f"{name} ({int(code)})" for code, name in names.items())
    for kind, names in (("status", NAMES_VI), ("channel", CHANNELS_VI))
}
"""The words that a message names, each with its code; every other word is a synonym of one of them."""
