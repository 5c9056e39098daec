"""Request bodies: taken in whole, within limits, before any work begins; then unpacked and cut into records.

A body stands in a temporary file. So a slow sender never holds a database lock, and memory stays flat.
"""

import zlib
from collections.abc import Container, Iterator
from contextlib import contextmanager
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import request

from service.formats.json_records.records import NotJson, read_array, read_lines, read_object, read_whole
from service.formats.json_records.text import MEGABYTE, JsonLimits, TooLarge
from service.http.problems import Problem
from service.settings import Settings

BODY = "tthc.body"
"""Where WSGI's environ has a body that the front received whole: a file, to be read from its beginning."""
_PIECE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_MOST_MEMBERS = 10_000


@contextmanager
def take_body(settings: Settings, limit: int | None = None) -> Iterator[IO[bytes]]:
    """Take the request's body, as sent, in a file; 413 over the limit, which is the setting's unless one is given."""
    if (received := request.environ.get(BODY)) is not None:
        yield received  # by the front, within the same limits; the front closes it
        return
    request.max_content_length = settings.max_wire_mb * MEGABYTE if limit is None else limit
    with SpooledTemporaryFile(MEGABYTE) as spool:
        copyfileobj(request.stream, spool, _PIECE)
        spool.seek(0)
        yield spool


def is_packed() -> bool:
    """Say whether the body is compressed."""
    return request.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity")


def pieces(spool: IO[bytes], settings: Settings) -> Iterator[bytes]:
    """Yield the body's bytes, unpacked if it is gzip; Problem when it is broken or unpacks to too much."""
    if not is_packed():
        while piece := spool.read(_PIECE):
            yield piece
    elif request.headers["Content-Encoding"].strip().lower() in ("gzip", "x-gzip"):
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


def read_json(spool: IO[bytes], settings: Settings, mb: int, records: int) -> Any:
    """Return a body that is small as JSON, within these limits."""
    with _refused():
        return read_whole(pieces(spool, settings), JsonLimits(mb, records))


def read_items(spool: IO[bytes], settings: Settings, within: str = "") -> Iterator[Any]:
    """Yield the items of a JSON array, one after another; OtherJson if it is none.

    within: an object may hold it under this name.
    """
    limits = JsonLimits(settings.max_array_mb, settings.max_records)
    with _refused():
        yield from _counted(read_array(pieces(spool, settings), limits, within), settings.max_records)


def read_beside(spool: IO[bytes], settings: Settings, array: str, names: Container[str]) -> dict[str, Any]:
    """Return texts that a JSON object holds beside an array; of this, its Length. OtherJson if it is no object."""
    limits = JsonLimits(settings.max_array_mb, settings.max_records)
    with _refused():
        return read_object(pieces(spool, settings), limits, array, names)


def read_ndjson(spool: IO[bytes], settings: Settings) -> Iterator[Any]:
    """Yield the records of an NDJSON body; BadLine for a line that is no JSON."""
    with _refused():
        yield from _counted(read_lines(pieces(spool, settings)), settings.max_records)


class TooMany(Problem):
    """More records than a request may have."""


def _counted(items: Iterator[Any], most: int) -> Iterator[Any]:
    for number, item in enumerate(items):
        if number >= most:
            raise TooMany(413, f"Tối đa {most} hồ sơ một lần; hãy chia nhỏ (too many records; split them)")
        yield item


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except TooLarge as error:
        raise Problem(413, str(error)) from None
    except NotJson as error:
        raise Problem(400, str(error), error.errors) from None
