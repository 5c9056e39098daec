"""Work that costs little more for many than for one: the first caller does it for all that wait with it."""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from queue import SimpleQueue
from threading import Lock
from time import monotonic, sleep
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_LEAD = object()
_PAUSE, _LONGEST_WAIT = 0.001, 0.02
"""In seconds."""


@dataclass(eq=False, slots=True)
class _Caller:
    """A caller that waits. Its inbox gets its outcome; before that _LEAD, if it is to do the work of a group."""

    name: Hashable
    item: Any
    came_at: float
    inbox: SimpleQueue[Any] = field(default_factory=SimpleQueue)


class JointWork(Generic[Item, Result]):
    """Lets one caller at a time work for a group: for all that wait under one key, in the order of `came_at`.

    No name is in a group twice: the second caller of a name, and all after it, wait for the next group. underway: says
    how many callers of a key wait here or are on their way.
    """

    def __init__(self) -> None:
        self.underway: Callable[[Any], int] = lambda _key: 0
        self._lock = Lock()
        self._waiting: dict[Hashable, deque[_Caller]] = {}

    def waiting(self) -> list[int]:
        """Return how many callers wait for the next group, for each key that is worked on."""
        with self._lock:
            return [len(callers) for callers in self._waiting.values()]

    def do(
        self,
        key: Hashable,
        name: Hashable,
        item: Item,
        work: Callable[[list[Item]], Sequence[Result | Exception]],
        came_at: float = 0.0,
    ) -> Result:
        """Return the outcome of an item, or raise its error. work: handles a group, an outcome for each item.

        When a group fails as a whole, each of its callers gets that error, and who waits behind them: it shall not
        pass them if they come again.
        """
        caller = _Caller(name, item, came_at)
        with self._lock:
            if key not in self._waiting:
                self._waiting[key] = deque()
                caller.inbox.put(_LEAD)
            self._waiting[key].append(caller)
        while (outcome := caller.inbox.get()) is _LEAD:
            self._lead(key, work)
        if isinstance(outcome, BaseException):
            raise outcome
        result: Result = outcome
        return result

    def _lead(self, key: Hashable, work: Callable[[list[Item]], Sequence[Result | Exception]]) -> None:
        group = self._next_group(key)
        outcomes: Sequence[Result | BaseException]
        try:
            outcomes = work([caller.item for caller in group])
        except BaseException as error:
            with self._lock:
                group += self._waiting[key]
                self._waiting[key].clear()
            outcomes = [error] * len(group)
        with self._lock:
            if self._waiting[key]:
                self._waiting[key][0].inbox.put(_LEAD)
            else:
                del self._waiting[key]
        for caller, outcome in zip(group, outcomes, strict=True):
            caller.inbox.put(outcome)

    def _next_group(self, key: Hashable) -> list[_Caller]:
        """Take the callers that wait; those that are on their way are waited for, at most _LONGEST_WAIT."""
        waiting, group = self._waiting[key], dict[Hashable, _Caller]()
        end = monotonic() + _LONGEST_WAIT
        while len(waiting) < self.underway(key) and monotonic() < end:
            sleep(_PAUSE)
        with self._lock:
            in_order = sorted(waiting, key=attrgetter("came_at"))
            waiting.clear()
            waiting.extend(in_order)
            while waiting and waiting[0].name not in group:
                caller = waiting.popleft()
                group[caller.name] = caller
        return list(group.values())
