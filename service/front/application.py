"""The front: an ASGI application that passes to Flask only whole requests, and only as many as it has threads."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any

from service.domain.api_keys import key_id_of, shown_key
from service.formats.json_records import MEGABYTE
from service.front.asgi import Headers, Receive, Scope, Send
from service.front.bodies import Body, SpoolCeiling, read_body, too_large
from service.front.bridge import BODY, Answer, environ_of, respond, send_answer
from service.front.lanes import PLACES, SHORT_PUSH, ClientGone, Lanes, Names, PoolFull
from service.front.pools import Pool
from service.front.refusals import Refused, busy, rendered, send_refusal
from service.front.routes import READING, PoolName, Route, is_host, looks_at_key, looks_like_key, route_of
from service.http.auth import NO_KEY
from service.http.problems import CHALLENGE
from service.http.request import new_identity
from service.http.response_cache import Rendered, question_of
from service.store.access.keys import UNKNOWN_KEY
from service.store.engines.askers import asked_by
from service.telemetry import logs, process_metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_RETRY_SECONDS: dict[PoolName, int] = {"health": 1, "reads": 1, "questions": 3}
_RETRY_PUSH_SECONDS = 5
_SHORT = 256 * 1024  # bytes of a batch that holds its source's lock for a moment only
_MAX_ADDRESS = 8 * 1024  # bytes of path and query: each of thousands of parameters costs work
_HEALTH_BODY = b'{"status":"ok"}'
_HEALTH_HEADERS = [(b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff")]
_ROUTE = "front"  # what the front refuses is logged and counted under it


def default_pools(reading_threads: int) -> dict[PoolName, Pool]:
    """Return the pools: a portal's reads never wait for an operator's questions, nor a push for a dry run."""
    lanes = Lanes()
    return {
        "health": Pool("health", 2, 64),
        "reads": Pool("reads", reading_threads, 128),
        "questions": Pool("questions", 2, 16),
        "pushes": Pool("pushes", 2, 32, lanes),
        "dry_runs": Pool("dry_runs", 2, 8),
        "singles": Pool("singles", PLACES + 2, 64, lanes),
    }


@dataclass
class Front:
    """Stands before a WSGI application.

    kept: asks the response cache alone, on the event loop. lanes: whose turns a request takes in a pool, by who asks.
    is_right: says whether a key was right before.
    max_body: bytes of the largest body.
    one_writer: the database takes one push at a time.
    prefix: the path under which a portal shows the service, for a proxy that passes it on.
    at_start and at_stop run when serving begins, and when the last answer has been given.
    sending: bytes of answers that clients have not read yet.
    """

    app: "WSGIApplication"
    kept: Callable[["WSGIEnvironment", Any], Rendered | None]
    lanes: Callable[["WSGIEnvironment", PoolName], Names]
    pools: dict[PoolName, Pool]
    ceiling: SpoolCeiling
    is_right: Callable[[str], bool]
    max_body: int = 64 * MEGABYTE
    one_writer: bool = False
    at_start: Callable[[], None] = lambda: None
    at_stop: Callable[[], None] = lambda: None
    prefix: str = ""
    sending: int = 0
    _asked: dict[tuple[Any, ...], asyncio.Event] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        began = time.perf_counter()
        environ = environ_of(scope)
        if self.prefix and environ["PATH_INFO"].startswith(f"{self.prefix}/"):
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(self.prefix)
        try:
            answer = await self._answer(scope, environ, receive)
        except ClientGone:
            return None
        except Refused as refused:
            return await _refuse(refused, environ, receive, send, began)
        self.sending += answer.size
        try:
            return await send_answer(send, answer)
        finally:
            self.sending -= answer.size

    async def _answer(self, scope: Scope, environ: "WSGIEnvironment", receive: Receive) -> Answer:
        hosts = sum(name == b"host" for name, _ in scope["headers"])
        if hosts != 1 or not is_host(environ["HTTP_HOST"]):
            raise Refused(400, "Cần đúng một tiêu đề Host hợp lệ (exactly one valid Host header is needed)")
        if len(scope["raw_path"]) + len(scope["query_string"]) > _MAX_ADDRESS:
            raise Refused(414, "Địa chỉ tối đa 8 KB (the address is longer than 8 KB)")
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/healthz" and method in ("GET", "HEAD"):
            return _at_once(method, path, _HEALTH_HEADERS, _HEALTH_BODY)
        if method == "GET" and not looks_at_key(path):
            environ.pop("HTTP_AUTHORIZATION", None)  # a question that all share, whatever comes along
        route = route_of(method, path, environ["QUERY_STRING"], "HTTP_AUTHORIZATION" in environ)
        # Who asks the same shall not wait for the body of somebody else.
        if method == "GET" and not {"HTTP_AUTHORIZATION", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"} & environ.keys():
            return await self._shared(route, environ, receive)
        return await self._alone(route, environ, receive)

    async def _shared(self, route: Route, environ: "WSGIEnvironment", receive: Receive) -> Answer:
        """Answer a public question from the cache; equal questions of the same time wait for it without a thread.

        Where one waits for its turn behind others of its asker, only its asker waits for it.
        """
        if (answer := self._repeated(environ)) is not None:
            return answer
        pool, asker = self.pools[route.pool], self._lanes(route, environ)[:1]
        question = question_of(environ), asker if pool.lanes.is_taken(asker, _places(pool, environ)) else ()
        if (asked := self._asked.get(question)) is not None:
            await asked.wait()
            answer = self._repeated(environ)
            return answer if answer is not None else await self._alone(route, environ, receive)
        asked = self._asked[question] = asyncio.Event()
        try:
            return await self._alone(route, environ, receive)
        finally:
            del self._asked[question]
            asked.set()

    def _repeated(self, environ: "WSGIEnvironment") -> Answer | None:
        kept = self.kept(environ, None)
        return _at_once("GET", str(kept.replay_route), kept.encoded_headers, kept.body) if kept else None

    async def _alone(self, route: Route, environ: "WSGIEnvironment", receive: Receive) -> Answer:
        """Receive the body, then run the application in a thread of the request's pool."""
        with_key = looks_like_key(environ.get("HTTP_AUTHORIZATION", ""))
        if route.needs_key and not with_key:
            raise Refused(401, UNKNOWN_KEY if "HTTP_AUTHORIZATION" in environ else NO_KEY, dict(CHALLENGE))
        pool, lanes = self.pools[route.pool], self._lanes(route, environ)
        if pool.is_full(lanes) or self.sending > self.ceiling.most:
            raise busy(_RETRY_SECONDS.get(route.pool, _RETRY_PUSH_SECONDS))
        body = Body(self.ceiling, with_key and self.is_right(shown_key(environ["HTTP_AUTHORIZATION"])))
        try:
            await self._take(route, environ, body, receive)
            answer = await self._run(pool, environ, receive, lanes)
        except PoolFull:
            body.close()
            raise busy(_RETRY_SECONDS.get(route.pool, _RETRY_PUSH_SECONDS)) from None
        except Exception:
            body.close()
            raise
        body.close()
        return answer

    async def _run(self, pool: Pool, environ: "WSGIEnvironment", receive: Receive, lanes: Names) -> Answer:
        """Run the application; a question that costs much is not worked on when its asker has gone."""
        left, places = Event(), _places(pool, environ)
        if pool.name != "questions":
            return await pool.run(lambda: respond(self.app, environ), lambda: _gone(receive), lanes, None, places)

        def answer() -> Answer:
            with asked_by(left):
                return respond(self.app, environ)

        return await pool.run(answer, lambda: _gone(receive), lanes, left.set, places)

    def _lanes(self, route: Route, environ: "WSGIEnvironment") -> Names:
        """Return the lanes of a request: its asker's or its key's, then that of all who need the same.

        Pushes of one key need one lock, on SQLite all do; dry runs need none. A key that was not right before may be
        made up, with the id of another: its pushes take turns with all such of their asker.
        """
        asker = self.lanes(environ, route.pool)
        if route.pool in READING:
            return asker
        if not route.needs_key:
            return (*asker, "keyless")
        key = shown_key(environ["HTTP_AUTHORIZATION"])
        if not self.is_right(key):
            return asker or ("unknown",)
        needs_lock_of_all = self.one_writer and route.pool != "dry_runs"
        return (key_id_of(key), "all") if needs_lock_of_all else (key_id_of(key),)

    async def _take(self, route: Route, environ: "WSGIEnvironment", body: Body, receive: Receive) -> None:
        announced = _announced(environ)
        limit = self.max_body if route.max_body is None else min(route.max_body, self.max_body)
        if announced is not None and announced > limit:
            raise too_large(limit)
        if announced or "HTTP_TRANSFER_ENCODING" in environ:
            if not route.packed and environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
                raise Refused(415, "Không nhận nội dung nén ở đây (a compressed body is not accepted here)")
            await read_body(receive, body, limit, announced)
            environ["CONTENT_LENGTH"] = str(body.size)
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["wsgi.input"] = environ[BODY] = body.file

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.at_start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        # A push whose client has gone may still be running: it ends before the process does.
        await asyncio.to_thread(self._drain)
        await send({"type": "lifespan.shutdown.complete"})

    def _drain(self) -> None:
        for pool in self.pools.values():
            pool.close()
        self.at_stop()


