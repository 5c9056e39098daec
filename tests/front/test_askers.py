"""Who asks much leaves threads to others; what comes along with a public question makes it no other one."""

import asyncio
from typing import Any

import pytest

from service.front import pools
from service.front.pools import Pool
from tests.front.harness import AUTH, Held, Kept, Said, ask, front, run


def test_questions_that_nobody_asked_lately_leave_half_of_the_threads_to_others() -> None:
    """Each may be another one, so that no cache helps; a portal's widget is asked again and again."""
    held, pool = Held(), Pool("reads", 4, 128)
    asked = front(held, pools={"reads": pool}, lanes=lambda environ, _: ("new",) if environ["QUERY_STRING"] else ())

    async def questions() -> list[str]:
        made_up = [f"as_of=2023-10-{day:02d}".encode() for day in range(1, 21)]
        told = [asyncio.create_task(ask(asked, query=query)) for query in [*made_up, b""]]
        while not any(environ["QUERY_STRING"] == "" for environ in held.begun):
            await asyncio.sleep(0.01)
        inside = sorted(environ["QUERY_STRING"] for environ in held.begun)
        held.let.set()
        answers = await asyncio.gather(*told)
        assert {answer.status for answer in answers} == {200}
        return inside

    assert run(questions()) == ["", "as_of=2023-10-01", "as_of=2023-10-02"]


def _own_lane(environ: Any, _: Any) -> tuple[str, ...]:
    return (environ["REMOTE_ADDR"],)


@pytest.mark.parametrize(("name", "threads", "half"), [("reads", 4, 2), ("questions", 2, 1), ("health", 2, 1)])
def test_one_asker_leaves_half_of_the_threads_to_others(name: Any, threads: int, half: int) -> None:
    path = {"reads": "/badge/A.svg", "questions": "/units/A", "health": "/readyz"}[name]
    held, asked_by = Held(), "203.0.113.7"
    asked = front(held, pools={name: Pool(name, threads, 128)}, lanes=_own_lane)

    async def questions() -> list[str]:
        several = [ask(asked, path=path, query=b"q=%d" % number, address=asked_by) for number in range(20)]
        told = [asyncio.create_task(one) for one in (*several, ask(asked, path=path, address="203.0.113.8"))]
        async with asyncio.timeout(20):
            while not any(environ["REMOTE_ADDR"] != asked_by for environ in held.begun):
                await asyncio.sleep(0.01)
        inside = [environ["REMOTE_ADDR"] for environ in held.begun]
        held.let.set()
        assert {answer.status for answer in await asyncio.gather(*told)} == {200}
        return inside

    assert run(questions()) == [asked_by] * half + ["203.0.113.8"]


def test_nobody_waits_for_an_equal_question_that_stands_behind_others_of_its_asker() -> None:
    """Else an asker of all that a portal asks would let its readers wait, too."""
    held = Held()
    asked = front(held, pools={"reads": Pool("reads", 4, 128)}, lanes=_own_lane)

    async def questions() -> list[str]:
        several = [ask(asked, path=f"/badge/{number}", address="203.0.113.7") for number in range(20)]
        told = [asyncio.create_task(one) for one in (*several, ask(asked, path="/badge/19", address="203.0.113.8"))]
        await asyncio.sleep(0.1)
        begun = [environ["PATH_INFO"] for environ in held.begun]
        held.let.set()
        await asyncio.gather(*told)
        return begun

    assert run(questions()) == ["/badge/0", "/badge/1", "/badge/19"]


def test_nobody_waits_for_an_equal_question_that_comes_after_slow_ones_of_its_asker() -> None:
    """Two slow questions held an asker's threads; a third, what all ask, was the first to wait and let all wait."""
    held = Held()
    asked = front(held, pools={"reads": Pool("reads", 4, 128)}, lanes=_own_lane)

    async def questions() -> list[str]:
        several = [ask(asked, path=f"/badge/{number}", address="203.0.113.7") for number in range(3)]
        told = [asyncio.create_task(one) for one in (*several, ask(asked, path="/badge/2", address="203.0.113.8"))]
        await asyncio.sleep(0.1)
        begun = [environ["PATH_INFO"] for environ in held.begun]
        held.let.set()
        await asyncio.gather(*told)
        return begun

    assert run(questions()) == ["/badge/0", "/badge/1", "/badge/2"]


def test_a_made_up_key_makes_no_public_question_another_one() -> None:
    held = Held()
    asked = front(held, kept=lambda _environ, _: Kept() if held.environs else None)

    async def questions() -> list[Said]:
        shown = [(b"authorization", b"x"), AUTH, (b"authorization", b"Basic eDp5")]
        told = [asyncio.create_task(ask(asked, headers=[one])) for one in shown]
        await asyncio.sleep(0.1)
        held.let.set()
        return await asyncio.gather(*told)

    assert [told.status for told in run(questions())] == [200] * 3
    assert [environ.get("HTTP_AUTHORIZATION") for environ in held.environs] == [None]


def test_a_question_that_was_asked_before_waits_for_a_second_and_then_has_its_last_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twelve addresses that asked for pages kept each page waiting for eight seconds."""
    monkeypatch.setattr(pools, "_SHORT_WAIT", 0.1)
    held = Held()
    asked = front(
        held,
        kept=lambda environ, at_any_age: Kept() if at_any_age and environ["PATH_INFO"] == "/badge/old" else None,
        lanes=lambda environ, _: () if environ["PATH_INFO"] == "/badge/old" else ("new",),
        pools={"reads": Pool("reads", 1, 8)},
    )

    async def questions() -> list[bytes]:
        paths = ("/badge/slow", "/badge/old", "/badge/old", "/badge/new")
        told = [asyncio.create_task(ask(asked, path=path)) for path in paths]
        await asyncio.sleep(0.4)
        bodies = [one.result().body if one.done() else b"waits" for one in told]
        held.let.set()
        await asyncio.gather(*told)
        return bodies

    assert run(questions()) == [b"waits", b"kept", b"kept", b"waits"]
