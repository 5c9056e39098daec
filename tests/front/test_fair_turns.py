"""Whoever asks for much waits behind itself: others keep their turns and their places."""

import asyncio
import time
from functools import partial
from typing import Any

import pytest

from service.front.bodies import Body, SpoolCeiling
from service.front.pools import Pool
from tests.front.harness import AUTH, Application, Held, Kept, Said, ask, front, key_of, part, push_as, run

PATH = "/api/v1/dossiers/batch"
LENGTH = (b"content-length", b"2")


def test_one_source_leaves_places_for_others() -> None:
    held = Held()
    asked = front(held, pools={"pushes": Pool("pushes", 2, 4)})

    async def pushes() -> list[Said]:
        told = [asyncio.create_task(push_as(asked, source)) for source in "aaaaabb"]
        await asyncio.sleep(0.1)
        held.let.set()
        return await asyncio.gather(*told)

    assert [told.status for told in run(pushes())] == [200, 200, 200, 200, 503, 200, 200]


def test_who_asks_little_takes_the_place_of_one_of_many() -> None:
    """Three addresses with sixty requests each took all places: every other reader of a widget was told 503."""
    held, pool = Held(), Pool("reads", 1, 6)
    asked = front(held, pools={"reads": pool}, lanes=lambda environ, _: (environ["REMOTE_ADDR"],))

    async def asks() -> list[Said]:
        told = []
        for number, address in enumerate([*"xxxxyyyyzzzz", "healthy"]):
            question = ask(asked, path=f"/{number}", body=[part(b"")], address=address)
            told.append(asyncio.create_task(question))
            await asyncio.sleep(0.02)
        held.let.set()
        return await asyncio.gather(*told)

    said = run(asks())
    assert (said[-1].status, sum(told.status == 503 for told in said), pool.inside) == (200, 6, 0)


def test_calls_without_a_key_take_turns_by_who_asks() -> None:
    """Thirty bombs of one address stood in the one line in which national logins wait."""
    held = Held()
    asked = front(held, pools={"logins": Pool("logins", 2, 8)}, lanes=lambda environ, _: (environ["REMOTE_ADDR"],))

    async def calls() -> list[str]:
        told = []
        for address in ("x", "x", "x", "y"):
            headers = [(b"content-length", b"2")]
            call = ask(asked, "POST", "/national/login", headers=headers, body=[part(b"{}")], address=address)
            told.append(asyncio.create_task(call))
            await asyncio.sleep(0.02)
        held.let.set()
        await asyncio.gather(*told)
        return [environ["REMOTE_ADDR"] for environ in held.begun]

    assert run(calls()) == ["x", "y", "x", "x"]


def test_keys_that_may_be_made_up_take_turns_by_who_asks() -> None:
    held = Held()
    asked = front(held, pools={"pushes": Pool("pushes", 4, 8)}, lanes=lambda environ, _: (environ["REMOTE_ADDR"],))

    async def pushes() -> list[str]:
        told = [asyncio.create_task(push_as(asked, source)) for source in ("new1", "new2", "new3", "a")]
        await asyncio.sleep(0.1)
        begun = [key_of(environ) for environ in held.begun]
        held.let.set()
        await asyncio.gather(*told)
        return begun

    assert run(pushes()) == ["new1", "a"]


def test_on_one_writer_no_source_stands_before_another_but_once() -> None:
    held = Held()
    asked = front(held, pools={"pushes": Pool("pushes", 2, 8)}, one_writer=True)

    async def pushes() -> None:
        told = []
        for source in "aaaab":
            told.append(asyncio.create_task(push_as(asked, source)))
            await asyncio.sleep(0.02)
        held.let.set()
        await asyncio.gather(*told)

    run(pushes())
    assert [key_of(environ) for environ in held.begun] == ["a", "b", "a", "a", "a"]


def test_a_dry_run_waits_for_no_push_of_its_key() -> None:
    held = Held()
    asked = front(held, pools={"pushes": Pool("pushes", 2, 8), "dry_runs": Pool("dry_runs", 2, 8)})

    async def pushes() -> list[str]:
        length = (b"content-length", b"2")
        dry = ask(asked, "POST", PATH, query=b"dry_run=1", headers=[AUTH, length], body=[part(b"{}")])
        told = [asyncio.create_task(call) for call in (ask_as_pushed(asked, length), dry)]
        await asyncio.sleep(0.1)
        begun = [environ["QUERY_STRING"] for environ in held.begun]
        held.let.set()
        await asyncio.gather(*told)
        return begun

    assert run(pushes()) == ["", "dry_run=1"]


