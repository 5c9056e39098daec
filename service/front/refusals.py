"""Refusals by the front: of requests that must not reach a thread, or cannot have one now."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import orjson

from service.front.asgi import Headers, Receive, Send
from service.http.problems import NO_TEMPORARY_FILES, RETRY, cannot_work, problem_content
from service.http.sharing import SHARED
from service.store.engines.unavailable import REASON, reason_of

_READ_ON_BYTES, _READ_ON_SECONDS = 1024 * 1024, 1.0
"""How much of a refused body is still read: a client that is sending would else see a reset and no answer."""


@dataclass
class Refused(Exception):
    """A request that is refused before the application sees it."""

    status: int
    detail: str
    headers: dict[str, str] = field(default_factory=dict)


def busy(seconds: int) -> Refused:
    """Say that every thread for this kind of request is busy and enough others wait."""
    return Refused(503, "Dịch vụ đang bận, hãy thử lại (the service is busy, try again)", {"Retry-After": str(seconds)})


def no_room(error: OSError) -> Refused:
    """Say that a body or an answer finds no room in the folder for temporary files."""
    status, _ = cannot_work(reason_of(error) or REASON["temporary_files"], error)
    return Refused(status, NO_TEMPORARY_FILES, dict(RETRY))


def rendered(refused: Refused, path: str, request_id: str) -> tuple[Headers, bytes]:
    """Return the headers and body of a refusal, in the form that the application gives its problems."""
    body = orjson.dumps(problem_content(refused.status, refused.detail, path))
    headers = {
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        **SHARED,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": request_id,
        "Connection": "close",
        **refused.headers,
    }
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()], body


async def send_refusal(receive: Receive, send: Send, status: int, headers: Headers, body: bytes, rest: bool) -> None:
    """Send a refusal. rest: a body is coming, so read on a little before the end."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": rest})
    if rest:
        await _read_on(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _read_on(receive: Receive) -> None:
    size, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(_READ_ON_SECONDS):
            while more and size < _READ_ON_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)
