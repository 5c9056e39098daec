"""JSON that is read from pieces of bytes: what is larger than a window member by member, the rest at one go."""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from service.domain.errors import BadData

MEGABYTE = 1024 * 1024
TOO_MANY = "Quá nhiều tên hoặc bản ghi trong một JSON; dùng NDJSON (too many names or records; use NDJSON)"
_AGAIN_A_RECORD, _AGAIN = 4, 400_000
"""For each record that is allowed, so many members, commas and brackets may be in values larger than a window; so many
may be in any JSON."""
_MARKS_AN_OBJECT = 100
"""An object may have so many commas and brackets on average; a national record with every field has 50."""
_FEW = 400
"""Objects that any JSON may hold."""
NO_ARRAY = "Nội dung phải là một mảng JSON (the body must be a JSON array)"
_MOST_DIGITS = 30
"""A longer number becomes a float: Python's int would refuse thousands of digits, and with them the whole array."""
_WINDOW = 128 * 1024
"""Characters; twice as many, as objects of names alone, are read in some 20 ms."""
_MOST_LEVELS = 10
"""How many values, one in the other, may be larger than a window, as each of them is begun more than once."""
_LONGEST_STRING = 100_000
"""Characters that are kept of a string that is larger than a window: more than any field may have."""
_MOST_BESIDE = 30
"""Members that may stand beside an array."""
_BLANKS = re.compile(r"[ \t\n\r]*")


class OtherJson(BadData):
    """JSON that is no array, or no object, where one is needed."""


class TooLarge(BadData):
    """JSON over a limit; the message says over which, and what to send instead."""


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """How large JSON may be that is no NDJSON, and how many records it may hold."""

    megabytes: int
    records: int


class Budget:
    """What is left of what one JSON may cost; each method raises TooLarge when it is spent."""

    def __init__(self, limits: JsonLimits) -> None:
        self._limits = limits
        self._size = self._marks = self._objects = 0
        self._again = max(_AGAIN_A_RECORD * limits.records, _AGAIN)

    def take(self, piece: bytes) -> None:
        """Count bytes that have come, before they are read."""
        self._size += len(piece)
        if self._size > (most := self._limits.megabytes) * MEGABYTE:
            raise TooLarge(f"JSON tối đa {most} MB; nhiều hồ sơ thì dùng NDJSON (over the limit; or use NDJSON)")
        self._objects += piece.count(b"{")
        self._marks += piece.count(b"{") + piece.count(b"[") + piece.count(b",")
        if self._marks > _MARKS_AN_OBJECT * max(min(self._limits.records, self._objects), _FEW):
            raise TooLarge(TOO_MANY)

    def read_again(self, text: str, first: int, after: int) -> None:
        """Count a part of the text that is read as a value now, and as a part of one before or after."""
        self.spend(1 + sum(text.count(mark, first, after) for mark in ",[{"))

    def spend(self, members: int = 1) -> None:
        """Count members of values that are larger than a window."""
        self._again -= members
        if self._again < 0:
            raise TooLarge(TOO_MANY)


