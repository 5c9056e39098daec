"""HTTP/1.1 as uvicorn speaks it, with deadlines for clients that stop sending or do not read."""

import socket
import struct
import uuid
from asyncio import Transport
from asyncio.events import TimerHandle
from math import inf
from operator import attrgetter
from typing import Any

import orjson
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service.front.bodies import LEAST_IN_WINDOW

HEAD_SECONDS = 10.0
"""The headers of a request must have come by then: from the connection on, or from a further request's first byte."""
WRITE_SECONDS = 10.0
"""A connection is cut when its client has let the write buffer stand full for this long."""
KEEP_ALIVE_SECONDS = 20
"""How long a connection may be idle between two requests; a proxy in front must close it earlier (deploy/nginx)."""
MAX_HEAD = 64 * 1024
MAX_FIELDS = 100
"""Header fields of a request; thousands of short ones took thirty times their length in memory."""
MAX_CONNECTIONS = 4096
MAX_AHEAD = 4
"""How many requests of one connection, none with a body, may wait for the answers before them."""
MANY_CHUNKS = 100
"""So many in one reading cost as much time as much longer ones: all who send such shall have half of it together."""
_CHUNK_SECONDS, _LONGEST_REST = 4e-7, 5.0
_OF_BODY = (b"content-length", b"transfer-encoding")
TOO_LONG = "Tiêu đề quá dài (the headers are too long)"
_NO_LINGER = struct.pack("ii", 1, 0)


