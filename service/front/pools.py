"""Threads in bounded pools: who finds one full is told at once, and who has gone is not worked for."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from service.telemetry import process_metrics

Result = TypeVar("Result")
Gone = Callable[[], Coroutine[Any, Any, None]]
"""Returns when the client goes away."""
_LEFT_FOR_OTHERS = 2


class PoolFull(Exception):
    """Every thread of the pool is taken, and enough others wait."""


class ClientGone(Exception):
    """The client went away while it waited for its turn."""


class Pool:
    """So many threads, and so many requests that wait for one.

    Requests of one lane would wait for each other inside (for a source's lock): they are run one
    after another, so that they hold one thread; nor do they take the last two places of the queue.
    """

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self.name = name
        self.threads = threads
        self.inside = 0
        self._waiting = waiting
        self._lanes: dict[str, deque[asyncio.Future[None]]] = {}
        self._gauge = process_metrics.FRONT_REQUESTS.labels(name)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"tthc-{name}")

    def is_full(self, lane: str | None = None) -> bool:
        """Say whether nobody else (of this lane) may wait."""
        in_lane = len(self._lanes[lane]) if lane in self._lanes else 0
        return self.inside >= self.threads + self._waiting or in_lane >= max(self._waiting - _LEFT_FOR_OTHERS, 1)

    async def run(self, work: Callable[[], Result], gone: Gone, lane: str | None = None) -> Result:
        """Run work in a thread. PoolFull at once when nobody may wait; ClientGone when `gone` comes before a thread."""
        if self.is_full(lane):
            raise PoolFull
        waits = self.inside >= self.threads
        self._move(1)
        try:
            await self._turn(lane, gone)
        except BaseException:
            self._move(-1)
            raise
        loop = asyncio.get_running_loop()
        running = self._executor.submit(work)
        running.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave, lane))
        done = asyncio.wrap_future(running)
        if waits and not await _comes(done, gone) and running.cancel():
            raise ClientGone
        return await done

    async def _turn(self, lane: str | None, gone: Gone) -> None:
        """Wait until nobody of this lane is running."""
        if lane is None:
            return
        if lane not in self._lanes:
            self._lanes[lane] = deque()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lanes[lane].append(turn)
        try:
            if not await _comes(turn, gone):
                raise ClientGone
        except BaseException:
            if turn.done():
                self._next(lane)
            else:
                self._lanes[lane].remove(turn)
            raise

    def _leave(self, lane: str | None) -> None:
        self._move(-1)
        if lane is not None:
            self._next(lane)

    def _next(self, lane: str) -> None:
        if self._lanes[lane]:
            self._lanes[lane].popleft().set_result(None)
        else:
            del self._lanes[lane]

    def _move(self, by: int) -> None:
        self.inside += by
        self._gauge.set(self.inside)

    def close(self) -> None:
        """Wait for what is running."""
        self._executor.shutdown(wait=True)


async def _comes(awaited: "asyncio.Future[Any]", gone: Gone) -> bool:
    """Say whether something came before the client went away; what was awaited is left as it is."""
    leaving = asyncio.create_task(gone())
    try:
        both: set[asyncio.Future[Any]] = {awaited, leaving}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
    return awaited.done()
