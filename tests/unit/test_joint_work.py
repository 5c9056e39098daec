"""The first caller works for all who wait: in the order in which they came, each with an answer of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from service import joint_work
from service.joint_work import JointWork
from tests.ops.processes import until

Work = Callable[[list[str]], Sequence[str | Exception]]


class Callers:
    """Callers that come one after another while the work of the first is held up."""

    def __init__(self, work: Work) -> None:
        self.groups: list[list[str]] = []
        self._joint: JointWork[str, str] = JointWork()
        self._work, self._go_on = work, Event()

    def _held(self, group: list[str]) -> Sequence[str | Exception]:
        self.groups.append(group)
        self._go_on.wait(60)
        return self._work(group)

    def call(self, *names: str, came_at: Sequence[float] = ()) -> list[Future[str]]:
        """Let the first work alone, and then the others come; return what becomes of all. came_at: 0 unless given."""
        with ThreadPoolExecutor(len(names)) as threads:
            told = [threads.submit(self._joint.do, "key", names[0][0], names[0], self._held)]
            until(lambda: self.groups)
            for number, name in enumerate(names[1:], 1):
                moment = came_at[number] if came_at else 0.0
                told.append(threads.submit(self._joint.do, "key", name[0], name, self._held, moment))
                until(lambda wanted=number: self._joint.waiting() == [wanted])  # type: ignore[misc]
            self._go_on.set()
        return told


def upper(group: list[str]) -> Sequence[str | Exception]:
    return [name.upper() for name in group]


def test_who_waits_is_worked_for_in_one_go() -> None:
    callers = Callers(upper)
    told = callers.call("a", "b", "c", "d")
    assert callers.groups == [["a"], ["b", "c", "d"]]
    assert [one.result() for one in told] == ["A", "B", "C", "D"]


def test_a_second_item_of_a_name_comes_in_the_next_group_and_all_after_it_too() -> None:
    callers = Callers(upper)
    callers.call("a", "b1", "c", "b2", "d")
    assert callers.groups == [["a"], ["b1", "c"], ["b2", "d"]]


def test_who_came_first_is_worked_for_first_though_it_comes_again() -> None:
    callers = Callers(upper)
    told = callers.call("a", "b2", "c", "b1", came_at=(0, 2, 3, 1))
    assert callers.groups == [["a"], ["b1"], ["b2", "c"]]
    assert [one.result() for one in told] == ["A", "B2", "C", "B1"]


def test_an_error_of_one_is_told_to_it_alone() -> None:
    def work(group: list[str]) -> Sequence[str | Exception]:
        return [ValueError(name) if name == "b" else name for name in group]

    told = Callers(work).call("a", "b", "c")
    assert [one.exception() is None for one in told] == [True, False, True]


def test_an_error_of_the_whole_is_told_to_all_of_the_group_and_to_who_waits_behind_it() -> None:
    def work(group: list[str]) -> Sequence[str | Exception]:
        if "b1" in group:
            raise ValueError
        return group

    told = Callers(work).call("a", "b1", "c", "b2")
    assert [one.exception() is None for one in told] == [True, False, False, False]


def test_another_key_waits_for_nobody() -> None:
    joint: JointWork[str, Any] = JointWork()
    inner = joint.do("one", "a", "a", lambda _: [joint.do("other", "a", "b", upper)])
    assert inner == "B"


def test_what_was_worked_for_is_forgotten() -> None:
    joint: JointWork[str, str] = JointWork()
    joint.do("key", "a", "a", upper)
    assert joint.waiting() == []


def test_who_works_waits_for_all_that_are_on_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint_work, "_LONGEST_WAIT", 60)
    groups: list[list[str]] = []
    joint: JointWork[str, str] = JointWork()
    joint.underway = {"key": 3}.__getitem__

    def work(group: list[str]) -> Sequence[str | Exception]:
        groups.append(group)
        return group

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda name: joint.do("key", name, name, work), "abc"))
    assert [sorted(group) for group in groups] == [["a", "b", "c"]]


def test_who_does_not_come_is_not_waited_for_without_end() -> None:
    joint: JointWork[str, str] = JointWork()
    joint.underway = {"key": 2}.__getitem__
    assert joint.do("key", "a", "a", upper) == "A"


def test_nobody_waits_for_those_who_come_under_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint_work, "_LONGEST_WAIT", 60)
    joint: JointWork[str, str] = JointWork()
    joint.underway = {"key": 1, "other": 5}.__getitem__
    assert joint.do("key", "a", "a", upper) == "A"
