"""A body is received whole, or refused, before a thread is taken for it.

It is read into a temporary file without a name. A sender that is silent, slow or gone costs a socket and what it has
sent so far, never a thread. All bodies together may hold no more than a ceiling.
"""

import asyncio
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from service.formats.json_records.text import MEGABYTE
from service.front.asgi import Receive
from service.front.refusals import Refused, busy, no_room
from service.telemetry import process_metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

WINDOW_SECONDS = 10.0
LEAST_IN_WINDOW = 80 * 1024
"""Ten seconds must bring at least this much, or the end of the body: 8 KiB a second."""
_IN_MEMORY = 64 * 1024
_KEYLESS_SHARE = 4
SMALL = 16 * 1024
"""Bytes that count only with all bodies: a few large ones without a key keep no login and no first push out."""


class SpoolCeiling:
    """How many bytes all bodies together may hold; those of bodies without a right key together a quarter of that."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0
        self._held_without_key = 0

    def take(self, size: int, without_key: int) -> bool:
        """Reserve this many bytes, some of them in the quarter; False when they do not fit."""
        if self.held + size > self.most or self._held_without_key + without_key > self.most // _KEYLESS_SHARE:
            return False
        self._hold(size, without_key)
        return True

    def give_back(self, size: int, without_key: int) -> None:
        """Free this many bytes, some of them in the quarter."""
        self._hold(-size, -without_key)

    def _hold(self, size: int, without_key: int) -> None:
        self.held += size
        self._held_without_key += without_key
        process_metrics.FRONT_BODIES.set(self.held)


class Body:
    """A request's body in a temporary file, and its part of the ceiling."""

    def __init__(self, ceiling: SpoolCeiling, with_key: bool) -> None:
        self.file: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self.size = 0
        self._ceiling = ceiling
        self._with_key = with_key

    def add(self, piece: bytes) -> None:
        """Take a piece in; Refused when there is no room for it."""
        size = self.size + len(piece)
        if not self._ceiling.take(len(piece), self._in_quarter(size) - self._in_quarter(self.size)):
            raise busy(5)
        self.size = size
        try:
            self.file.write(piece)
        except OSError as error:
            raise no_room(error) from None

    def close(self) -> None:
        """Close the file, and free its part of the ceiling."""
        self.file.close()
        self._ceiling.give_back(self.size, self._in_quarter(self.size))
        self.size = 0

    def _in_quarter(self, size: int) -> int:
        """Return how many bytes of a body of this size count in the quarter of those without a key."""
        return 0 if self._with_key else max(size - SMALL, 0)


async def read_body(receive: Receive, body: Body, limit: int, announced: int | None) -> None:
    """Read a request's whole body; Refused when it is cut, too large or too slow."""
    deadline, recent = asyncio.get_running_loop().time() + WINDOW_SECONDS, 0
    more = True
    while more:
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise Refused(408, "Nội dung gửi quá chậm, cần ít nhất 8 KiB mỗi giây (the body came too slowly)") from None
        if message["type"] != "http.request":
            raise _cut()
        piece, more = message.get("body", b""), message.get("more_body", False)
        if body.size + len(piece) > limit:
            raise too_large(limit)
        body.add(piece)
        recent += len(piece)
        if recent >= LEAST_IN_WINDOW:
            deadline, recent = asyncio.get_running_loop().time() + WINDOW_SECONDS, 0
    if announced is not None and body.size != announced:
        raise _cut()
    body.file.seek(0)


def announced_size(environ: "WSGIEnvironment") -> int | None:
    """Return the size that a request announces for its body, None for none; Refused when it cannot be read."""
    if environ.get("HTTP_TRANSFER_ENCODING", "chunked").lower() != "chunked":
        raise Refused(400, "Transfer-Encoding: chỉ nhận chunked (only chunked is accepted)")
    text = environ.get("CONTENT_LENGTH", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Refused(400, "Content-Length không hợp lệ (not a valid Content-Length)")
    return int(text)


def _cut() -> Refused:
    detail = "Nội dung bị cắt trước khi hết; không có gì được lưu (the body ended early; nothing is stored)"
    return Refused(400, detail)


def too_large(limit: int) -> Refused:
    """Say how much a body may hold."""
    size = f"{limit // MEGABYTE} MB" if limit >= MEGABYTE else f"{limit // 1024} KB"
    return Refused(413, f"Nội dung gửi tối đa {size}; hãy chia nhỏ (body over the limit; split it)")
