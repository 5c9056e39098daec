"""JSON records from pieces of bytes, within one set of limits, for request bodies and for files.

An array is read whole: a broken string shall spoil only its own record, and no streaming parser can do that. So its
size and its number of values are limited. NDJSON is streamed.
"""

import json
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
        return _lenient(whole)
    except (ValueError, RecursionError):
        raise NotJson from None


def _lenient(text: bytes | bytearray) -> Any:
    """Read JSON that may hold NaN, lone surrogates or endless digits; the schema refuses only records with these.

    A call after each object and number lets other threads run; without any 24 MB held all of them up for 0.3 s.
    """
    decoded = text.decode("utf-8-sig")
    return json.loads(decoded, parse_int=_number, parse_float=lambda digits: float(digits), object_hook=lambda one: one)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


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
        return _lenient(line)
    except (ValueError, RecursionError):
        return BadLine
