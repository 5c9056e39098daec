"""Rows that are no dossiers: totals, signatures, titles of sections, numbers under the headings, empty lines."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise

from service.domain.dossier.status_words import StatusWords
from service.domain.json_beside import json_beside
from service.domain.vietnamese_text import search_key
from service.formats.registers.heading_words import MOMENT_FIELDS
from service.formats.tables import BadCell, Cell


class Kind(StrEnum):
    """The kinds of rows that are passed over."""

    TITLE = "title"
    HEADING = "heading"
    TOTAL = "total"
    SIGNATURE = "signature"
    EMPTY = "empty"


KINDS_VI: Mapping[str, str] = json_beside(__file__)
_PATTERNS = {name: re.compile(pattern) for name, pattern in json_beside(__file__, "passed_over_words.json").items()}
_NUMBER, _PLAIN_NUMBER, _HAS_DIGIT, _DATE = map(_PATTERNS.__getitem__, ("number", "plain_number", "has_digit", "date"))
_CODE_OR_DATE = ("procedure_code", *MOMENT_FIELDS)


def is_dossier(cells: Sequence[Cell], fields: Mapping[str, int]) -> bool:
    """Say whether a row is clearly a dossier: it has a code, which is no mere number, and a procedure."""
    code = _at(cells, fields, "code")
    is_number = isinstance(code, float | int) or _PLAIN_NUMBER.fullmatch(str(code).strip())
    return _is_code(code) and _at(cells, fields, "procedure_code") is not None and not is_number


def resembles_dossier(cells: Sequence[Cell]) -> bool:
    """Say whether a row without headings above it may be a dossier: a cell is a procedure's code, and one a date."""
    has_date = any(isinstance(cell, date) or (isinstance(cell, str) and _DATE.search(cell)) for cell in cells)
    return has_date and any(isinstance(cell, str) and _PATTERNS["procedure"].match(cell) for cell in cells)


class RowKinds:
    """Tells the kind of each row of a table, in order; after a signature, a row of names belongs to it."""

    def __init__(self, words: StatusWords) -> None:
        """Take the words for statuses: a cell with one of them belongs to a dossier."""
        self._words = words
        self._signed = False

    def of(self, cells: Sequence[Cell], fields: Mapping[str, int]) -> Kind | None:
        """Return the kind of a row that is no dossier, else None."""
        filled = [cell for cell in cells if cell is not None and (not isinstance(cell, str) or cell.strip())]
        if any(isinstance(cell, BadCell) for cell in filled):
            return None if self._mapped(cells, fields) else Kind.EMPTY
        if _numbers_headings(filled):
            return Kind.HEADING
        first = next((search_key(cell) for cell in filled if isinstance(cell, str)), "")
        begun = [_at(cells, fields, name) for name in ("received_at", "submitted_at")]
        dated = any(isinstance(cell, date) or _DATE.search(str(cell)) for cell in begun)
        code = _at(cells, fields, "code")
        if _PATTERNS["total"].match(first) and not dated and not _PATTERNS["code"].fullmatch(search_key(str(code))):
            return Kind.TOTAL
        if _PATTERNS["note"].match(first) and not dated and not _is_code(code):
            return Kind.TITLE
        counts = [cell for cell in filled if cell is not code]
        is_label = isinstance(code, str) and not _is_code(code)
        if is_label and counts and all(_PATTERNS["count"].fullmatch(str(cell).strip()) for cell in counts):
            return Kind.TOTAL
        signs = any(isinstance(cell, str) and _PATTERNS["signature"].match(search_key(cell)) for cell in filled)
        if signs and not dated and not _is_code(code):
            self._signed = True
            return Kind.SIGNATURE
        return self._text_alone(cells, fields, filled)

    def _text_alone(self, cells: Sequence[Cell], fields: Mapping[str, int], filled: Sequence[Cell]) -> Kind | None:
        """Return the kind of a row that may be a line of text, or hold nothing but a running number, else None."""
        texts = [cell for cell in filled if isinstance(cell, str)]
        text_kind = Kind.SIGNATURE if self._signed else Kind.TITLE
        if not self._mapped(cells, fields):
            worded = sum(_NUMBER.fullmatch(text.strip()) is None for text in texts)
            return Kind.EMPTY if not worded else text_kind if self._signed or worded == 1 else None
        if len(filled) == 1 and texts and " " in texts[0].strip():
            return text_kind
        if self._signed and len(texts) == len(filled) and not any(map(_HAS_DIGIT.search, texts)):
            return text_kind
        code, status = _at(cells, fields, "code"), _at(cells, fields, "status")
        has_digits = any(_HAS_DIGIT.search(str(_at(cells, fields, name))) for name in _CODE_OR_DATE)
        if has_digits or _is_code(code) or self._words.status(str(status or "")):
            return None
        is_text = len(texts) == len(filled) and all(
            " " in text.strip() or _NUMBER.fullmatch(text.strip()) for text in texts
        )
        return text_kind if is_text and (self._signed or len(filled) <= 2) else None

    @staticmethod
    def _mapped(cells: Sequence[Cell], fields: Mapping[str, int]) -> bool:
        return any(_at(cells, fields, name) is not None for name in fields)


def _at(cells: Sequence[Cell], fields: Mapping[str, int], name: str) -> Cell:
    at = fields.get(name)
    cell = cells[at] if at is not None and at < len(cells) else None
    return None if isinstance(cell, str) and not cell.strip() else cell


def _is_code(cell: Cell) -> bool:
    """Say whether a cell can be a dossier's code: it has a digit and no blank."""
    if isinstance(cell, str):
        text = cell.strip()
        return _HAS_DIGIT.search(text) is not None and " " not in text
    return cell is not None


def _numbers_headings(filled: Sequence[Cell]) -> bool:
    """Say whether the cells count 1, 2, 3 … or (1), (2), (3)=(4)+(5) …: the numbers that stand under headings."""
    if len(filled) < 3:
        return False
    numbers = [_PLAIN_NUMBER.fullmatch(str(cell).partition("=")[0].strip()) for cell in filled]
    if all(numbers):
        values = [int(number[1]) for number in numbers if number]
        return values[0] <= 1 and all(one < other for one, other in pairwise(values))
    letters = [str(cell).strip(" ()[]") for cell in filled]
    return letters[:3] == ["A", "B", "C"] or (
        letters[:1] == ["A"] and letters[1:3] in (["B", "1"], ["B", "1.0"], ["1", "2"])
    )
