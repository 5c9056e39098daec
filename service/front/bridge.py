"""From ASGI to WSGI and back: one hand-over to a thread, which never waits for a client.

a2wsgi, the usual bridge, keeps the thread until the client has taken the last byte, and crosses to the event loop
for every piece. Here an answer is complete before it is sent, a long one in a temporary file. So a client that reads
slowly costs a file and no thread.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from service.front.asgi import Headers, Scope, Send
from service.front.refusals import no_room

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

BODY = "tthc.body"
"""Where the application finds a body that is here whole: a file, to be read from its beginning."""
_PIECE = 64 * 1024
_IN_MEMORY = 256 * 1024
_PLAIN = {b"content-length": "CONTENT_LENGTH", b"content-type": "CONTENT_TYPE"}
_MAX_VALUE = 1024
"""Characters of a header that are read. A pattern looked at 60,000 blanks in Accept for 5 s, and nothing else ran."""


@dataclass
class Answer:
    """What the application said."""

    status: int
    headers: Headers
    body: bytes | IO[bytes]
    size: int


def environ_of(scope: Scope) -> "WSGIEnvironment":
    """Return a request as WSGI sees it; header names with an underscore are dropped, as they could pass for others."""
    server, client = scope.get("server") or ("localhost", 0), scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue
        key = _PLAIN.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}"
        is_trail = key.startswith("HTTP_X_FORWARDED_")  # each proxy adds at the end
        environ[key] = text[-_MAX_VALUE:] if is_trail else text[:_MAX_VALUE]
    return environ


def respond(app: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """Run the application and keep its whole answer."""
    said: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Any:
        said[:] = [status, headers]
        return None

    pieces = app(environ, start_response)
    body, size = _kept(pieces)
    status, headers = said
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if not any(name == b"content-length" for name, _ in encoded):
        encoded.append((b"content-length", str(size).encode()))
    return Answer(int(status[:3]), encoded, body, size)


def _kept(pieces: Iterable[bytes]) -> tuple[bytes | IO[bytes], int]:
    """Keep an answer in a file; where none can be made, one that is whole in its first piece stays in memory."""
    body: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    size, coming = 0, iter(pieces)
    try:
        for piece in coming:
            try:
                size += body.write(piece)
            except OSError as error:
                if size:
                    raise no_room(error) from None
                body.close()
                whole = b"".join((piece, *coming))
                return whole, len(whole)
    except BaseException:
        body.close()
        raise
    finally:
        getattr(pieces, "close", lambda: None)()
    body.seek(0)
    return body, size


async def send_answer(send: Send, answer: Answer) -> None:
    """Send an answer piece by piece, as fast as the client takes it."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if isinstance(answer.body, bytes):
        await send({"type": "http.response.body", "body": answer.body})
        return
    with answer.body as body:
        left = answer.size
        while left > _PIECE:
            piece = body.read(_PIECE)
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": body.read(), "more_body": False})