class GuardedProtocol(HttpToolsProtocol):
    """A connection that is closed when its client is silent in a request, or does not read its answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._parts: list[bytes] = []
        self.on_body = self._parts.append  # type: ignore[assignment,method-assign]  # chunks of 5 bytes at 5 MB/s stopped the loop
        super().__init__(*args, **kwargs)
        self._answered_now: Any = None  # the oldest of several cycles; uvicorn tells the newest that the client is gone
        self.awaits_head = True
        self.waits_since = self.loop.time()
        """Since when its client owes it something (the rest of a request, reading, a next request); inf: nothing."""
        self._head_ended = False
        self._head_bytes = self._field_bytes = self._fields = 0  # of one head: all of it, and its fields
        self._body_bytes = self._framing_bytes = self._recent_bytes = 0  # of one body; recent: since waits_since
        self._timers: dict[str, TimerHandle] = {}

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm("head", HEAD_SECONDS)
        if len(self.connections) > MAX_CONNECTIONS:
            oldest: Any = min(self._of_who_has_most(), key=attrgetter("waits_since"))
            oldest.waits_since = inf  # it is still counted for a moment, and shall not be chosen twice
            oldest.transport.abort()

    def _of_who_has_most(self) -> list[Any]:
        """Return the connections of the address that has most."""
        of_address: dict[str, list[Any]] = {}
        connection: Any
        for connection in self.connections:
            of_address.setdefault((connection.client or ("",))[0], []).append(connection)
        return max(of_address.values(), key=len)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in self._timers.values():
            timer.cancel()
        if self._answered_now is not None:
            self._answered_now.disconnected = True
            self._answered_now.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        awaited, self._head_ended = self.awaits_head, False
        if not awaited:
            self._framing_bytes += len(data)
        super().data_received(data)
        self._take_body()
        if self.transport.is_closing():
            return
        if self._framing_bytes > MAX_HEAD + self._body_bytes:
            self._stop_body(431, "Phần phụ của chunked quá dài (chunk extensions or trailers are too long)")
        if not self.awaits_head or self._head_ended or (self._is_answering() and not awaited):
            return  # with the end of a body nothing of a head begins
        if awaited:
            self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD:
            self._refuse(431, TOO_LONG)
        elif "head" not in self._timers:
            self._arm("head", HEAD_SECONDS)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._field_bytes += len(name) + len(value)
        self._fields += 1
        if self._fields > MAX_FIELDS:
            (self._refuse if self.awaits_head else self._stop_body)(431, TOO_LONG)
            raise ValueError("too many headers")
        if self.awaits_head:  # a trailer after a body is left out: it was not there when the request was checked
            super().on_header(name, value)

    def _take_body(self) -> None:
        """Take the chunks that the parser has found, together."""
        if not self._parts:
            return
        body, chunks = b"".join(self._parts), len(self._parts)
        self._parts.clear()
        self._body_bytes += len(body)
        self._recent_bytes += len(body)
        if self._recent_bytes >= LEAST_IN_WINDOW:  # fast enough: its client owes only what follows
            self.waits_since, self._recent_bytes = self.loop.time(), 0
        self._framing_bytes = max(self._framing_bytes - len(body), 0)
        super().on_body(body)
        if chunks > MANY_CHUNKS:
            self.flow.read_paused = False  # else uvicorn reads on as soon as the application has taken this
            self.transport.pause_reading()
            resting = 1 + sum("rest" in timers for timers in map(attrgetter("_timers"), self.connections))
            rest = min((chunks * _CHUNK_SECONDS + len(self.connections) * 1e-7) * resting, _LONGEST_REST)
            self._timers["rest"] = self.loop.call_later(rest, self._read_on)

    def _read_on(self) -> None:
        self._timers.pop("rest", None)
        if len(self.cycle.body) > HIGH_WATER_LIMIT and not self.cycle.response_complete:
            self.flow.read_paused = True  # uvicorn reads on when the application has taken this
        elif not (self.flow.read_paused or self.transport.is_closing()):
            self.transport.resume_reading()

    def on_headers_complete(self) -> None:
        is_ahead = self.cycle is not None and not self.cycle.response_complete
        has_body = any(name in _OF_BODY and value != b"0" for name, value in self.headers)
        if is_ahead and (has_body or len(self.pipeline) >= MAX_AHEAD or "rest" in self._timers):
            self._cut()
            raise ValueError("too much ahead of its answer")  # ends the parser
        if is_ahead and not self.pipeline:
            self._answered_now = self.cycle
        if self._field_bytes > MAX_HEAD:  # a head that came in one piece with other data is not in _head_bytes
            self._refuse(431, TOO_LONG)
            raise ValueError("headers too long")
        self.awaits_head, self._head_ended = False, True
        self._head_bytes = self._field_bytes = self._fields = 0
        self.waits_since = self.loop.time()
        self._disarm("head")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._take_body()
        self.awaits_head, self._body_bytes, self._framing_bytes, self._fields, self._field_bytes = True, 0, 0, 0, 0
        self.waits_since = inf
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._answered_now = self.pipeline[-1][0] if self.pipeline else None
        super().on_response_complete()
        if self.cycle.response_complete:
            self.waits_since = self.loop.time()
        if not self.cycle.keep_alive:
            self._arm("write", WRITE_SECONDS)  # uvicorn closes it when the client has read the rest

    def timeout_keep_alive_handler(self) -> None:
        if self.transport.get_write_buffer_size():
            self._cut()
        super().timeout_keep_alive_handler()

    def eof_received(self) -> None:
        """Tell a client that ended its side in the middle of a body."""
        if self.cycle is not None and not self.cycle.response_started and self.cycle.more_body:
            self._stop_body(400, "Nội dung bị cắt trước khi hết; không có gì được lưu (the body ended early)")

    def _stop_body(self, status: int, detail: str) -> None:
        """Refuse the rest of a body; the application sees that its client is gone."""
        if self.cycle.response_started:
            return self._cut()
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        return self._refuse(status, detail)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.waits_since = self.loop.time()
        self._arm("write", WRITE_SECONDS)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.waits_since = inf if self._is_answering() else self.loop.time()
        self._disarm("write")
        if self.transport.is_closing():
            self._arm("write", WRITE_SECONDS)  # the rest must be read, too

    def _is_answering(self) -> bool:
        """Say whether a request has come whole, and is not answered yet."""
        return self.cycle is not None and not (self.cycle.response_complete or self.cycle.more_body)

    def _arm(self, name: str, seconds: float) -> None:
        self._disarm(name)
        self._timers[name] = self.loop.call_later(seconds, self._late, name)

    def _disarm(self, name: str) -> None:
        if timer := self._timers.pop(name, None):
            timer.cancel()

    def _late(self, name: str) -> None:
        del self._timers[name]
        if name == "head" and self._is_answering():
            self._arm(name, HEAD_SECONDS)  # part of a next request is here; its client is still waiting for an answer
        else:
            self._cut()

    def _cut(self) -> None:
        """Close at once, and drop what the kernel still holds for this client."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    def _unsupported_upgrade_warning(self) -> None:
        """Answer as HTTP/1.1, as the standard asks of a server that supports no upgrade; then close."""
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            self._refuse(400, f"Yêu cầu HTTP không hợp lệ (malformed request): {msg}")

    def _refuse(self, status: int, detail: str) -> None:
        body = orjson.dumps({"type": "about:blank", "title": "HTTP", "status": status, "detail": detail})
        headers = (
            f"content-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
            f"x-request-id: {uuid.uuid4().hex}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(STATUS_LINE[status] + headers.encode() + body)
        self.transport.close()
        self._arm("write", WRITE_SECONDS)