@pytest.mark.parametrize(("source", "status"), [("a", 200), ("made0up0", 503)])
def test_a_key_that_may_be_made_up_fills_a_quarter_of_the_room_for_bodies(source: str, status: int) -> None:
    asked = front(Application(), pools={"pushes": Pool("pushes", 2, 8)}, ceiling=SpoolCeiling(100_000))
    authorization = (b"authorization", f"Bearer tthc_{source}_{'s' * 43}".encode())
    headers = [authorization, (b"content-length", b"42000")]
    assert run(ask(asked, "POST", PATH, headers=headers, body=[part(b"x" * 42_000)])).status == status


def test_large_bodies_without_a_key_keep_no_small_one_out() -> None:
    """Two bodies of 62 MB at the national API kept every national login out for minutes."""
    ceiling = SpoolCeiling(100_000)
    large, login = Body(ceiling, with_key=False), Body(ceiling, with_key=False)
    large.add(b"x" * (16 * 1024 + 25_000))
    login.add(b"x" * 4096)
    held = ceiling.held
    large.close()
    login.close()
    assert (held, ceiling.held, ceiling.take(25_000, without_key=25_000)) == (45_480, 0, True)


@pytest.mark.parametrize("query", [b"madonvi=dry_run=1", b"dry_run=10"])
def test_what_only_looks_like_a_dry_run_waits_with_pushes(query: bytes) -> None:
    held = Held()
    asked = front(held, pools={"pushes": Pool("pushes", 2, 8)})

    async def pushes() -> int:
        length = (b"content-length", b"2")
        like = ask(asked, "POST", PATH, query=query, headers=[AUTH, length], body=[part(b"{}")])
        told = [asyncio.create_task(call) for call in (ask_as_pushed(asked, length), like)]
        await asyncio.sleep(0.1)
        begun = len(held.begun)
        held.let.set()
        await asyncio.gather(*told)
        return begun

    assert run(pushes()) == 1


def ask_as_pushed(asked: Any, length: Any) -> Any:
    return ask(asked, "POST", PATH, headers=[AUTH, length], body=[part(b"{}")])


def test_pushes_are_counted_by_their_key() -> None:
    """Two keys that pushed at the same time waited for each other, though each files its own."""
    held, pool = Held(), Pool("singles", 4, 8)
    asked = front(held, pools={"singles": pool}, one_writer=True)

    async def pushes() -> list[int]:
        told = [asyncio.create_task(push_as(asked, source, path="/api/v1/dossiers")) for source in "aab"]
        await asyncio.sleep(0.1)
        inside = [pool.inside_of(key) for key in "abc"]
        held.let.set()
        await asyncio.gather(*told)
        return [*inside, pool.inside_of("a"), pool.inside_of("b")]

    assert run(pushes()) == [2, 1, 0, 0, 0]


def test_one_request_each_of_many_addresses_keeps_nobody_out() -> None:
    """Six addresses with six calls each filled the line that calls without a key share: every login was told 503."""
    held, pool = Held(), Pool("logins", 2, 8)
    asked = front(held, pools={"logins": pool}, lanes=lambda environ, _: (environ["REMOTE_ADDR"],))

    async def calls() -> list[Said]:
        told = []
        for address in [*"vwxyz" * 2, "healthy"]:
            call = ask(asked, "POST", "/national/login", headers=[LENGTH], body=[part(b"{}")], address=address)
            told.append(asyncio.create_task(call))
            await asyncio.sleep(0.02)
        held.let.set()
        return await asyncio.gather(*told)

    statuses = [said.status for said in run(calls())]
    assert (statuses[-1], statuses.count(503), pool.inside) == (200, 1, 0)


