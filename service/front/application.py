"""The front: an ASGI application before Flask. It passes on whole requests only, and as many as it has threads."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event
from typing import TYPE_CHECKING, Any

from service.domain.api_keys import key_id_of, shown_key
from service.formats.json_records.text import MEGABYTE
from service.front.asgi import Headers, Receive, Scope, Send
from service.front.bodies import SMALL, Body, SpoolCeiling, announced_size, read_body, too_large
from service.front.bridge import PIECE, Answer, discard, environ_of, respond, send_answer
from service.front.lanes import PLACES, SHORT_PUSH, ClientGone, Names, PoolFull
from service.front.pools import Pool, is_shared, patience, places_of
from service.front.refusals import Refused, busy, rendered, send_refusal
from service.front.routes import READING, PoolName, Route, is_host, looks_at_key, looks_like_key, route_of
from service.http.auth import NO_KEY
from service.http.problems import CHALLENGE
from service.http.request import TURN, Turn, new_request_id
from service.http.request_body import BODY
from service.http.response_cache import Rendered, cache_key
from service.store.access.keys import UNKNOWN_KEY
from service.store.engines.askers import asked_by
from service.telemetry import logs, process_metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_RETRY_SECONDS: dict[PoolName, int] = {"health": 1, "reads": 1, "questions": 3}
_RETRY_PUSH_SECONDS = 5
_MOST_WAITING = 1000  # for the answer to one question: all of them are written to when it comes
_LOCK_SECONDS = 0.5  # so long a push keeps its thread while another replica has locked its source
_MAX_ADDRESS = 8 * 1024  # bytes of path and query: each of thousands of parameters costs work
_BASE = re.compile(r"/+(?:(?:national|api/+v1)/+)?")  # a base address may end with a slash; codes keep theirs
_HEALTH_BODY = b'{"status":"ok"}'
_HEALTH_HEADERS = [(b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff")]
_ROUTE = "front"  # the route under which refusals of the front are logged and counted


class _Answered(asyncio.Event):
    """Is set when a question has been answered, or refused. waiting: how many asked the same meanwhile."""

    waiting = 0
    is_refused = False


@dataclass
class Front:
    """Stands before a WSGI application.

    kept: returns the answer that the response cache has for a request, if any; called with True, the last good one,
        however old. It runs on the event loop.
    lanes: returns the lanes in which a request to a pool waits because of who sent it.
    is_right: says whether a key was right before.
    max_body: bytes of the largest body.
    one_writer: the database takes one push at a time.
    prefix: the path under which a portal shows the service; a proxy may leave it in the addresses that it passes on.
    at_start and at_stop run when serving begins, and when the last answer has been given.
    sending: by address, bytes of the answers in files that are being sent.
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
    sending: Counter[str] = field(default_factory=Counter)
    _being_answered: dict[tuple[Any, ...], "_Answered"] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        began = time.perf_counter()
        environ = environ_of(scope)
        if self.prefix and environ["PATH_INFO"].startswith(f"{self.prefix}/"):
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(self.prefix)
        environ["PATH_INFO"] = _BASE.sub(lambda base: re.sub("/+", "/", base[0]), environ["PATH_INFO"], 1)
        try:
            answer = await self._answer(scope, environ, receive)
        except ClientGone:
            return None
        except Refused as refused:
            return await _refuse(refused, environ, receive, send, began)
        if answer.size <= PIECE:
            return await send_answer(send, answer)
        asker = "".join(self.lanes(environ, "health"))
        if self._leaves_much_unread(asker, answer.size):
            discard(answer)
            return await _refuse(busy(_RETRY_PUSH_SECONDS), environ, receive, send, began)
        self.sending[asker] += answer.size
        try:
            return await send_answer(send, answer)
        finally:
            self.sending.subtract({asker: answer.size})
            self.sending = +self.sending

    def _leaves_much_unread(self, asker: str, more: int) -> bool:
        """Say whether answers have no room for so many bytes more, or their asker has a quarter of it already."""
        is_greedy = bool(asker) and self.sending[asker] + more > self.ceiling.most // 4
        return is_greedy or self.sending.total() + more > self.ceiling.most

    async def _answer(self, scope: Scope, environ: "WSGIEnvironment", receive: Receive) -> Answer:
        hosts = sum(name == b"host" for name, _ in scope["headers"])
        if hosts != 1 or not is_host(environ["HTTP_HOST"]):
            raise Refused(400, "Cần đúng một tiêu đề Host hợp lệ (exactly one valid Host header is needed)")
        if len(scope["raw_path"]) + len(scope["query_string"]) > _MAX_ADDRESS:
            raise Refused(414, "Địa chỉ tối đa 8 KB (the address is longer than 8 KB)")
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        has_body = environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ  # it may never end
        if path == "/healthz" and method in ("GET", "HEAD") and not has_body:
            return _at_once(method, path, _HEALTH_HEADERS, _HEALTH_BODY)
        if method == "GET" and not looks_at_key(path):
            environ.pop("HTTP_AUTHORIZATION", None)  # a public question: its answer is the same with any key
        route = route_of(method, path, environ["QUERY_STRING"], "HTTP_AUTHORIZATION" in environ)
        if is_shared(environ):
            try:
                return await self._shared(route, environ, receive)
            except Refused:  # no thread is free
                if (answer := self._repeated(environ, at_any_age=True)) is not None:
                    return answer
                raise
        return await self._alone(route, environ, receive)

    async def _shared(self, route: Route, environ: "WSGIEnvironment", receive: Receive) -> Answer:
        """Answer a public question from the cache; while it is being answered, equal ones wait without a thread.

        A question that queues behind others of its address is shared with that address only, as others need not wait.
        """
        if (answer := self._repeated(environ)) is not None:
            return answer
        pool, asker = self.pools[route.pool], self._lanes(route, environ)[:1]
        shared = cache_key(environ), asker if pool.lanes.is_taken(asker, places_of(pool, environ, True)) else ()
        if (answered := self._being_answered.get(shared)) is not None:
            answered.waiting += 1
            if answered.waiting > _MOST_WAITING:
                raise busy(_RETRY_SECONDS["reads"])
            await answered.wait()
            if answered.is_refused:
                raise busy(_RETRY_SECONDS["reads"])
            answer = self._repeated(environ)
            return answer if answer is not None else await self._alone(route, environ, receive)
        answered = self._being_answered[shared] = _Answered()
        try:
            return await self._alone(route, environ, receive)
        except Refused:
            answered.is_refused = True
            raise
        finally:
            del self._being_answered[shared]
            answered.set()

    def _repeated(self, environ: "WSGIEnvironment", at_any_age: bool = False) -> Answer | None:
        kept = self.kept(environ, at_any_age)
        return _at_once("GET", str(kept.replay_route), kept.encoded_headers, kept.body) if kept else None

    async def _alone(self, route: Route, environ: "WSGIEnvironment", receive: Receive) -> Answer:
        """Receive the body, then run the application in a thread of the request's pool."""
        announced = announced_size(environ)
        is_large = announced is None or announced > SMALL or "HTTP_CONTENT_ENCODING" in environ
        if route.pool == "lookups" and not route.needs_key and is_large:
            route = replace(route, pool="large")  # no look-up shall stand behind the reading of a large call
        with_key = looks_like_key(environ.get("HTTP_AUTHORIZATION", ""))
        if route.needs_key and not with_key:
            raise Refused(401, UNKNOWN_KEY if "HTTP_AUTHORIZATION" in environ else NO_KEY, dict(CHALLENGE))
        pool, lanes = self.pools[route.pool], self._lanes(route, environ)
        is_right = with_key and self.is_right(shown_key(environ["HTTP_AUTHORIZATION"]))
        is_known = is_right or not route.needs_key or route.pool in READING
        if pool.is_full(lanes, is_known):
            raise busy(_RETRY_SECONDS.get(route.pool, _RETRY_PUSH_SECONDS))
        body = Body(self.ceiling, is_right)
        try:
            await self._take(route, environ, body, receive, announced)
            turn = Turn(None if self.one_writer else _LOCK_SECONDS)
            if route.pool not in (*READING, "imports"):  # an import would read its file once more
                environ[TURN] = turn
            answer = await self._run(pool, environ, receive, lanes, is_known)
            if turn.is_awaited:
                discard(answer)
                answer = await self._run_in_turn(route, turn, environ, receive)
        except Exception as error:  # not when this task is cancelled: then a thread may still read the body
            body.close()
            if isinstance(error, PoolFull):
                raise busy(_RETRY_SECONDS.get(route.pool, _RETRY_PUSH_SECONDS)) from None
            raise
        body.close()
        return answer

    async def _run_in_turn(self, route: Route, turn: Turn, environ: "WSGIEnvironment", receive: Receive) -> Answer:
        """Run a call of a session once more, now that its right and its key are known: in the lanes of that key."""
        turn.is_given = True
        of_pushes: PoolName = "sessions" if route.pool == "lookups" else "pushes"
        pool = of_pushes if turn.right == "push" else route.pool
        return await self._run(self.pools[pool], environ, receive, self._lanes_of(turn.key_id, pool), True)

    async def _run(
        self, pool: Pool, environ: "WSGIEnvironment", receive: Receive, lanes: Names, is_known: bool
    ) -> Answer:
        """Run the application; a question that reads many rows ends when its asker has gone."""
        left, places, seconds = Event(), places_of(pool, environ, is_known), patience(pool, environ, lanes)
        if places == SHORT_PUSH and not self.one_writer:
            places = PLACES  # the order of one key's pushes, whatever they are, is that in which they came

        def answer() -> Answer:
            environ["wsgi.input"].seek(0)
            with asked_by(left):
                return respond(self.app, environ)

        def is_to_wait(made: Answer, seconds: float) -> bool:  # in its turn, so that no later push of its key passes it
            if is_again := TURN in environ and environ[TURN].begins_again(seconds):
                discard(made)
            return is_again

        leave = left.set if pool.name == "questions" else None
        return await pool.run(answer, lambda: _gone(receive), lanes, leave, places, is_known, seconds, is_to_wait)

    def _lanes(self, route: Route, environ: "WSGIEnvironment") -> Names:
        """Return the lanes of a request. Without a key they follow from its address (`lanes`), for a push from its key.

        Pushes of one key need one lock, so they share a lane; on SQLite all pushes do, but for imports, which read for
        long before they need it. Dry runs need no lock. A key that was never right may be made up, with the id of
        another: its pushes wait in the lane of their address.
        """
        asker = self.lanes(environ, route.pool)
        if route.pool in READING or not route.needs_key:
            return asker
        key = shown_key(environ["HTTP_AUTHORIZATION"])
        if not self.is_right(key):
            return asker or ("unknown",)
        return self._lanes_of(key_id_of(key), route.pool)

    def _lanes_of(self, key_id: str, pool: PoolName) -> Names:
        """Return the lanes of a key; batches wait for each other in one of their own, where single pushes pass them."""
        if not self.one_writer or pool not in ("pushes", "sessions", "singles"):
            return (key_id,)
        return (key_id, "all") if pool == "singles" else (key_id, "batches", "all")

    async def _take(
        self, route: Route, environ: "WSGIEnvironment", body: Body, receive: Receive, announced: int | None
    ) -> None:
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


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _at_once(method: str, route: str, headers: Headers, body: bytes) -> Answer:
    """Return an answer that needs no thread, and count it."""
    process_metrics.request_done(method, route, 200, 0.0)
    size = str(len(body)).encode()
    headers = [*headers, (b"content-length", size), (b"x-request-id", new_request_id().encode())]
    return Answer(200, headers, body, len(body))


async def _refuse(refused: Refused, environ: "WSGIEnvironment", receive: Receive, send: Send, began: float) -> None:
    method = environ["REQUEST_METHOD"]
    headers, body = rendered(refused, environ["PATH_INFO"], new_request_id())
    has_body = environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ
    asks_first = "HTTP_EXPECT" in environ  # such a client sends no body once it is refused
    await send_refusal(receive, send, refused.status, headers, body, rest=has_body and not asks_first)
    seconds = time.perf_counter() - began
    logs.request_done(method, _ROUTE, refused.status, seconds)
    process_metrics.request_done(method, _ROUTE, refused.status, seconds)
