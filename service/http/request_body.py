"""Request bodies: taken in under limits before any work begins, unpacked and cut into records after.

A body is first read to a temporary file, so that a slow sender never holds a database lock, and
memory stays flat whatever is sent.
"""

import json
import zlib
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson
from flask import request

from service.http.problems import Problem
from service.settings import Settings

_PIECE = 64 * 1024
_IN_MEMORY = 1024 * 1024
MAX_LINE = 1024 * 1024
MEGABYTE = 1024 * 1024
_FEW = 1000
_GZIP = 16 + zlib.MAX_WBITS
_MOST_MEMBERS = 10_000
_MARKS_A_RECORD = 40
"""Commas and opening brackets of a record of an array, on average: one with every field has about 20."""

NOT_JSON = "Không phải JSON hợp lệ (not valid JSON)"


class BadLine:
    """A line of NDJSON that is no JSON."""


def take_body(settings: Settings) -> IO[bytes]:
    """Read the request's body, as sent, into a temporary file; Problem 413 when it is too large."""
    limit = settings.max_wire_mb * MEGABYTE
    too_large = Problem(
        413, f"Nội dung gửi tối đa {settings.max_wire_mb} MB; hãy chia nhỏ (body over the limit; split it)"
    )
    if (request.content_length or 0) > limit:
        raise too_large
    if (whole := request.environ.get("tthc.body")) is not None:
        here: IO[bytes] = whole  # the front has taken it in, under the same limits
        return here
    spool: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    size = 0
    while piece := request.stream.read(_PIECE):
        size += len(piece)
        if size > limit:
            raise too_large
        spool.write(piece)
    spool.seek(0)
    return spool


def pieces(spool: IO[bytes], settings: Settings) -> Iterator[bytes]:
    """Yield the body's bytes, unpacked if it is gzip; Problem when it is broken or unpacks to too much."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        while piece := spool.read(_PIECE):
            yield piece
    elif encoding in ("gzip", "x-gzip"):
        yield from _gunzip(spool, settings.max_unpacked_mb)
    else:
        raise Problem(415, "Content-Encoding: chỉ nhận gzip (only gzip is accepted)")


def _gunzip(spool: IO[bytes], limit_mb: int) -> Iterator[bytes]:
    """Unpack every member of a gzip stream: several members one after another are one body (RFC 1952)."""
    unpacker, size, members = zlib.decompressobj(_GZIP), 0, 1
    try:
        while piece := spool.read(_PIECE):
            while piece:
                if unpacker.eof:
                    unpacker, members = zlib.decompressobj(_GZIP), members + 1
                if members > _MOST_MEMBERS:
                    raise Problem(413, f"gzip có quá {_MOST_MEMBERS} phần (too many members)")
                unpacked = unpacker.decompress(piece, _PIECE)
                piece = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
                size += len(unpacked)
                if size > limit_mb * MEGABYTE:
                    raise Problem(413, f"Giải nén ra quá {limit_mb} MB (unpacks to more than the limit)")
                yield unpacked
    except zlib.error:
        raise Problem(400, "Dữ liệu gzip bị hỏng (broken gzip)") from None
    if not unpacker.eof:
        raise Problem(400, "Dữ liệu gzip bị cắt (truncated gzip)")


def read_whole(spool: IO[bytes], settings: Settings, limit_mb: int) -> bytearray:
    """Return the whole unpacked body; Problem 413 when it is over the limit."""
    whole = bytearray()
    for piece in pieces(spool, settings):
        whole += piece
        if len(whole) > limit_mb * MEGABYTE:
            raise Problem(413, f"JSON tối đa {limit_mb} MB; dùng NDJSON để gửi nhiều hơn (over the limit; use NDJSON)")
    return whole


def read_json(spool: IO[bytes], settings: Settings) -> Any:
    """Return the body as JSON; a broken string spoils only the record that holds it."""
    whole = read_whole(spool, settings, settings.max_array_mb)
    if sum(map(whole.count, (b",", b"[", b"{"))) > max(settings.max_records, _FEW) * _MARKS_A_RECORD:
        # A few bytes of JSON can become a hundred of memory: [{},{},{} and so on.
        raise Problem(413, "Quá nhiều giá trị trong một JSON; dùng NDJSON (too many values; use NDJSON)")
    try:
        # The standard library keeps lone surrogates, for the schema to refuse that record alone.
        return json.loads(whole.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Problem(400, NOT_JSON, {"body": [NOT_JSON]}) from None


def lines(spool: IO[bytes], settings: Settings) -> Iterator[bytes]:
    """Yield the lines of the body that are not blank; Problem when one is longer than the limit."""
    rest = b""
    for piece in pieces(spool, settings):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
        if len(rest) > MAX_LINE:
            raise Problem(413, "Một dòng NDJSON dài quá 1 MB (a line is longer than 1 MB)")
    if rest.strip():
        yield rest


def read_ndjson(spool: IO[bytes], settings: Settings) -> Iterator[Any]:
    """Yield the records of an NDJSON body; BadLine for a line that is no JSON."""
    for number, line in enumerate(lines(spool, settings)):
        try:
            yield orjson.loads(line.lstrip(b"\xef\xbb\xbf") if number == 0 else line)
        except orjson.JSONDecodeError:
            yield BadLine


def media_type() -> str:
    """Return the body's media type, in lower case, without parameters."""
    return (request.mimetype or "").lower()
