"""Records from arrays, objects and NDJSON.

An array is never held whole: it is read record by record, as NDJSON is. It may turn out to be broken when some of its
records have been read; it is refused whole then, so its caller files them in one transaction.
"""

from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import orjson

from service.domain.errors import BadData
from service.formats.json_records.text import MEGABYTE, NO_ARRAY, JsonLimits, OtherJson, Text, TooLarge

NOT_JSON = "Không phải JSON hợp lệ (not valid JSON)"
MAX_LINE = MEGABYTE
MAX_BLANK_LINES = 1_000_000
TOO_BLANK = "Quá một triệu dòng trống (over a million blank lines)"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE, _PIECE = JsonLimits(2, records=1), 128 * 1024
_SHORT = 1000
"""Characters that are kept of a text beside an array."""


class NotJson(BadData):
    """Bytes that are no JSON at all."""

    def __init__(self, message: str = NOT_JSON) -> None:
        super().__init__(message, {"body": [message]})


class BadLine:
    """A line of NDJSON that is no JSON."""


class Length(int):
    """How many items an array has that is not held."""


def read_whole(pieces: Iterable[bytes], limits: JsonLimits) -> Any:
    """Return the JSON that the pieces hold."""
    text = Text(pieces, limits)
    with _told(text):
        value = text.value()
        text.end()
    return value


def read_array(pieces: Iterable[bytes], limits: JsonLimits, within: str = "") -> Iterator[Any]:
    """Yield the items of an array, one after another. within: an object may hold it under this name."""
    with _told(text := Text(pieces, limits)):
        is_within = within and text.ahead() == "{"
        values = (value for _, value in text.members(within)) if is_within else iter([text.items()])
        arrays = (value for value in values if isinstance(value, Iterator))
        if (array := next(arrays, None)) is None:
            raise OtherJson(NO_ARRAY)
        yield from array
        if next(arrays, None) is not None:
            raise NotJson(f"Hai mảng {within} trong một đối tượng JSON (two arrays of this name in one object)")
        text.end()


def read_object(pieces: Iterable[bytes], limits: JsonLimits, array: str, names: Container[str]) -> dict[str, Any]:
    """Return an object's members of these names, texts (in short) and numbers; of one array how long it is."""
    text, beside = Text(pieces, limits), dict[str, Any]()
    with _told(text):
        for name, value in text.members(array):
            if isinstance(value, Iterator):
                beside[name] = Length(sum(1 for _ in value))
            elif name in names:
                beside[name] = value[:_SHORT] if isinstance(value, str) else value if type(value) is int else None
        text.end()
    return beside


@contextmanager
def _told(text: Text) -> Iterator[None]:
    try:
        yield
    except (ValueError, RecursionError):
        after = f"; sau {text.passed} bản ghi (after {text.passed} records)" if text.passed else ""
        raise NotJson(NOT_JSON + after) from None


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
        return read_whole((line[place : place + _PIECE] for place in range(0, len(line), _PIECE)), _LINE)
    except BadData:
        return BadLine
