"""Requests as ASGI hands them over, and what was answered; no socket, no server."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import orjson

from service.front.application import Front
from service.front.asgi import Message
from service.front.bodies import SpoolCeiling
from service.front.pools import default_pools

Result = TypeVar("Result")
KEY = "tthc_0123abcd_" + "s" * 43
AUTH = (b"authorization", f"Bearer {KEY}".encode())
END = {"type": "http.disconnect"}


def part(body: bytes, more: bool = False) -> Message:
    """Return a part of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


class Application:
    """A WSGI application that keeps what it was asked, and answers with a body of its own choice."""

    def __init__(self, body: Iterable[bytes] = (b"fine",)) -> None:
        self.bodies: list[bytes] = []
        self.environs: list[dict[str, Any]] = []
        self.body = body

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.environs.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/plain")])
        return self.body


def front(app: Any, **given: Any) -> Front:
    """Put a front before an application whose response cache is empty."""
    told = {
        "kept": lambda _environ, _: None,
        "lanes": lambda _environ, _: (),
        "pools": default_pools(8),
        "ceiling": SpoolCeiling(1024**2),
        "is_right": lambda key: key.split("_")[1] in {KEY.split("_")[1], "a", "b", "c"},
        **given,
    }
    return Front(app, **told)


class Said:
    """What a client was told."""

    def __init__(self, sent: list[Message]) -> None:
        self.sent = sent
        self.status = sent[0]["status"] if sent else None
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]} if sent else {}
        self.body = b"".join(message.get("body", b"") for message in sent[1:])

    @property
    def detail(self) -> str:
        """Return a problem's detail."""
        text: str = orjson.loads(self.body)["detail"]
        return text


async def ask(
    asked: Front,
    method: str = "GET",
    path: str = "/api/v1/units",
    *,
    headers: Sequence[tuple[bytes, bytes]] = (),
    host: Sequence[bytes] = (b"portal.example",),
    body: Sequence[Message | float] = (part(b""),),
    query: bytes = b"",
    address: str = "127.0.0.1",
) -> Said:
    """Send one request; a number among the parts of the body is a wait in seconds. After the last the client waits."""
    coming, sent = list(body), []

    async def receive() -> Message:
        while coming:
            following = coming.pop(0)
            if not isinstance(following, float):
                return following
            await asyncio.sleep(following)
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": (address, 40000),
        "headers": [*((b"host", name) for name in host), *headers],
    }
    await asked(scope, receive, send)
    return Said(sent)


def run(asking: Coroutine[Any, Any, Result]) -> Result:
    """Run this in a thread of its own: a browser's test may have left an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asking).result()


def push(asked: Front, *body: Message | float, headers: Sequence[tuple[bytes, bytes]] = (AUTH,)) -> Said:
    """Push a batch and return what was said."""
    return run(ask(asked, "POST", "/api/v1/dossiers/batch", headers=headers, body=body))


class Kept:
    """An answer of the response cache."""

    body, replay_route, encoded_headers = b"kept", "/a", [(b"content-type", b"text/plain")]


class Held(Application):
    """An application that answers when it is let."""

    def __init__(self) -> None:
        """Wait for `let`; keep what was begun."""
        super().__init__()
        self.let = threading.Event()
        self.begun: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.begun.append(environ)
        self.let.wait(60)
        return super().__call__(environ, start_response)


async def push_as(asked: Any, source: str, *more: Any, path: str = "/api/v1/dossiers/batch") -> Said:
    """Push a batch with the key of a source."""
    authorization = (b"authorization", f"Bearer tthc_{source}_{'s' * 43}".encode())
    headers = [authorization, (b"content-length", b"2")]
    return await ask(asked, "POST", path, headers=headers, body=[part(b"{}"), *more])


def key_of(environ: dict[str, Any]) -> str:
    """Return the id of the key that a request shows."""
    authorization: str = environ["HTTP_AUTHORIZATION"]
    return authorization.split("_")[1]
