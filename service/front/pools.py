"""Threads in bounded pools: a full pool refuses at once, and a request whose client hung up does not get a thread."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future as Running
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from service.front.lanes import (
    LONGEST_WAIT,
    PLACES,
    SHORT_PUSH,
    ClientGone,
    Gone,
    Lane,
    Lanes,
    Names,
    PoolFull,
    Usage,
    Waiting,
    comes,
)
from service.front.routes import READING, PoolName
from service.telemetry import process_metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Result = TypeVar("Result")
_IsToWait = Callable[[Any, float], bool]
_SHORT = 256 * 1024  # bytes: a batch of this size holds its source's lock only for a moment
_SHORT_WAIT = 1.0  # seconds for a thread; then the last good answer is given


class Pool:
    """A bounded number of threads, and of requests that wait for one.

    A request first waits for its turn in its lanes (lanes.py), so that one lane never holds all threads. The first lane
    says who asks. When no more requests may wait, the asker with most requests here makes way for others.
    """

    def __init__(self, name: str, threads: int, waiting: int, lanes: Lanes | None = None) -> None:
        self.name = name
        self.threads = threads
        self.inside = 0
        self._inside_of = Counter[str]()
        self._waiting = waiting
        self.lanes = lanes or Lanes(Usage())
        process_metrics.FRONT_REQUESTS.labels(name).set_function(lambda: self.inside)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"tthc-{name}")

    def inside_of(self, lane: str) -> int:
        """Return how many requests of one first lane have a thread or wait for one."""
        return self._inside_of[lane]

    def is_full(self, lanes: Names = (), is_known: bool = True) -> bool:
        """Say whether no further request of these lanes may wait, not even in the place of another asker's.

        is_known: else it shows no right key, and may wait in the first half of the places only.
        """
        return self._has_no_place(is_known) and self._makes_way(lanes) is None

    def _has_no_place(self, is_known: bool) -> bool:
        return self.inside >= self.threads + (self._waiting if is_known else self._waiting // 2)

    def _makes_way(self, lanes: Names) -> tuple[Lane, Waiting] | None:
        """Return a waiting request of the asker with most requests here, if that asker has two more than this one."""
        waiting = self.lanes.waiting_in(self)
        last = max(waiting, key=lambda entry: self._inside_of[entry[1].lanes[0]], default=None)
        mine = self._inside_of[lanes[0]] if lanes else 0
        return last if last and self._inside_of[last[1].lanes[0]] > mine + 1 else None

    async def run(
        self,
        work: Callable[[], Result],
        gone: Gone,
        lanes: Names = (),
        leave: Callable[[], None] | None = None,
        places: int = PLACES,
        is_known: bool = True,
        seconds: float = LONGEST_WAIT,
        is_to_wait: _IsToWait = lambda *_: False,
    ) -> Result:
        """Run work in a thread. PoolFull if none is free in time or no more may wait; ClientGone if `gone` comes first.

        leave: is called when `gone` comes while the work is done. places: that the request takes of its lanes. seconds:
        how long it waits for its turn, and again for a thread. is_to_wait: says of a result that it is none; then
        the work is done again in the same turn, by the next thread for which nobody else waits.
        """
        waits = self.inside >= self.threads
        if self._has_no_place(is_known):
            if (last := self._makes_way(lanes)) is None:
                raise PoolFull
            last[0].refuse(last[1])
        self._count(lanes, 1)
        try:
            await self.lanes.turn(lanes, places, gone, self, seconds)
        except BaseException:
            self._count(lanes, -1)
            raise
        running, done = self._start(work, lanes, places, is_to_wait)
        given_up = await _given_up(done, gone, seconds if waits else None) if waits or leave else None
        if given_up and running.cancel():
            self._leave(lanes, places)
            raise given_up
        if given_up is ClientGone and leave:
            leave()
        return await done

    def _start(
        self, work: Callable[[], Result], lanes: Names, places: int, is_to_wait: _IsToWait, again: Any = None
    ) -> tuple[Running[None], asyncio.Future[Result]]:
        """Start work in a thread; it wakes the event loop once, to end the turn and to pass on the outcome.

        again: the outcome of work that is done once more.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = again or loop.create_future()

        def end(tell: Callable[[Any], None], outcome: Any, seconds: float) -> None:
            if self.lanes.used:
                self.lanes.used.add(lanes, seconds)
            if tell == done.set_result and not done.done() and is_to_wait(outcome, seconds):
                running, _ = self._start(work, lanes, places, is_to_wait, done)
                loop.call_later(LONGEST_WAIT, self._give_up, running, done, lanes, places)
                return
            self._leave(lanes, places)
            if not done.done():
                tell(outcome)

        def task() -> None:
            began = monotonic()
            try:
                outcome: tuple[Callable[[Any], None], Any] = done.set_result, work()
            except BaseException as error:
                outcome = done.set_exception, error
            loop.call_soon_threadsafe(end, *outcome, monotonic() - began)

        return self._executor.submit(task), done

    def _give_up(self, running: Running[None], done: asyncio.Future[Any], lanes: Names, places: int) -> None:
        if running.cancel():
            self._leave(lanes, places)
            done.set_exception(PoolFull())

    def _leave(self, lanes: Names, places: int) -> None:
        self._count(lanes, -1)
        self.lanes.leave(lanes, places)

    def _count(self, lanes: Names, more: int) -> None:
        self.inside += more
        for lane in lanes[:1]:
            self._inside_of[lane] += more
            if not self._inside_of[lane]:
                del self._inside_of[lane]

    def close(self) -> None:
        """Wait for what is running."""
        self._executor.shutdown(wait=True)


