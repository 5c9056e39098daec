"""Threads and who gets one: full pools, clients that have gone, equal questions, pushes of one source, stopping."""

import asyncio
import threading
from typing import Any

import pytest

from service.front import application, pools
from service.front.pools import Pool
from service.store.engines.askers import asker
from tests.front.harness import AUTH, END, Application, Held, Kept, Said, ask, front, key_of, part, push_as, run


async def _several(held: Held, asked: Any, paths: list[str], bodies: list[Any] | None = None) -> list[Said]:
    """Ask in turn, let the application answer once all have asked, and return what each was told."""
    told = []
    for number, path in enumerate(paths):
        body = bodies[number] if bodies else (part(b""),)
        told.append(asyncio.create_task(ask(asked, path=path, body=body)))
        await asyncio.sleep(0.02)
    held.let.set()
    return await asyncio.gather(*told)


class Watching(Application):
    """An application that works until it hears that nobody waits for it."""

    heard = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        gone = asker()
        self.heard = gone is not None and gone.wait(30)
        return super().__call__(environ, start_response)


def test_who_goes_away_while_its_question_is_worked_on_is_heard_of() -> None:
    watching = Watching()
    run(ask(front(watching), path="/units/X/report.json", body=(part(b""), 0.2, END)))
    assert watching.heard


def test_a_push_is_done_to_its_end() -> None:
    watching = Watching()
    body = (part(b"{}"), END)
    run(ask(front(watching), path="/api/v1/dossiers", method="POST", body=body, headers=[AUTH]))
    assert not watching.heard


def test_a_full_pool_refuses_at_once() -> None:
    held = Held()
    asked = front(held, pools={"reads": Pool("reads", 1, 1)})
    said = run(_several(held, asked, ["/a", "/b", "/c"]))
    assert [told.status for told in said] == [200, 200, 503]
    assert said[2].headers["retry-after"] == "1"


def test_a_full_pool_gives_the_last_good_answer_that_it_has() -> None:
    """One request each of 24 addresses kept every page away from its readers."""
    held = Held()
    asked = front(held, kept=lambda _, at_any_age: Kept() if at_any_age else None, pools={"reads": Pool("reads", 1, 1)})
    said = run(_several(held, asked, ["/a", "/b", "/c"]))
    assert [(told.status, told.body) for told in said][2] == (200, b"kept")


def test_no_more_than_a_thousand_wait_for_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_MOST_WAITING", 2)
    held, pool = Held(), Pool("reads", 4, 5)
    asked = front(held, pools={"reads": pool})
    said = run(_several(held, asked, ["/a"] * 4 + ["/b"]))
    assert [told.status for told in said] == [200, 200, 200, 503, 200]


def test_who_gets_no_thread_in_time_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "LONGEST_WAIT", 0.1)
    held, pool = Held(), Pool("reads", 1, 5)
    asked = front(held, pools={"reads": pool})

    async def scene() -> list[Any]:
        first, second = (asyncio.create_task(ask(asked, path=path, body=(part(b""),))) for path in ("/a", "/b"))
        refused = (await second).status
        held.let.set()
        return [(await first).status, refused, pool.inside]

    assert run(scene()) == [200, 503, 0]


def test_who_has_gone_is_not_worked_for() -> None:
    held = Held()
    asked = front(held, pools={"reads": Pool("reads", 1, 5)})
    stays, goes = (part(b""),), (part(b""), END)
    run(_several(held, asked, ["/a", "/b", "/c"], [stays, goes, stays]))
    assert [environ["PATH_INFO"] for environ in held.environs] == ["/a", "/c"]


def test_the_place_of_who_has_gone_is_free_again() -> None:
    held, pool = Held(), Pool("reads", 1, 5)
    stays, goes = (part(b""),), (part(b""), END)
    run(_several(held, front(held, pools={"reads": pool}), ["/a", "/b"], [stays, goes]))
    assert pool.inside == 0


def test_pushes_of_one_source_hold_one_thread() -> None:
    held, pool = Held(), Pool("pushes", 2, 8)
    asked = front(held, pools={"pushes": pool})

    async def pushes() -> list[str]:
        told = [asyncio.create_task(push_as(asked, source)) for source in "aaab"]
        while len(held.begun) < 2:
            await asyncio.sleep(0.01)
        inside = [key_of(environ) for environ in held.begun]
        held.let.set()
        await asyncio.gather(*told)
        return inside

    assert sorted(run(pushes())) == ["a", "b"]


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        ("/national/service", b"", []),
        ("/api/v1/dossiers/batch", b"dry_run=1", [AUTH]),
        ("/api/v1/dossiers/import", b"", [AUTH]),
    ],
)
def test_calls_without_a_key_dry_runs_and_imports_leave_the_threads_to_pushes(
    path: str, query: bytes, headers: list[Any]
) -> None:
    held = Held()
    asked = front(held, pools={name: Pool(name, 2, 8) for name in ("pushes", "dry_runs", "lookups", "imports")})
    length = (b"content-length", b"2")

    async def calls() -> int:
        many = (ask(asked, "POST", path, query=query, headers=[*headers, length], body=[part(b"{}")]) for _ in "123")
        told = [asyncio.create_task(call) for call in (*many, push_as(asked, "b"))]
        await asyncio.sleep(0.2)
        pushing = sum("tthc_b_" in environ.get("HTTP_AUTHORIZATION", "") for environ in held.begun)
        held.let.set()
        await asyncio.gather(*told)
        return pushing

    assert run(calls()) == 1


