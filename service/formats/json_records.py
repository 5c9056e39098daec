"""JSON records from pieces of bytes, within one set of limits, for request bodies and for files.

An array is never held whole: it is read record by record, as NDJSON is. It may turn out to be broken when some of its
records have been read; it is refused whole then, so its caller files them in one transaction.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import orjson

from service.domain.errors import BadData

MEGABYTE = 1024 * 1024
MAX_LINE = MEGABYTE
MAX_BLANK_LINES = 1_000_000
TOO_BLANK = "Quá một triệu dòng trống (over a million blank lines)"
NOT_JSON = "Không phải JSON hợp lệ (not valid JSON)"
_NO_ARRAY = "Nội dung phải là một mảng JSON (the body must be a JSON array)"
_TOO_MANY = "Quá nhiều tên hoặc bản ghi trong một JSON; dùng NDJSON (too many names or records; use NDJSON)"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOST_DIGITS = 30
"""A longer number becomes a float: Python's int would refuse thousands of digits, and with them the whole array."""
_WINDOW = 128 * 1024
"""Characters; twice as many, as objects of names alone, are read in some 20 ms."""
_MOST_LEVELS = 10
"""How many values, one in the other, may be larger than a window, as each of them is begun more than once."""
_LONGEST_STRING = 100_000
"""Characters that are kept of a string that is larger than a window: more than any field may have."""
_MEMBERS_A_RECORD, _MEMBERS = 4, 400_000
"""For each record that is allowed, so many members, commas and brackets may be in values larger than a window; so many
may be in any JSON."""
_MARKS_AN_OBJECT = 40
"""An object may have so many commas and brackets on average; a record with every field has 20."""
_BLANKS = re.compile(r"[ \t\n\r]*")
_FEW, _SHORT, _MOST_BESIDE = 1000, 1000, 30
"""Objects that any JSON may hold; characters that are kept of a text beside an array; members that may stand there."""


class TooLarge(BadData):
    """JSON over a limit; the message says over which, and what to send instead."""


class NotJson(BadData):
    """Bytes that are no JSON at all."""

    def __init__(self, message: str = NOT_JSON) -> None:
        super().__init__(message, {"body": [message]})


class OtherJson(BadData):
    """JSON that is no array, or no object, where one is needed."""


class BadLine:
    """A line of NDJSON that is no JSON."""


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """How large JSON may be that is no NDJSON, and how many records it may hold."""

    whole_mb: int
    records: int


def read_whole(pieces: Iterable[bytes], limits: JsonLimits) -> Any:
    """Return the JSON that the pieces hold."""
    text = _Text(pieces, limits)
    with _told(text):
        value = text.value(_MOST_LEVELS)
        text.end()
    return value


def read_array(pieces: Iterable[bytes], limits: JsonLimits, within: str = "") -> Iterator[Any]:
    """Yield the items of an array, one after another. within: an object may hold it under this name."""
    with _told(text := _Text(pieces, limits)):
        is_within = within and text.ahead() == "{"
        values = (value for _, value in text.members(within)) if is_within else iter([text.items()])
        arrays = (value for value in values if isinstance(value, Iterator))
        if (array := next(arrays, None)) is None:
            raise OtherJson(_NO_ARRAY)
        yield from array
        if next(arrays, None) is not None:
            raise NotJson(f"Hai mảng {within} trong một đối tượng JSON (two arrays of this name in one object)")
        text.end()


def read_beside(pieces: Iterable[bytes], limits: JsonLimits, array: str, names: Container[str]) -> dict[str, Any]:
    """Return an object's members of these names, texts (in short) and numbers; of one array how long it is."""
    text, beside = _Text(pieces, limits), dict[str, Any]()
    with _told(text):
        for name, value in text.members(array):
            if isinstance(value, Iterator):
                beside[name] = Length(sum(1 for _ in value))
            elif name in names:
                beside[name] = value[:_SHORT] if isinstance(value, str) else value if type(value) is int else None
        text.end()
    return beside


class Length(int):
    """How many items an array has that is not held."""


