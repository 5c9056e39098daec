"""More connections than the service holds: whose client has owed something longest is closed, not the newcomer."""

import asyncio
from typing import Any
from unittest.mock import Mock

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from service.front import protocol
from service.front.protocol import GuardedProtocol
from tests.front.harness import run
from tests.support.raw_http import head

POST = head("POST", "/national/login", "Content-Length: 900") + b"{"
GET = head("GET", "/slow")
KEPT = head("GET", "/quick")


async def _application(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/slow":
        await asyncio.sleep(1)
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def _answered(sent: list[bytes]) -> list[bool]:
    """Send each on a connection of its own, the next one a moment later; say which of them were answered."""
    config, state = uvicorn.Config(_application, http=GuardedProtocol, lifespan="off", log_config=None), ServerState()
    make = lambda: GuardedProtocol(config=config, server_state=state, app_state={})  # noqa: E731
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    streams = []
    for one in sent:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        writer.write(one)
        streams.append((reader, writer))
        await asyncio.sleep(0.05)
    answers = []
    for reader, writer in streams:
        try:
            answers.append((await asyncio.wait_for(reader.read(20), 2)).startswith(b"HTTP/1.1 200"))
        except (OSError, TimeoutError):
            answers.append(False)
        writer.close()
    server.close()
    return answers


def test_chunks_that_come_together_are_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty connections with chunks of 5 bytes, 5 MB/s in all, kept everybody waiting for 1.8 s."""
    taken: list[bytes] = []
    monkeypatch.setattr(HttpToolsProtocol, "on_body", lambda _, body: taken.append(body))

    async def scene() -> None:
        config, state = uvicorn.Config(_application, http=GuardedProtocol, lifespan="off"), ServerState()
        connection = GuardedProtocol(config=config, server_state=state, app_state={})
        connection.connection_made(Unread())
        connection.data_received(head("POST", "/national/service", "Transfer-Encoding: chunked"))
        connection.data_received(b"5\r\nabcde\r\n" * 20_000)
        connection.data_received(b"2\r\nfg\r\n0\r\n\r\n" + head("GET", "/x"))
        connection.connection_lost(None)

    run(scene())
    assert taken == [b"abcde" * 20_000, b"fg"]


@pytest.mark.parametrize("ahead", [GET, POST], ids=["none with a body", "one with a body"])
def test_who_sends_ahead_and_goes_away_leaves_nothing_at_work(ahead: bytes) -> None:
    """The first of several requests was told of no disconnection: 500 connections with bodies behind took 0.7 GB."""
    gone: list[str] = []

    async def application(scope: Any, receive: Any, _send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.append(scope["path"])

    async def scene() -> None:
        config, state = (
            uvicorn.Config(application, http=GuardedProtocol, lifespan="off", log_config=None),
            ServerState(),
        )
        make = lambda: GuardedProtocol(config=config, server_state=state, app_state={})  # noqa: E731
        server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        writer.write(GET + ahead + KEPT)
        await asyncio.sleep(0.1)
        writer.close()
        await asyncio.sleep(0.1)
        server.close()

    run(scene())
    assert gone == ["/slow"]


def test_an_upload_that_goes_on_owes_nothing_up_to_here() -> None:
    """Idle connections that were made anew every nine seconds cut every upload that took longer."""

    async def scene() -> tuple[bool, bool]:
        config, state = uvicorn.Config(_application, http=GuardedProtocol, lifespan="off"), ServerState()
        connection = GuardedProtocol(config=config, server_state=state, app_state={})
        connection.connection_made(Unread())
        connection.data_received(head("POST", "/api/v1/dossiers/batch", "Content-Length: 900000"))
        moments = [connection.waits_since]
        for size in (1000, 100_000):
            await asyncio.sleep(0.01)
            connection.data_received(b"x" * size)
            moments.append(connection.waits_since)
        connection.connection_lost(None)
        return moments[0] == moments[1], moments[1] < moments[2]

    assert run(scene()) == (True, True)


class Unread(asyncio.Transport):
    """A transport that takes everything and says nothing."""

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None: ...
    def write(self, data: Any) -> None: ...
    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        pytest.param([POST, POST, POST, GET], [False, False, False, True], id="bodies that do not come"),
        pytest.param([GET, POST, POST, GET, GET], [True, False, False, True, True], id="what is being answered stays"),
        pytest.param([GET[:9], GET, GET, GET], [False, True, True, True], id="a head that does not come"),
        pytest.param([KEPT, GET, POST, POST, GET], [True, True, False, False, True], id="after an answer"),
        pytest.param([GET, GET, GET, GET], [True, True, True, False], id="none owes anything"),
    ],
)
def test_the_newcomer_stays(monkeypatch: pytest.MonkeyPatch, sent: list[bytes], answered: list[bool]) -> None:
    monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 3)
    assert run(_answered(sent)) == answered


class Transport(asyncio.Transport):
    """A transport that goes nowhere; `cut` says whether its connection was cut."""

    def __init__(self, *, closing: bool = False) -> None:
        super().__init__()
        self.cut = False
        self._closing = closing

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return Mock() if name == "socket" else default

    def is_closing(self) -> bool:
        return self._closing

    def abort(self) -> None:
        self.cut = True


def _connection(transport: Transport, config: uvicorn.Config, state: ServerState) -> GuardedProtocol:
    protocol = GuardedProtocol(config=config, server_state=state, app_state={})
    protocol.connection_made(transport)
    return protocol


def test_the_address_with_most_connections_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four thousand of one address that waited for an answer cut the idle ones of everybody else."""
    monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 3)

    async def scene() -> list[str]:
        config, state = uvicorn.Config(_application, http=GuardedProtocol, lifespan="off"), ServerState()
        cut: list[str] = []

        class Peer(Unread):
            def __init__(self, address: str) -> None:
                super().__init__({"peername": (address, 1)})

            def abort(self) -> None:
                cut.append(self.get_extra_info("peername")[0])

        for address in ("8.8.8.8", "9.9.9.9", "9.9.9.9", "7.7.7.7"):
            GuardedProtocol(config=config, server_state=state, app_state={}).connection_made(Peer(address))
        return cut

    assert run(scene()) == ["9.9.9.9"]


