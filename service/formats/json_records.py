"""JSON records from pieces of bytes, within one set of limits, for request bodies and for files.

An array is read whole: a broken string shall spoil only its own record, and no streaming parser can do that. So its
size and its number of values are limited. NDJSON is streamed.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from service.domain.errors import BadData

MEGABYTE = 1024 * 1024
MAX_LINE = MEGABYTE
MAX_BLANK_LINES = 1_000_000
TOO_BLANK = "Quá một triệu dòng trống (over a million blank lines)"
NOT_JSON = "Không phải JSON hợp lệ (not valid JSON)"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOST_DIGITS = 30
"""A longer number becomes a float: Python's int would refuse thousands of digits, and with them the whole array."""
_WINDOW = 256 * 1024
"""Characters; as objects of names alone they are read in some 20 ms."""
_MOST_LEVELS = 5
"""How many values, one in the other, may be larger than a window, as each of them is begun more than once: an object,
its array, a record of that, its list of attachments, one of these."""
_MEMBERS_A_RECORD = 4
"""How many members of values larger than a window there may be for each record that is allowed."""
_BLANKS = re.compile(r"[ \t\n\r]*")
_FEW = 1000
_LISTS_A_RECORD = 4
_MARKS_A_RECORD = 40
"""How many commas and opening brackets the records of an array may have on average; one with every field has 20."""


class TooLarge(BadData):
    """JSON over a limit; the message says over which, and what to send instead."""


class NotJson(BadData):
    """Bytes that are no JSON at all."""

    def __init__(self) -> None:
        super().__init__(NOT_JSON, {"body": [NOT_JSON]})


class BadLine:
    """A line of NDJSON that is no JSON."""


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """How large JSON that is read whole may be, and how many records it may hold."""

    whole_mb: int
    records: int


def read_whole(pieces: Iterable[bytes], limits: JsonLimits) -> Any:
    """Return the JSON that the pieces hold; a broken string spoils only the record that holds it."""
    whole, most_mb = bytearray(), limits.whole_mb
    for piece in pieces:
        whole += piece
        if len(whole) > most_mb * MEGABYTE:
            raise TooLarge(f"JSON tối đa {most_mb} MB; dùng NDJSON để gửi nhiều hơn (over the limit; use NDJSON)")
    lists, objects, most = whole.count(b"["), whole.count(b"{"), max(limits.records, _FEW)
    marks = whole.count(b",") + objects
    if lists > most * _LISTS_A_RECORD or marks > max(min(most, objects), _FEW) * _MARKS_A_RECORD:
        # [{},{},{} and so on: three bytes each, and a hundred in memory; or millions of numbers and no record.
        raise TooLarge("Quá nhiều giá trị trong một JSON; dùng NDJSON (too many values; use NDJSON)")
    try:
        return _InParts(whole, most).whole()
    except (ValueError, RecursionError):
        raise NotJson from None


class _InParts:
    """Reads JSON that may hold NaN, lone surrogates or endless digits; the schema refuses only records with these.

    A value within a window of the text is read at one go, a larger one member by member, so that other threads have
    their turn: an object of a million names held them up for a second and a half.
    """

    def __init__(self, text: bytes | bytearray, most: int) -> None:
        self._text, self._place, self._left = text.decode("utf-8-sig"), 0, _MEMBERS_A_RECORD * most
        self._begin, self._window = 0, self._text[:_WINDOW]

    def whole(self) -> Any:
        """Return the value that is all of the text; ValueError or RecursionError when it is none."""
        value = self._value(_MOST_LEVELS)
        if self._next():
            raise ValueError("more than one value")
        return value

    def _value(self, levels: int) -> Any:
        mark = self._next()
        with suppress(ValueError):
            return self._in_window()
        if self._place - self._begin > (_WINDOW // 4 if levels else 0):
            self._begin, self._window = self._place, self._text[self._place : self._place + _WINDOW]
            with suppress(ValueError):
                return self._in_window()
        if mark == "[" and levels:
            return [self._value(levels - 1) for _ in self._members("]")]
        if mark == "{" and levels:
            return dict(self._pair(levels - 1) for _ in self._members("}"))
        if mark in ("[", "{"):
            raise TooLarge("Một trường của một bản ghi JSON quá lớn (a field of a record is too large)")
        value, self._place = _DECODER.raw_decode(self._text, self._place)
        return value

    def _in_window(self) -> Any:
        value, end = _DECODER.raw_decode(self._window, self._place - self._begin)
        if end > len(self._window) - len("1e+") and self._begin + len(self._window) < len(self._text):
            raise ValueError("perhaps the beginning of a number")
        self._place = self._begin + end
        return value

    def _members(self, end: str) -> Iterator[None]:
        """Pass the opening bracket; yield where each member begins, until the closing one has been passed."""
        self._place += 1
        mark = self._next()
        while mark != end:
            self._left -= 1
            if self._left < 0:
                raise TooLarge("Quá nhiều tên hoặc bản ghi trong một JSON (too many names or records)")
            yield
            mark = self._next()
            if mark not in (",", end):
                raise ValueError("neither a comma nor an end")
            self._place += mark == ","
        self._place += 1

    def _pair(self, levels: int) -> tuple[str, Any]:
        name = self._value(0) if self._next() == '"' else None
        if name is None or self._next() != ":":
            raise ValueError("no name")
        self._place += 1
        return name, self._value(levels)

    def _next(self) -> str:
        """Pass blanks, and return the character that comes then, "" at the end."""
        self._place = _BLANKS.match(self._text, self._place).end()  # type: ignore[union-attr]  # matches anything
        return self._text[self._place : self._place + 1]


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


_DECODER = json.JSONDecoder(parse_int=_number)


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines that are not blank; TooLarge when one is longer than MAX_LINE, or too many are blank."""
    rest, blank = b"", 0
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
            else:
                blank += 1
        if len(rest) > MAX_LINE:
            raise TooLarge("Một dòng NDJSON dài quá 1 MB (a line is longer than 1 MB)")
        if blank > MAX_BLANK_LINES:
            raise TooLarge(TOO_BLANK)
    if rest.strip():
        yield rest


def read_lines(pieces: Iterable[bytes]) -> Iterator[Any]:
    """Yield the records of NDJSON; BadLine for a line that is no JSON."""
    for number, line in enumerate(split_lines(pieces)):
        yield _record(line.removeprefix(_BYTE_ORDER_MARK) if number == 0 else line)


def _record(line: bytes) -> Any:
    """Read one line, as leniently as an element of an array; BadLine for one that is no JSON."""
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(line)
    try:
        return _InParts(line, most=MAX_LINE).whole()  # it has fewer members than bytes
    except (ValueError, RecursionError, TooLarge):
        return BadLine
