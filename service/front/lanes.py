"""Turns for requests that would otherwise hold threads while they wait for one lock, that of a source."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

Gone = Callable[[], Coroutine[Any, Any, None]]
"""Returns when the client goes away."""

LONGEST_WAIT = 20.0
"""Seconds: a client waits for some thirty, so it is told while it still listens."""


class ClientGone(Exception):
    """The client went away while it waited for its turn."""


class PoolFull(Exception):
    """Every thread of the pool is busy and all places to wait are taken; or a turn did not come in time."""


class Lane:
    """Turns in the order of arrival: for one request at a time, or for several that are worked on together."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[asyncio.Future[None], int]] = deque()
        self.inside = 0
        self._at_once = 0

    async def turn(self, at_once: int, gone: Gone) -> None:
        """Wait for a turn, which at most so many may share; ClientGone or PoolFull when none comes in time."""
        if not self.waiting and self._has_place(at_once):
            return self._enter(at_once)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((mine, at_once))
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                came = await comes(mine, gone)
            if not came:
                raise ClientGone
        except TimeoutError:
            self._give_up(mine, at_once)
            raise PoolFull from None
        except BaseException:
            self._give_up(mine, at_once)
            raise

    def _give_up(self, mine: asyncio.Future[None], at_once: int) -> None:
        if mine.done():
            self.inside -= 1
        else:
            self.waiting.remove((mine, at_once))
        self._let_in()

    def leave(self) -> None:
        """End a turn."""
        self.inside -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self.waiting and self._has_place(self.waiting[0][1]):
            turn, at_once = self.waiting.popleft()
            self._enter(at_once)
            turn.set_result(None)

    def _has_place(self, at_once: int) -> bool:
        return not self.inside or self.inside < min(at_once, self._at_once)

    def _enter(self, at_once: int) -> None:
        self.inside, self._at_once = self.inside + 1, at_once


class Lanes:
    """The lanes that are in use, by name; pools may share them."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}

    def waiting(self, name: str | None) -> int:
        """Return how many wait in a lane."""
        return len(self._lanes[name].waiting) if name in self._lanes else 0

    async def turn(self, name: str | None, at_once: int, gone: Gone) -> None:
        """Wait for a turn in a lane; a request without a lane has its turn at once."""
        if name is None:
            return
        try:
            await self._lanes.setdefault(name, Lane()).turn(at_once, gone)
        except BaseException:
            self._tidy(name)
            raise

    def leave(self, name: str | None) -> None:
        """End a turn."""
        if name is not None:
            self._lanes[name].leave()
            self._tidy(name)

    def _tidy(self, name: str) -> None:
        lane = self._lanes[name]
        if not lane.inside and not lane.waiting:
            del self._lanes[name]


async def comes(awaited: "asyncio.Future[Any]", gone: Gone) -> bool:
    """Say whether the awaited thing came before the client went away; it is not cancelled."""
    leaving = asyncio.create_task(gone())
    try:
        both: set[asyncio.Future[Any]] = {awaited, leaving}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
    return awaited.done()
