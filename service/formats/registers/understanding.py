"""What is known before a file is read: headings and words that a person settled, and what the catalogues have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from service.domain.dossier.status_words import StatusWords
from service.domain.vietnamese_text import search_key

_SEARCHED = 200
"""How many unknown codes are compared with all known ones: each takes some milliseconds."""


class KnownCodes:
    """The codes of a catalogue, with their names. An empty catalogue was never imported: then no code is doubted."""

    def __init__(self, names: Mapping[str, str | None] = {}) -> None:
        self._names = names
        self._keys = {search_key(name): code for code, name in names.items() if name}
        self._said: dict[str, str] = {}

    def doubt(self, code: str) -> str | None:
        """Return an unknown code, with the known one that is perhaps meant; None for a known code."""
        if not self._names or code in self._names or not code:
            return None
        if named := self._keys.get(search_key(code)):
            return f"{code[:64]} (đây là tên của / this is the name of: {named})"
        if code not in self._said and len(self._said) < _SEARCHED:
            with_zeros = f"{code:0<8}"  # of 1.001190, a number cell or a CSV of Excel leaves 1.00119
            near = [with_zeros] if with_zeros in self._names else get_close_matches(code, self._names, 1, 0.75)
            self._said[code] = f"{code[:64]} (gần nhất / nearest: {near[0]})" if near else code[:64]
        return self._said.get(code, code[:64])


@dataclass(frozen=True)
class Understanding:
    """What a reader knows before it reads a file.

    headings: fields of headings, by key, that a person settled. units: whole codes by codes without leading zeros.
    mapped: the headings that were settled for this file. explained: fields whose accepted words were listed already.
    """

    headings: Mapping[str, str]
    words: StatusWords
    units: Mapping[str, str]
    mapped: Mapping[str, str] = field(default_factory=dict)
    procedures: KnownCodes = KnownCodes()  # noqa: RUF009 - never changes
    agencies: KnownCodes = KnownCodes()  # noqa: RUF009
    explained: set[str] = field(default_factory=set)