async def _given_up(done: "asyncio.Future[Any]", gone: Gone, seconds: float | None) -> type[Exception] | None:
    """Wait for an outcome; return None when it came, else the error by which waiting ends."""
    try:
        async with asyncio.timeout(seconds):
            return None if await comes(done, gone) else ClientGone
    except TimeoutError:
        return PoolFull


def default_pools(reading_threads: int) -> dict[PoolName, Pool]:
    """Return the pools: a full one keeps no other waiting. Imports are apart, as they read long before they file.

    No call in `lookups` or `large` waits for a lock: a push through a session is run in `sessions`, in its key's turn.
    """
    lanes = Lanes()  # of pushes: in the order of arrival, as a long one needs all places of a lane
    return {
        "health": Pool("health", 2, 64),
        "reads": Pool("reads", reading_threads, 128),
        "questions": Pool("questions", 2, 64),
        "logins": Pool("logins", 2, 64),
        "lookups": Pool("lookups", 3, 64),
        "large": Pool("large", 2, 64),
        "sessions": Pool("sessions", 5, 64, lanes),
        "pushes": Pool("pushes", 2, 32, lanes),
        "imports": Pool("imports", 2, 16, lanes),
        "dry_runs": Pool("dry_runs", 2, 8),
        "singles": Pool("singles", PLACES + 2, 64, lanes),
    }


def places_of(pool: Pool, environ: "WSGIEnvironment", is_known: bool) -> int:
    """Return how many places of its lanes a request takes."""
    if pool.name == "singles" and is_known:  # they are let in together, to share a transaction
        return 1
    if pool.name == "large":
        return PLACES // pool.threads
    if pool.name in READING:  # so those of one lane hold at most half of the threads
        return max(PLACES // max(pool.threads // 2, 1), 1)
    return SHORT_PUSH if int(environ.get("CONTENT_LENGTH") or 0) <= _SHORT else PLACES


def is_shared(environ: "WSGIEnvironment") -> bool:
    """Say whether equal questions share an answer; not with a body: those that ask the same would wait for it."""
    special = {"HTTP_AUTHORIZATION", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"}
    return environ["REQUEST_METHOD"] == "GET" and not special & environ.keys()


def patience(pool: Pool, environ: "WSGIEnvironment", lanes: Names) -> float:
    """Return the seconds for which a request waits: few for a question that has a last good answer to be given."""
    is_question = pool.name in ("reads", "questions") and not environ["PATH_INFO"].startswith("/static/")
    return _SHORT_WAIT if is_question and is_shared(environ) and not {"new", "aged"} & {*lanes} else LONGEST_WAIT