class Text:
    """Reads JSON that may hold NaN, lone surrogates or endless digits; the schema refuses only records with these.

    It holds two windows of the text. A value within a window is read at one go, a larger one member by member, so that
    other threads have their turn: an object of a million names held them up for a second and a half.
    """

    def __init__(self, pieces: Iterable[bytes], limits: JsonLimits) -> None:
        self._pieces, self._budget, self._ended = iter(pieces), Budget(limits), False
        self._decode = getincrementaldecoder("utf-8-sig")().decode
        self._text, self._place, self.passed = "", 0, 0

    def ahead(self) -> str:
        """Pass blanks, and return the character that comes then, "" at the end; a window of text follows it."""
        while True:
            self._fill()
            self._place = _BLANKS.match(self._text, self._place).end()  # type: ignore[union-attr]  # matches anything
            if self._place < len(self._text) or self._ended:
                self._fill()
                return self._text[self._place : self._place + 1]

    def _fill(self) -> None:
        if self._ended or len(self._text) - self._place >= _WINDOW:
            return
        parts, length = [self._text[self._place :]], len(self._text) - self._place
        while length < 2 * _WINDOW and not self._ended:
            piece = next(self._pieces, None)
            self._ended = piece is None
            self._budget.take(piece or b"")
            parts.append(self._decode(piece or b"", self._ended))
            length += len(parts[-1])
        self._text, self._place = "".join(parts), 0

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.ahead():
            raise ValueError("more than one value")

    def items(self) -> Iterator[Any]:
        """Yield the items of the array that comes next."""
        if self.ahead() != "[":
            raise OtherJson(NO_ARRAY)
        for _ in self._members("]"):
            yield self.value()
            self.passed += 1

    def members(self, array: str) -> Iterator[tuple[str, Any]]:
        """Yield the members of the object that comes next; the array of this name as its items, to be read at once."""
        if self.ahead() != "{":
            raise OtherJson("Nội dung phải là một đối tượng JSON (the body must be a JSON object)")
        for number, _ in enumerate(self._members("}")):
            if number > _MOST_BESIDE:
                raise TooLarge(TOO_MANY)
            name = self._name()
            yield name, self.items() if self.ahead() == "[" and name == array else self.value(-1)

    def value(self, levels: int = _MOST_LEVELS) -> Any:
        """Return the value that comes next. levels: how many in it may be larger than a window; -1: nothing."""
        mark = self.ahead()
        with suppress(ValueError):
            value, end = _DECODER.raw_decode(self._text, self._place)
            if end <= len(self._text) - len("1e+") or self._ended:  # else perhaps the beginning of a number
                if levels < _MOST_LEVELS:
                    self._budget.read_again(self._text, self._place, end)
                self._place = end
                return value
        self._budget.read_again(self._text, self._place, len(self._text))
        if self._ended or mark not in ('"', "[", "{"):
            raise ValueError("no value")
        if levels < 0 or (not levels and mark != '"'):
            raise TooLarge("Một trường JSON quá lớn (a field is too large)")
        if mark == '"':
            return self._long_string()
        if mark == "[":
            return [self.value(levels - 1) for _ in self._members("]")]
        return {self._name(): self.value(levels - 1) for _ in self._members("}")}

    def _long_string(self) -> Any:
        """Pass a string that is larger than a window; no more of it is kept than is too long for every field."""
        self._place, kept = self._place + 1, ""
        while True:
            self._fill()
            part = self._text[self._place :]
            part = part if self._ended else _without_open_escape(part)
            read, end = _DECODER.raw_decode(f'"{part}"')
            is_whole = end < len(part) + 2
            self._place, kept = self._place + (end - 1 if is_whole else len(part)), (kept + read)[:_LONGEST_STRING]
            if is_whole:
                return kept
            if self._ended:
                raise ValueError("no end")

    def _members(self, end: str) -> Iterator[None]:
        """Pass the opening bracket; yield where each member begins, until the closing one has been passed."""
        self._place += 1
        mark = self.ahead()
        while mark != end:
            self._budget.spend()
            yield
            mark = self.ahead()
            if mark not in (",", end):
                raise ValueError("neither a comma nor an end")
            self._place += mark == ","
        self._place += 1

    def _name(self) -> str:
        name = self.value(0) if self.ahead() == '"' else None
        if name is None or self.ahead() != ":":
            raise ValueError("no name")
        self._place += 1
        return str(name)


def _without_open_escape(text: str) -> str:
    """Return a part of a string without an escape at its end that may go on."""
    place = text.rfind("\\", -len("\\u123"))
    backslashes = place + 1 - len(text[: place + 1].rstrip("\\"))
    return text[:place] if backslashes % 2 else text


_DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) <= _MOST_DIGITS else float(digits))
