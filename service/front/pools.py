"""Threads in bounded pools: who finds one full is told at once, and who has gone is not worked for."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from service.telemetry import process_metrics

Result = TypeVar("Result")


class PoolFull(Exception):
    """Every thread of the pool is taken, and enough others wait."""


class ClientGone(Exception):
    """The client went away while it waited for a thread."""


class Pool:
    """So many threads, and so many requests that wait for one."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        """Start no thread yet."""
        self.name = name
        self.threads = threads
        self.inside = 0
        self._most = threads + waiting
        self._gauge = process_metrics.FRONT_REQUESTS.labels(name)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"tthc-{name}")

    @property
    def is_full(self) -> bool:
        """Say whether nobody else may wait."""
        return self.inside >= self._most

    async def run(self, work: Callable[[], Result], gone: Callable[[], Coroutine[Any, Any, None]]) -> Result:
        """Run work in a thread. PoolFull at once when nobody may wait; ClientGone when `gone` comes before a thread."""
        if self.is_full:
            raise PoolFull
        waits = self.inside >= self.threads
        self._move(1)
        loop = asyncio.get_running_loop()
        running = self._executor.submit(work)
        running.add_done_callback(lambda _: loop.call_soon_threadsafe(self._move, -1))
        done = asyncio.wrap_future(running)
        if waits:
            await _while_there(running, done, gone)
        return await done

    def _move(self, by: int) -> None:
        self.inside += by
        self._gauge.set(self.inside)

    def close(self) -> None:
        """Wait for what is running."""
        self._executor.shutdown(wait=True)


async def _while_there(
    running: "Future[Result]", done: "asyncio.Future[Result]", gone: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    """Wait until the work is done, or the client has gone before it was begun."""
    leaving = asyncio.create_task(gone())
    try:
        both: set[asyncio.Future[Any]] = {done, leaving}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not leaving.cancel() and not done.done() and running.cancel():
            raise ClientGone
