"""Lanes: requests that need the same lock, or come from the same address, wait for their turn without a thread."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from time import monotonic
from typing import Any, NamedTuple

Gone = Callable[[], Coroutine[Any, Any, None]]
"""Returns when the client goes away."""
Names = tuple[str, ...]
"""The lanes of a request; without any, it waits for nobody."""

LONGEST_WAIT = 20.0
"""Seconds: a client waits for some thirty, so it is told while it still listens."""
PLACES = 16
"""The places of a lane. A push of one dossier takes one place, a long push all of them."""
SHORT_PUSH = PLACES // 2 + 1
"""The places that a short batch takes: pushes of one dossier may be inside beside it, another batch may not."""


class ClientGone(Exception):
    """The client went away while it waited for its turn."""


class PoolFull(Exception):
    """Every thread of the pool is busy and enough requests wait; or a turn did not come in time."""


class Waiting(NamedTuple):
    """A request that waits: if it has its turn (False: refused), its places, its pool, its lanes, since when."""

    let_in: asyncio.Future[bool]
    places: int
    pool: object
    lanes: Names
    since: float


_CREDIT = 0.01
"""Seconds of a thread that a second of waiting makes up for: less than the share of one of many who wait."""


class Usage:
    """Seconds for which requests of the same lanes lately had threads; what is ten seconds old counts half."""

    def __init__(self) -> None:
        self._seconds: dict[Names, float] = {}
        self._counted_at = monotonic()

    def add(self, lanes: Names, seconds: float) -> None:
        """Add what a request took; who has used next to nothing is forgotten."""
        share, self._counted_at = 0.5 ** ((monotonic() - self._counted_at) / 10), monotonic()
        self._seconds = {one: used * share for one, used in self._seconds.items() if used * share > 0.01}
        self._seconds[lanes] = self._seconds.get(lanes, 0.0) + seconds

    def rank(self, one: Waiting) -> float:
        """Return what the one with least has the next turn by; who has waited for long comes some time, too."""
        return self._seconds.get(one.lanes, 0.0) + one.since * _CREDIT


class Lane:
    """Turns; those given at one time take at most PLACES. used: they go to who used least, else to who came first."""

    def __init__(self, used: Usage | None = None) -> None:
        self.waiting: deque[Waiting] = deque()
        self.inside = 0
        self._used = used

    async def turn(
        self, places: int, gone: Gone, pool: object = None, lanes: Names = (), seconds: float = LONGEST_WAIT
    ) -> None:
        """Wait for a turn that takes so many places; ClientGone if `gone` comes first, PoolFull after these seconds."""
        if not self.waiting and self.inside + places <= PLACES:
            self.inside += places
            return
        mine = Waiting(asyncio.get_running_loop().create_future(), places, pool, lanes, monotonic())
        self.waiting.append(mine)
        try:
            async with asyncio.timeout(seconds):
                if not await comes(mine.let_in, gone):
                    raise ClientGone
        except TimeoutError:
            self._give_up(mine)
            raise PoolFull from None
        except BaseException:
            self._give_up(mine)
            raise
        if not mine.let_in.result():
            raise PoolFull

    def _give_up(self, mine: Waiting) -> None:
        if not mine.let_in.done():
            self.waiting.remove(mine)
            self.leave(0)
        elif mine.let_in.result():
            self.leave(mine.places)

    def leave(self, places: int) -> None:
        """End a turn that took so many places, and let in those for whom there is room now."""
        self.inside -= places
        while self.waiting:
            first = min(self.waiting, key=self._used.rank) if self._used else self.waiting[0]
            if self.inside + first.places > PLACES:
                break
            self.waiting.remove(first)
            self.inside += first.places
            first.let_in.set_result(True)

    def refuse(self, one: Waiting) -> None:
        """Refuse a request that waits, because another one needs its place in the pool."""
        self.waiting.remove(one)
        one.let_in.set_result(False)
        self.leave(0)


class Lanes:
    """The lanes that are in use, by name; pools may share them. used: see Lane."""

    def __init__(self, used: Usage | None = None) -> None:
        self._lanes: dict[str, Lane] = {}
        self.used = used

    def is_taken(self, names: Names, places: int) -> bool:
        """Say whether a request that takes so many places would have to wait in one of these lanes."""
        lanes = (self._lanes[name] for name in names if name in self._lanes)
        return any(lane.waiting or lane.inside + places > PLACES for lane in lanes)

    def waiting_in(self, pool: object) -> Iterator[tuple[Lane, Waiting]]:
        """Yield the requests of a pool that wait, each with its lane; of one lane the last comes first."""
        for lane in self._lanes.values():
            yield from ((lane, request) for request in reversed(lane.waiting) if request.pool is pool)

    async def turn(
        self, names: Names, places: int, gone: Gone, pool: object = None, seconds: float = LONGEST_WAIT
    ) -> None:
        """Wait for a turn in each lane in order; a request that waits in one has a turn in those before it."""
        for number, name in enumerate(names):
            try:
                await self._lanes.setdefault(name, Lane(self.used)).turn(places, gone, pool, names, seconds)
            except BaseException:
                self._tidy(name)
                self.leave(names[:number], places)
                raise

    def leave(self, names: Names, places: int) -> None:
        """End a turn in each of these lanes."""
        for name in names:
            self._lanes[name].leave(places)
            self._tidy(name)

    def _tidy(self, name: str) -> None:
        """Drop a lane that nobody uses; before a request that was refused comes here, another may have dropped it."""
        lane = self._lanes.get(name)
        if lane and not lane.inside and not lane.waiting:
            del self._lanes[name]


async def comes(awaited: "asyncio.Future[Any]", gone: Gone) -> bool:
    """Wait for a future or for the client to go away; say whether the future is done. It is never cancelled here."""
    leaving = asyncio.create_task(gone())
    try:
        both: set[asyncio.Future[Any]] = {awaited, leaving}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
    return awaited.done()
