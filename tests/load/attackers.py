"""Clients that want to hold the door: a process of their own, so that they cost the measurement little."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from tests.support.raw_http import head

_PUSH = "/api/v1/dossiers/batch"
_BODY = ("Content-Length: 900000", "Content-Type: application/x-ndjson")


def _openings(key: str, number: int) -> bytes:
    """Return what a silent client sends before it falls silent."""
    with_key = f"Authorization: Bearer {key}"
    return (
        b"",
        head("POST", _PUSH, with_key, *_BODY) + b'{"code":',
        head("POST", "/national/service", *_BODY) + b"{",
        head("POST", _PUSH, with_key, *_BODY),
        b"GET /healthz HTTP/1.1\r\nHost: a.vn\r\nX-",
    )[number % 5]


async def _hold(port: int, opening: bytes, trickle: bool, still: Any, until: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with still.get_lock():
        still.value += 1
    try:
        writer.write(opening)
        ended = asyncio.create_task(reader.read())
        while not ended.done() and time.time() < until:
            if trickle:
                writer.write(b" ")
            await asyncio.wait({ended}, timeout=0.5)
        ended.cancel()
    except OSError:
        pass
    finally:
        with still.get_lock():
            still.value -= 1
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _attack(port: int, key: str, silent: int, trickling: int, still: Any, seconds: float) -> None:
    async def everybody() -> None:
        until = time.time() + seconds
        holds = [_hold(port, _openings(key, number), False, still, until) for number in range(silent)]
        for number in range(trickling):
            with_key = (f"Authorization: Bearer {key}",) if number % 2 else ()
            path = _PUSH if number % 2 else "/national/service"
            holds.append(_hold(port, head("POST", path, *with_key, *_BODY), True, still, until))
        await asyncio.gather(*holds, return_exceptions=True)

    asyncio.run(everybody())


@contextmanager
def attackers(
    port: int, key: str, silent: int = 500, trickling: int = 100, seconds: float = 40
) -> Iterator["Synchronized[int]"]:
    """Hold connections open, half of them with a valid key; yield how many are open now."""
    context = multiprocessing.get_context("spawn")
    still: Synchronized[int] = context.Value("i", 0)
    process = context.Process(target=_attack, args=(port, key, silent, trickling, still, seconds))
    process.start()
    try:
        yield still
    finally:
        process.kill()
        process.join(10)