@contextmanager
def _told(text: "_Text") -> Iterator[None]:
    try:
        yield
    except (ValueError, RecursionError):
        after = f"; sau {text.passed} bản ghi (after {text.passed} records)" if text.passed else ""
        raise NotJson(NOT_JSON + after) from None


class _Text:
    """Reads JSON that may hold NaN, lone surrogates or endless digits; the schema refuses only records with these.

    It holds two windows of the text. A value within a window is read at one go, a larger one member by member, so that
    other threads have their turn: an object of a million names held them up for a second and a half.
    """

    def __init__(self, pieces: Iterable[bytes], limits: JsonLimits) -> None:
        self._pieces, self._limits, self._ended = iter(pieces), limits, False
        self._decode = getincrementaldecoder("utf-8-sig")().decode
        self._text, self._place, self._size, self.passed = "", 0, 0, 0
        self._marks = self._objects = 0
        self._left = max(_MEMBERS_A_RECORD * limits.records, _MEMBERS)

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
            self._look_at(piece or b"")
            parts.append(self._decode(piece or b"", self._ended))
            length += len(parts[-1])
        self._text, self._place = "".join(parts), 0

    def _look_at(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > (most := self._limits.whole_mb) * MEGABYTE:
            raise TooLarge(f"JSON tối đa {most} MB; nhiều hồ sơ thì dùng NDJSON (over the limit; or use NDJSON)")
        self._objects += piece.count(b"{")
        self._marks += piece.count(b"{") + piece.count(b"[") + piece.count(b",")
        if self._marks > _MARKS_AN_OBJECT * max(min(self._limits.records, self._objects), _FEW):
            raise TooLarge(_TOO_MANY)

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.ahead():
            raise ValueError("more than one value")

    def items(self) -> Iterator[Any]:
        """Yield the items of the array that comes next."""
        if self.ahead() != "[":
            raise OtherJson(_NO_ARRAY)
        for _ in self._members("]"):
            yield self.value(_MOST_LEVELS)
            self.passed += 1

    def members(self, array: str) -> Iterator[tuple[str, Any]]:
        """Yield the members of the object that comes next; the array of this name as its items, to be read at once."""
        if self.ahead() != "{":
            raise OtherJson("Nội dung phải là một đối tượng JSON (the body must be a JSON object)")
        for number, _ in enumerate(self._members("}")):
            if number > _MOST_BESIDE:
                raise TooLarge(_TOO_MANY)
            name = self._name()
            yield name, self.items() if self.ahead() == "[" and name == array else self.value(-1)

    def value(self, levels: int) -> Any:
        """Return the value that comes next. levels: how many in it may be larger than a window; -1: nothing."""
        mark = self.ahead()
        with suppress(ValueError):
            value, end = _DECODER.raw_decode(self._text, self._place)
            if end <= len(self._text) - len("1e+") or self._ended:  # else perhaps the beginning of a number
                if levels < _MOST_LEVELS:
                    self._spend(self._place, end)
                self._place = end
                return value
        self._spend(self._place, len(self._text))  # it is read again
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
            self._left -= 1
            if self._left < 0:
                raise TooLarge(_TOO_MANY)
            yield
            mark = self.ahead()
            if mark not in (",", end):
                raise ValueError("neither a comma nor an end")
            self._place += mark == ","
        self._place += 1

    def _spend(self, first: int, after: int) -> None:
        self._left -= 1 + sum(self._text.count(mark, first, after) for mark in ",[{")
        if self._left < 0:
            raise TooLarge(_TOO_MANY)

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


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


_DECODER = json.JSONDecoder(parse_int=_number)
_LINE = JsonLimits(2, records=1)


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines that are not blank; TooLarge when one is longer than MAX_LINE, or too many are blank."""
    rest, blank, lines = b"", 0, 1
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        lines += len(whole)
        for line in whole:
            if line.strip():
                yield line
            else:
                blank += 1
        if len(rest) > MAX_LINE:
            raise TooLarge(f"Dòng {lines} của NDJSON dài quá 1 MB (line {lines} is longer than 1 MB)")
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
        return read_whole((line[place : place + _WINDOW] for place in range(0, len(line), _WINDOW)), _LINE)
    except BadData:
        return BadLine
