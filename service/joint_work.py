"""Callers that wait for the same thing at the same time: the first does the work of all, each gets its own answer."""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock
from time import monotonic, sleep
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_LEAD = object()
_MOMENT, _LONGEST_WAIT = 0.001, 0.02


@dataclass(eq=False, slots=True)
class _Caller:
    """A waiting caller. `said` brings its outcome, or before that _LEAD: it is to work for all that wait."""

    name: Hashable
    item: Any
    said: SimpleQueue[Any] = field(default_factory=SimpleQueue)


class JointWork(Generic[Item, Result]):
    """Lets one caller at a time do the work of all that wait under its key.

    Callers are taken in the order in which they came. A caller whose name is in a group already, and all after it,
    come in the next group. underway: says how many wait under a key or will soon.
    """

    def __init__(self) -> None:
        self.underway: Callable[[Any], int] = lambda _key: 0
        self._lock = Lock()
        self._waiting: dict[Hashable, deque[_Caller]] = {}

    def waiting(self) -> list[int]:
        """Return, for each key at work, how many wait for the next turn."""
        with self._lock:
            return [len(callers) for callers in self._waiting.values()]

    def do(
        self, key: Hashable, name: Hashable, item: Item, work: Callable[[list[Item]], Sequence[Result | Exception]]
    ) -> Result:
        """Return the outcome of an item, or raise its error. work: handles a group, an outcome for each item.

        When a group fails as a whole, every caller of it gets that error.
        """
        mine = _Caller(name, item)
        with self._lock:
            if key not in self._waiting:
                self._waiting[key] = deque()
                mine.said.put(_LEAD)
            self._waiting[key].append(mine)
        outcome = mine.said.get()
        if outcome is _LEAD:
            self._lead(key, work)
            outcome = mine.said.get()
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
            outcomes = [error] * len(group)
        with self._lock:
            if self._waiting[key]:
                self._waiting[key][0].said.put(_LEAD)
            else:
                del self._waiting[key]
        for caller, outcome in zip(group, outcomes, strict=True):
            caller.said.put(outcome)

    def _next_group(self, key: Hashable) -> list[_Caller]:
        """Take those that wait, once all have come that are on their way: a group costs little more than one item."""
        waiting, group = self._waiting[key], dict[Hashable, _Caller]()
        end = monotonic() + _LONGEST_WAIT
        while len(waiting) < self.underway(key) and monotonic() < end:
            sleep(_MOMENT)
        with self._lock:
            while waiting and waiting[0].name not in group:
                caller = waiting.popleft()
                group[caller.name] = caller
        return list(group.values())
