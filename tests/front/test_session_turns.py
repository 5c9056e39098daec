"""A push through a session waits for its key's turn like any other push, and no look-up waits with it."""

import asyncio
import json
from typing import Any

import pytest
from flask import Flask

from service.app import create_app
from service.http.request import TURN, Turn
from service.http.response_cache import lanes_of_asker
from service.telemetry import process_metrics
from tests.front.harness import Application, Held, ask, front, part, push_as, run
from tests.support.senders import SenderA, hoso

CALL = "/national/service"


class Sessions(Held):
    """An application whose callers are the sources that their bodies name; the look-up `read` ends at once."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        turn = environ[TURN] if environ["PATH_INFO"] == CALL and TURN in environ else Turn(is_given=True)
        named = environ["wsgi.input"].read().decode()
        environ["wsgi.input"].seek(0)
        if not turn.is_given:
            turn.right, turn.key_id = "read" if named.startswith("read") else "push", named
        at_once = turn.is_awaited or named == "read"
        return (Application if at_once else Held).__call__(self, environ, start_response)


def call(asked: Any, text: str, address: str = "192.0.2.1") -> Any:
    body = text.encode()
    length = (b"content-length", b"%d" % len(body))
    return ask(asked, "POST", CALL, headers=[length], body=[part(body)], address=address)


def test_the_pushes_of_one_source_through_sessions_have_their_turn_one_after_another() -> None:
    """Six calls of one source, from six addresses, kept everybody's look-ups waiting for its lock."""
    held = Sessions()
    asked = front(held, lanes=lambda environ, _: (environ["REMOTE_ADDR"],))

    async def calls() -> tuple[int, list[int | None]]:
        pushes = [call(asked, "a", f"192.0.2.{number}") for number in range(12)]
        told = [asyncio.create_task(one) for one in (*pushes, call(asked, "b"), push_as(asked, "a"))]
        await asyncio.sleep(0.2)
        begun = len(held.begun)
        looked_up = await asyncio.gather(*(call(asked, "read") for _ in range(20)))
        held.let.set()
        return begun, [said.status for said in (*looked_up, *await asyncio.gather(*told))]

    assert run(calls()) == (2, [200] * 34)  # one of a, whose batch by key waits, too, and that of b


def test_the_look_ups_of_one_source_leave_threads_to_others() -> None:
    """Look-ups of a dossier of 50,000 versions, from twelve addresses, held all threads of look-ups."""
    held = Sessions()
    asked = front(held, lanes=lambda environ, _: (environ["REMOTE_ADDR"],))

    async def calls() -> int | None:
        slow = [call(asked, "read slowly", f"192.0.2.{number}") for number in range(12)]
        told = [asyncio.create_task(one) for one in slow]
        await asyncio.sleep(0.2)
        looked_up = await asyncio.wait_for(call(asked, "read"), 5)
        held.let.set()
        await asyncio.gather(*told)
        status: int | None = looked_up.status
        return status

    assert run(calls()) == 200


@pytest.mark.parametrize("given", [{}, {"public_url": "https://thongke.example/tthc"}, {"proxy_hops": 1}])
def test_a_push_through_a_session_is_filed_and_counted_once(app: Flask, key: str, given: dict[str, Any]) -> None:
    """With a public address the application is given a copy of the environ: what it put there was lost."""
    served = create_app(app.extensions["tthc"].settings.model_copy(update=given))
    asked, sender = front(served.wsgi_app), SenderA(app.test_client(), "mot-cua", key)
    sender.login()
    body = json.dumps({"session": sender.session, "service": "DongBoHoSoMC", "data": [hoso()]})
    before = _counted()
    said = run(call(asked, body))
    served.extensions["tthc"].database.engine.dispose()
    assert (json.loads(said.body)["result"]["created"], _counted() - before) == (1, 1)


def _counted() -> float:
    (family,) = process_metrics.REQUESTS.collect()
    mine = (one for one in family.samples if one.labels.get("route") == CALL and one.name.endswith("_total"))
    return sum(one.value for one in mine)


def test_large_calls_of_all_addresses_share_a_lane(app: Flask) -> None:
    """So turns go to who used least: calls that unpack to 30 MB, from 25 addresses, kept the others waiting for 6 s."""
    environ = {"REMOTE_ADDR": "192.0.2.1", "PATH_INFO": CALL}
    lanes = {pool: lanes_of_asker(app.extensions["tthc"], environ, pool)[-1:] for pool in ("large", "lookups")}
    assert lanes == {"large": ("large",), "lookups": ()}