@pytest.mark.parametrize("one_writer", [True, False])
def test_who_knows_the_id_of_a_key_stands_in_no_line_of_it(one_writer: bool) -> None:
    """Keys with a victim's id and a made-up secret filled the victim's line."""
    victim, forged = (f"Bearer tthc_a_{letter * 43}".encode() for letter in "vf")
    held, pool = Held(), Pool("pushes", 4, 8)
    asked = front(held, pools={"pushes": pool}, one_writer=one_writer, is_right=lambda key: key.endswith("v"))

    async def pushes() -> list[str]:
        told = []
        for shown in (forged, forged, victim):
            push = ask(asked, "POST", PATH, headers=[(b"authorization", shown), LENGTH], body=[part(b"{}")])
            told.append(asyncio.create_task(push))
            await asyncio.sleep(0.02)
        begun = [environ["HTTP_AUTHORIZATION"][-1] for environ in held.begun]
        held.let.set()
        await asyncio.gather(*told)
        return begun

    assert run(pushes()) == ["f", "v"]


class LargeKept(Kept):
    """A kept answer of 300,000 bytes."""

    body = b"x" * 300_000


@pytest.mark.parametrize("kept", [None, LargeKept()], ids=["made", "kept"])
def test_answers_that_nobody_reads_have_a_ceiling(kept: Any) -> None:
    """Clients that read nothing filled the temporary folder: 624 MB in 13 seconds; kept answers went on uncounted."""
    large, small = Application([b"x" * 300_000]), Application()
    room = SpoolCeiling(2_000_000)
    asked = front(
        large, ceiling=room, lanes=lambda environ, _: (environ["REMOTE_ADDR"],), kept=lambda _environ, _: kept
    )

    async def scene() -> list[Any]:
        told = [(await ask(asked, address="x")).status, asked.sending.total()]
        asked.sending["x"] = 300_000
        told += [(await ask(asked, address=address)).status for address in "xy"]
        asked.sending["z"] = 1_500_000
        told += [(await ask(asked, address="y")).status]
        asked.app, asked.kept = small, lambda _environ, _: None
        return [*told, (await ask(asked, address="x")).status]

    assert run(scene()) == [200, 0, 503, 200, 503, 200]


def test_a_flood_without_right_keys_leaves_half_of_the_places_to_those_with_one() -> None:
    """One connection each of 48 networks kept every batch out."""
    held, pool = Held(), Pool("pushes", 2, 8)
    asked = front(held, pools={"pushes": pool}, lanes=lambda environ, _: (environ["REMOTE_ADDR"],))

    async def calls() -> list[Said]:
        told = []
        made_up = (b"authorization", f"Bearer tthc_made0up0_{'s' * 43}".encode())
        for address in "12345678":
            call = ask(asked, "POST", PATH, headers=[made_up, LENGTH], body=[part(b"{}")], address=address)
            told.append(asyncio.create_task(call))
            await asyncio.sleep(0.01)
        told += [asyncio.create_task(push_as(asked, source)) for source in "abc"]
        await asyncio.sleep(0.1)
        held.let.set()
        return await asyncio.gather(*told)

    assert [said.status for said in run(calls())] == [200] * 6 + [503] * 2 + [200] * 3


def test_pushes_of_one_dossier_with_made_up_keys_are_inside_one_at_a_time() -> None:
    """Sixteen of each of six addresses stood before every thread, and none of them waited in a lane to make way."""
    held, pool = Held(), Pool("singles", 4, 8)
    asked = front(held, pools={"singles": pool}, lanes=lambda environ, _: (environ["REMOTE_ADDR"],))

    async def pushes() -> int:
        told = [asyncio.create_task(push_as(asked, "made0up0", path="/api/v1/dossiers")) for _ in "123"]
        await asyncio.sleep(0.1)
        begun = len(held.begun)
        held.let.set()
        await asyncio.gather(*told)
        return begun

    assert run(pushes()) == 1


def test_who_lately_used_least_has_the_next_turn() -> None:
    """Twelve addresses that asked new questions kept whoever came then waiting for all of theirs."""
    order: list[str] = []

    def work(asker: str) -> None:
        order.append(asker)
        time.sleep(0.05)

    async def ask_all() -> None:
        pool = Pool("questions", 1, 64)
        many = [asyncio.create_task(pool.run(partial(work, "much"), never, ("much", "new"))) for _ in range(6)]
        await asyncio.sleep(0.08)  # the first one is done
        few = [asyncio.create_task(pool.run(partial(work, name), never, (name, "new"))) for name in ("b", "c")]
        await asyncio.gather(*many, *few)

    async def never() -> None:
        await asyncio.sleep(60)

    run(ask_all())
    assert order[:4] == ["much", "much", "b", "c"]
