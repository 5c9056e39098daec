"""A call that met a lock gives its thread back and is called again, until its time is over."""

import asyncio
import time
from time import monotonic
from typing import Any

import pytest

from service.http.request import TURN
from tests.front.harness import AUTH, Application, ask, front, part, push, run

BATCH = "/api/v1/dossiers/batch"
HEADERS = (AUTH, (b"content-length", b"2"))


class Locked(Application):
    """An application that meets a lock some times before it answers."""

    def __init__(self, times: int, until: float = 0.0) -> None:
        """Meet a lock so many times; until: the moment after which a call has no more time."""
        super().__init__()
        self.times, self.until, self.seconds = times, until, 0.0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        time.sleep(self.seconds)
        turn = environ.get(TURN)
        if turn:
            turn._until = self.until
        is_locked = turn and len(self.bodies) < self.times and turn.waits_for_lock()
        self.body = (b"locked" if is_locked else b"fine",)
        return super().__call__(environ, start_response)


def test_a_push_that_met_a_lock_is_called_again_with_its_whole_body() -> None:
    held = Locked(times=2)
    said = push(front(held), part(b"{}"), headers=HEADERS)
    assert (said.status, said.body, held.bodies) == (200, b"fine", [b"{}"] * 3)


def test_no_later_push_of_its_key_passes_one_that_met_a_lock() -> None:
    """Of two states of a dossier that were sent one after the other the older one was filed last."""
    held = Locked(times=3)
    asked = front(held)

    async def pushes() -> None:
        told = []
        for body in (b"11", b"22"):
            told.append(asyncio.create_task(ask(asked, "POST", BATCH, headers=HEADERS, body=[part(body)])))
            await asyncio.sleep(0.01)
        await asyncio.gather(*told)

    held.seconds = 0.05
    run(pushes())
    assert held.bodies == [b"11"] * 4 + [b"22"]


def test_a_push_is_called_again_until_its_time_is_over() -> None:
    held = Locked(times=1_000_000, until=monotonic() + 0.2)
    said = push(front(held), part(b"{}"), headers=HEADERS)
    assert said.body == b"fine"
    assert 1 < len(held.bodies) < 1_000_000


@pytest.mark.parametrize(("one_writer", "seconds"), [(True, None), (False, 0.5)])
def test_only_where_sources_are_locked_one_by_one_a_push_gives_up_early(one_writer: bool, seconds: float) -> None:
    held = Locked(times=0)
    push(front(held, one_writer=one_writer), part(b"{}"))
    assert held.environs[0][TURN].lock_seconds == seconds


def test_an_import_waits_where_it_is_as_it_would_read_its_file_again() -> None:
    held = Locked(times=0)
    run(ask(front(held), "POST", "/api/v1/dossiers/import", headers=[AUTH], body=[part(b"{}")]))
    assert TURN not in held.environs[0]
