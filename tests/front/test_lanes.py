"""Whose turn it is: single pushes of a source share one, a long batch has it alone, nobody overtakes."""

import asyncio

import pytest

from service.front.lanes import PLACES, SHORT_PUSH, ClientGone, Lanes, PoolFull
from tests.front.harness import Held, front, key_of, push_as, run

SINGLE, BATCH = "/api/v1/dossiers", "/api/v1/dossiers/batch"


class Crowd:
    """Requests of one lane; `inside` are those that have a turn. short: how long its batches are."""

    def __init__(self, *, short: bool = False) -> None:
        self.lanes, self._batch = Lanes(), SHORT_PUSH if short else PLACES
        self.inside: list[str] = []
        self._leaves = {name: asyncio.Event() for name in "abcdefgh"}

    async def come(self, *names: str) -> None:
        """Let some come in turn: capitals of batches, small letters of single pushes."""
        for name in names:
            asyncio.create_task(self._request(name))  # noqa: RUF006 - it ends with the loop
            await self._settle()

    async def leave(self, *names: str) -> None:
        """End the turns of some, or let them go away while they wait."""
        for name in names:
            self._leaves[name.lower()].set()
            await self._settle()

    async def _request(self, name: str) -> None:
        leaves = self._leaves[name.lower()]
        places = self._batch if name.isupper() else 1
        try:
            await self.lanes.turn(("lane",), places, _as_none(leaves))
        except ClientGone:
            return
        self.inside.append(name)
        await leaves.wait()
        self.inside.remove(name)
        self.lanes.leave(("lane",), places)

    @staticmethod
    async def _settle() -> None:
        for _ in range(20):
            await asyncio.sleep(0)


def _as_none(leaves: asyncio.Event):  # type: ignore[no-untyped-def]
    async def gone() -> None:
        await leaves.wait()

    return gone


def test_single_pushes_are_inside_together() -> None:
    async def scene() -> list[str]:
        crowd = Crowd()
        await crowd.come("a", "b", "c")
        return crowd.inside

    assert run(scene()) == ["a", "b", "c"]


def test_a_batch_waits_for_them_and_is_alone() -> None:
    async def scene() -> list[list[str]]:
        crowd, seen = Crowd(), list[list[str]]()
        await crowd.come("a", "b", "C", "D")
        for leaving in ("a", "b", "C"):
            await crowd.leave(leaving)
            seen.append(crowd.inside.copy())
        return seen

    assert run(scene()) == [["b"], ["C"], ["D"]]


def test_a_short_batch_waits_for_another_batch_alone() -> None:
    async def scene() -> list[list[str]]:
        crowd, seen = Crowd(short=True), list[list[str]]()
        await crowd.come("a", "B", "C", "d")
        for leaving in ("a", "B"):
            seen.append(crowd.inside.copy())
            await crowd.leave(leaving)
        return [*seen, crowd.inside]

    assert run(scene()) == [["a", "B"], ["B"], ["C", "d"]]


def test_a_single_push_does_not_overtake_a_batch_that_waits() -> None:
    async def scene() -> list[list[str]]:
        crowd, seen = Crowd(), list[list[str]]()
        await crowd.come("a", "B", "c", "d")
        for leaving in ("a", "B"):
            seen.append(crowd.inside.copy())
            await crowd.leave(leaving)
        return [*seen, crowd.inside]

    assert run(scene()) == [["a"], ["B"], ["c", "d"]]


def test_who_goes_away_while_it_waits_lets_the_next_in() -> None:
    async def scene() -> list[str]:
        crowd = Crowd()
        await crowd.come("a", "B", "c")
        await crowd.leave("B")
        return crowd.inside

    assert run(scene()) == ["a", "c"]


def test_no_more_than_so_many_are_inside() -> None:
    async def scene() -> int:
        lanes = Lanes()
        turns = [asyncio.create_task(lanes.turn(("lane",), PLACES // 2, asyncio.Event().wait)) for _ in range(5)]  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
        inside = sum(turn.done() for turn in turns)
        for turn in turns:
            turn.cancel()
        return inside

    assert run(scene()) == 2


def test_who_waits_in_a_second_lane_keeps_others_of_its_first_out_of_it() -> None:
    """So an asker of many new questions has no more than its share of the places before which others wait."""

    async def scene() -> list[str]:
        lanes, came = Lanes(), list[str]()

        async def request(asker: str) -> None:
            await lanes.turn((asker, "new"), PLACES, asyncio.Event().wait)  # type: ignore[arg-type]
            came.append(asker)
            lanes.leave((asker, "new"), PLACES)

        await lanes.turn(("new",), PLACES, asyncio.Event().wait)  # type: ignore[arg-type]
        several = [asyncio.create_task(request(asker)) for asker in "aaaab"]
        await asyncio.sleep(0.05)
        lanes.leave(("new",), PLACES)
        await asyncio.gather(*several)
        return came

    assert run(scene()) == ["a", "b", "a", "a", "a"]


def test_who_gives_up_in_a_second_lane_leaves_the_first() -> None:
    async def scene() -> int:
        lanes, left = Lanes(), asyncio.Event()
        await lanes.turn(("new",), PLACES, left.wait)  # type: ignore[arg-type]
        waits = asyncio.create_task(lanes.turn(("a", "new"), PLACES, left.wait))  # type: ignore[arg-type]
        await asyncio.sleep(0.02)
        left.set()
        await asyncio.wait([waits])
        assert isinstance(waits.exception(), ClientGone)
        return len(lanes._lanes)

    assert run(scene()) == 1


def test_who_leaves_a_lane_that_is_gone_gives_its_other_places_back() -> None:
    """One that was refused woke up after its lane was tidied away: a key's own lane stayed full until a restart."""

    async def scene() -> list[str]:
        lanes, gone = Lanes(), _as_none(asyncio.Event())
        await lanes.turn(("a", "all"), PLACES, gone)
        waits = asyncio.create_task(lanes.turn(("b", "all"), PLACES, gone, lanes))
        await asyncio.sleep(0)
        ((lane, last),) = lanes.waiting_in(lanes)
        lane.refuse(last)
        lanes.leave(("a", "all"), PLACES)
        with pytest.raises(PoolFull):
            await waits
        return list(lanes._lanes)

    assert run(scene()) == []


def test_on_one_writer_a_single_push_waits_for_the_batch_at_work_alone() -> None:
    """Behind it waited a second batch, for which the first had to end: single pushes stood behind both."""
    held = Held()
    asked = front(held, one_writer=True)

    async def scene() -> list[str]:
        told = []
        for source, path in (("a", BATCH), ("b", BATCH), ("c", SINGLE)):
            told.append(asyncio.create_task(push_as(asked, source, path=path)))
            await asyncio.sleep(0.02)
        begun = [key_of(environ) for environ in held.begun]
        held.let.set()
        await asyncio.gather(*told)
        return begun

    assert run(scene()) == ["a", "c"]