def _places(pool: Pool, environ: "WSGIEnvironment") -> int:
    """Return what a request takes of its lanes; pushes of one dossier share a transaction that costs more than they."""
    if pool.name == "singles":
        return 1
    if pool.name in READING:  # those of one lane hold half of the threads
        return max(PLACES // max(pool.threads // 2, 1), 1)
    return SHORT_PUSH if int(environ.get("CONTENT_LENGTH") or 0) <= _SHORT else PLACES


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _announced(environ: "WSGIEnvironment") -> int | None:
    if environ.get("HTTP_TRANSFER_ENCODING", "chunked").lower() != "chunked":
        raise Refused(400, "Transfer-Encoding: chỉ nhận chunked (only chunked is accepted)")
    text = environ.get("CONTENT_LENGTH", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Refused(400, "Content-Length không hợp lệ (not a valid Content-Length)")
    return int(text)


def _at_once(method: str, route: str, headers: Headers, body: bytes) -> Answer:
    """Return an answer that no thread is needed for, and count it."""
    process_metrics.request_done(method, route, 200, 0.0)
    size = str(len(body)).encode()
    said = [*headers, (b"content-length", size), (b"x-request-id", new_identity().encode())]
    return Answer(200, said, body, len(body))


async def _refuse(refused: Refused, environ: "WSGIEnvironment", receive: Receive, send: Send, began: float) -> None:
    method = environ["REQUEST_METHOD"]
    headers, body = rendered(refused, environ["PATH_INFO"], new_identity())
    coming = environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ
    expects = "HTTP_EXPECT" in environ  # such a client sends no body once it is refused
    await send_refusal(receive, send, refused.status, headers, body, rest=coming and not expects)
    seconds = time.perf_counter() - began
    logs.request_done(method, _ROUTE, refused.status, seconds)
    process_metrics.request_done(method, _ROUTE, refused.status, seconds)