def test_two_that_come_at_once_take_two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that was closed a moment ago is not closed a second time, in place of another."""
    monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 2)

    async def scene() -> int:
        config = uvicorn.Config(_application, http=GuardedProtocol, lifespan="off", log_config=None)
        state, transports = ServerState(), [Transport() for _ in range(4)]
        for transport in transports:
            _connection(transport, config, state)
        return sum(transport.cut for transport in transports)

    assert run(scene()) == 2


def test_who_has_read_what_was_written_owes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 2)

    async def scene() -> list[bool]:
        config = uvicorn.Config(_application, http=GuardedProtocol, lifespan="off", log_config=None)
        state, transports = ServerState(), [Transport() for _ in range(3)]
        reader = _connection(transports[0], config, state)
        reader.data_received(GET)
        reader.pause_writing()
        reader.resume_writing()
        _connection(transports[1], config, state).data_received(POST)
        _connection(transports[2], config, state)
        return [transport.cut for transport in transports]

    assert run(scene()) == [False, True, False]


@pytest.mark.parametrize("closing", [True, False])
def test_a_last_answer_that_is_read_in_part_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, closing: bool) -> None:
    """The write buffer is no longer full then, but a connection that closes waits until it is empty."""
    monkeypatch.setattr(protocol, "WRITE_SECONDS", 0.01)

    async def scene() -> bool:
        config = uvicorn.Config(_application, http=GuardedProtocol, lifespan="off", log_config=None)
        transport = Transport(closing=closing)
        reader = _connection(transport, config, ServerState())
        reader.pause_writing()
        reader.resume_writing()
        await asyncio.sleep(0.1)
        return transport.cut

    assert run(scene()) is closing


@pytest.mark.parametrize(("path", "is_timed"), [("/quick", False), ("/early", True)])
def test_a_body_in_a_packet_of_its_own_begins_no_next_head(path: str, is_timed: bool) -> None:
    """It armed the time for a head, and ten seconds later a client that was reading its answer was cut.

    After an answer that came before the body nothing else would ever cut the connection.
    """

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] != "/early":
            while (await receive()).get("more_body"):
                pass
            await asyncio.sleep(1)
        await _application(scope | {"path": ""}, _nothing, send)

    async def scene() -> bool:
        config, state = uvicorn.Config(application, http=GuardedProtocol, lifespan="off"), ServerState()
        connection = GuardedProtocol(config=config, server_state=state, app_state={})
        connection.connection_made(Unread())
        connection.data_received(head("POST", path, "Content-Length: 4"))
        await asyncio.sleep(0.05)
        connection.data_received(b"{}  ")
        await asyncio.sleep(0.05)
        is_armed = "head" in connection._timers
        connection.connection_lost(None)
        return is_armed

    assert run(scene()) is is_timed


async def _nothing() -> dict[str, Any]:
    return {}


def test_a_connection_of_very_many_chunks_is_read_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """500 connections with chunks of 5 bytes, 46 MB/s in all, kept everybody waiting for 45 s."""
    monkeypatch.setattr(protocol, "_CHUNK_SECONDS", 1e-4)

    async def scene(chunks: int) -> list[str]:
        config, state = uvicorn.Config(_application, http=GuardedProtocol, lifespan="off"), ServerState()
        connection, transport = GuardedProtocol(config=config, server_state=state, app_state={}), Mock(wraps=Unread())
        connection.connection_made(transport)
        connection.data_received(head("POST", "/national/service", "Transfer-Encoding: chunked"))
        connection.data_received(b"1\r\na\r\n" * chunks)
        at_once = [name for name, *_ in transport.method_calls if "reading" in name]
        await asyncio.sleep(0.3)
        later = [name for name, *_ in transport.method_calls if "reading" in name]
        connection.connection_lost(None)
        return [*at_once, "", *later[len(at_once) :]]

    assert run(scene(protocol.MANY_CHUNKS)) == [""]
    assert run(scene(protocol.MANY_CHUNKS + 1)) == ["pause_reading", "", "resume_reading"]


def test_trailers_are_counted_like_headers() -> None:
    """Each is a call: 500 connections with trailers of 5 bytes, 50 MB/s in all, kept everybody waiting for 11 s."""
    body = head("POST", "/quick", "Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\n"
    most, more = (body + b"a:b\r\n" * trailers + b"\r\n" for trailers in (100, 101))
    assert run(_answered([most, more])) == [True, False]