@pytest.mark.parametrize(("length", "status"), [(b"16384", 200), (b"16385", 503)])
def test_no_look_up_through_a_session_stands_behind_large_pushes(length: bytes, status: int) -> None:
    """One source's pushes of 100,000 dossiers through its session kept every other session waiting for 20 s."""
    held = Held()
    asked = front(held, pools={"large": Pool("large", 1, 0), "lookups": Pool("lookups", 1, 0)})

    def call(size: bytes) -> Any:
        headers = [(b"content-length", size)]
        return ask(asked, "POST", "/national/service", headers=headers, body=[part(b"x" * int(size))])

    async def calls() -> list[Any]:
        told = [asyncio.create_task(call(b"20000"))]
        await asyncio.sleep(0.05)
        told.append(asyncio.create_task(call(length)))
        await asyncio.sleep(0.05)
        held.let.set()
        return list(await asyncio.gather(*told))

    assert [said.status for said in run(calls())] == [200, status]


def test_a_source_whose_waiting_push_has_gone_may_push_again() -> None:
    held, pool = Held(), Pool("pushes", 2, 8)
    asked = front(held, pools={"pushes": pool})

    async def pushes() -> Said:
        told = [asyncio.create_task(push_as(asked, "a", *gone)) for gone in ((), (END,), ())]
        await asyncio.sleep(0.05)
        held.let.set()
        await asyncio.gather(*told)
        return await push_as(asked, "a")

    assert run(pushes()).status == 200
    assert (len(held.environs), pool.inside) == (3, 0)


def test_a_push_that_waits_long_for_its_source_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.front.pools.LONGEST_WAIT", 0.2)
    held, pool = Held(), Pool("pushes", 2, 8)
    asked = front(held, pools={"pushes": pool})

    async def pushes() -> list[Said]:
        first, second = (asyncio.create_task(push_as(asked, "a")) for _ in range(2))
        late = await second
        held.let.set()
        return [await first, late, await push_as(asked, "a")]

    said = run(pushes())
    assert [told.status for told in said] == [200, 503, 200]
    assert (said[1].headers["retry-after"], pool.inside) == ("5", 0)


def test_one_pool_that_is_full_leaves_the_others_alone() -> None:
    held = Held()
    asked = front(held, pools={"questions": Pool("questions", 1, 0), "reads": Pool("reads", 1, 0)})
    said = run(_several(held, asked, ["/units/H23", "/api/v1/widget/H23", "/units/H24"]))
    assert [told.status for told in said] == [200, 200, 503]


def test_nobody_waits_for_the_body_of_an_equal_question() -> None:
    app = Application()
    asked = front(app)

    async def asking() -> Said:
        slow = asyncio.create_task(ask(asked, headers=[(b"content-length", b"60000")], body=[1.0, END]))
        await asyncio.sleep(0.02)
        async with asyncio.timeout(0.5):
            said = await ask(asked)
        await slow
        return said

    assert run(asking()).status == 200


def test_equal_questions_take_one_thread() -> None:
    held, pool = Held(), Pool("reads", 1, 0)
    said: list[Any] = []

    def kept(_environ: Any, _: Any) -> Any:
        return Kept() if held.environs else None

    said = run(_several(held, front(held, kept=kept, pools={"reads": pool}), ["/a"] * 5))
    assert [told.status for told in said] == [200] * 5
    assert len(held.environs) == 1


def test_stopping_waits_for_what_runs() -> None:
    held, ended = Held(), []

    async def life() -> None:
        coming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        asked = front(held, at_stop=lambda: ended.append(list(held.bodies)))
        task = asyncio.create_task(ask(asked, "POST", "/api/v1/dossiers", headers=[AUTH], body=[part(b"{}")]))
        await asyncio.sleep(0.05)
        threading.Timer(0.1, held.let.set).start()

        async def receive() -> Any:
            return coming.pop(0)

        async def send(_message: Any) -> None:
            return None

        await asked({"type": "lifespan"}, receive, send)
        await task

    run(life())
    assert ended == [[b""]]
