"""From ASGI to WSGI and back: one hand-over to a thread, which never waits for a client.

a2wsgi, the usual bridge, keeps the thread until the client has taken the last byte, and crosses to the event loop
for every piece. Here an answer is complete before it is sent, a long one in a temporary file. So a client that reads
slowly costs a file and no thread.
"""

import sys
from collections.abc import Iterable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from service.front.asgi import Headers, Scope, Send
from service.front.refusals import no_room

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

PIECE = 64 * 1024
_IN_MEMORY = 256 * 1024
_WITHOUT_PREFIX = {b"content-length": "CONTENT_LENGTH", b"content-type": "CONTENT_TYPE"}
"""The headers that WSGI names without HTTP_."""
_MAX_VALUE = 1024
"""How many characters of a header are read: a regular expression took 5 s for 60,000 blanks in Accept."""


class Answer(NamedTuple):
    """An answer, whole; size: of its body, in bytes."""

    status: int
    headers: Headers
    body: bytes | IO[bytes]
    size: int


def environ_of(scope: Scope) -> "WSGIEnvironment":
    """Return a request as WSGI sees it; a header with _ in its name is dropped, as it would pass for the one with -."""
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
        key = _WITHOUT_PREFIX.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}"
        is_trail = key.startswith("HTTP_X_FORWARDED_")  # each proxy adds at the end
        environ[key] = text[-_MAX_VALUE:] if is_trail else text[:_MAX_VALUE]
    return environ


def respond(app: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """Run the application and keep its whole answer."""
    begun: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Any:
        begun[:] = [int(status[:3]), headers]
        return None

    body, size = _kept(app(environ, start_response))
    status, headers = begun
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    has_body = environ["REQUEST_METHOD"] != "HEAD" and status not in (204, 304)  # else 0 would not be its length
    if has_body and not any(name == b"content-length" for name, _ in encoded):
        encoded.append((b"content-length", str(size).encode()))
    return Answer(status, encoded, body, size)


def _kept(pieces: Iterable[bytes]) -> tuple[bytes | IO[bytes], int]:
    """Keep an answer in a file. If no file can be written and nothing is in it yet, the answer is kept in memory."""
    body: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    size, rest = 0, iter(pieces)
    try:
        for piece in rest:
            try:
                size += body.write(piece)
            except OSError as error:
                if size:
                    raise no_room(error) from None
                body.close()
                whole = b"".join((piece, *rest))
                return whole, len(whole)
    except BaseException:
        body.close()
        raise
    finally:
        getattr(pieces, "close", lambda: None)()
    body.seek(0)
    return body, size


def discard(answer: Answer) -> None:
    """Close the file of an answer that is not sent."""
    if not isinstance(answer.body, bytes):
        answer.body.close()


async def send_answer(send: Send, answer: Answer) -> None:
    """Send an answer piece by piece, as fast as the client takes it."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    with BytesIO(answer.body) if isinstance(answer.body, bytes) else answer.body as body:
        left = answer.size
        while left > PIECE:
            piece = body.read(PIECE)
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": body.read(), "more_body": False})
