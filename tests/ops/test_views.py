"""Views are exact over replicas, also when one is stopped in between; a kill loses what the last minute brought.

VIEWS_REQUESTS: how many requests each client sends (400; 10000 for the whole measurement).
"""

import http.client
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from service.domain.units import Unit
from service.store import catalogue
from service.store.database import Database
from service.store.statistics.views import views_of
from tests.ops.processes import serving, until

UNIT = "H23.45"
REQUESTS = int(os.environ.get("VIEWS_REQUESTS", "400"))
CLIENTS = 4
PATHS = (f"/api/v1/widget/{UNIT}", f"/embed/{UNIT}", f"/units/{UNIT}", f"/api/v1/widget/{UNIT}?lang=en")


def ask(base: str, client: int, number: int) -> Counter[str]:
    """Ask again and again over one connection, each time for what is had already; return the answers by kind."""
    seen: Counter[str] = Counter()
    path, etag = PATHS[client], ""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    for _ in range(number):
        connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 304), answer.status
        etag = answer.headers["ETag"] if answer.status == 200 and client % 2 else etag
        seen["page" if path.startswith("/units/") else "widget"] += 1
    connection.close()
    return seen


def counted(database_url: str) -> Counter[str]:
    """Return what is written, by kind."""
    database = Database(database_url)
    with database.reading() as session:
        views = views_of(session, UNIT, datetime.now(UTC))
    database.engine.dispose()
    return Counter({kind: spans["all"] for kind, spans in views.items()})


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_four_clients_over_two_replicas_with_a_restart_are_counted_exactly(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    with database.writing() as session:
        catalogue.put_units(session, [Unit(UNIT, "Huyện Tứ Kỳ", "district")])
    database.engine.dispose()
    half = REQUESTS // 2
    with ThreadPoolExecutor(CLIENTS) as pool, ExitStack() as replicas:
        steady = replicas.enter_context(serving(database_url, tmp_path / "steady.log"))
        first = replicas.enter_context(serving(database_url, tmp_path / "first.log"))
        places = [steady[1], first[1], steady[1], first[1]]
        before = sum(pool.map(ask, places, range(CLIENTS), [half] * CLIENTS), Counter())
        # The steady replica answers on while the other one is stopped and started again.
        going = [pool.submit(ask, steady[1], client, half) for client in (0, 2)]
        assert first[0].stop() == 0
        second = replicas.enter_context(serving(database_url, tmp_path / "second.log"))
        going += [pool.submit(ask, second[1], client, half) for client in (1, 3)]
        after = sum((one.result() for one in going), Counter())
        assert second[0].stop() == steady[0].stop() == 0
    assert counted(database_url) == before + after


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_kill_loses_at_most_what_was_answered_since_the_last_minute(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    with database.writing() as session:
        catalogue.put_units(session, [Unit(UNIT, "Huyện Tứ Kỳ", "district")])
    database.engine.dispose()
    with serving(database_url, tmp_path / "killed.log") as (process, base):
        before = ask(base, 0, REQUESTS)
        until(lambda: counted(database_url) == before, 180, 1)  # written within a minute, however loaded the machine is
        after = ask(base, 0, 50)
        process.kill()
    assert before["widget"] <= counted(database_url)["widget"] <= before["widget"] + after["widget"]
