"""One address that asks too often, or one key that pushes too often, waits; others do not."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from limits.storage import MemoryStorage

from service.app import create_app
from service.environment import load_settings
from service.settings import Settings, SettingsError
from tests.support.client import Client, dossier

Make = Callable[..., Client]


@pytest.fixture
def make(sqlite_template: Path, tmp_path: Path) -> Make:
    def made(**given: Any) -> Client:
        shutil.copy(sqlite_template, tmp_path / "rates.sqlite3")
        told = {"rate_reads": "3/minute", "rate_pushes": "3/minute", "proxy_hops": 1, "log_level": "ERROR", **given}
        app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'rates.sqlite3'}", **told))
        key = app.test_cli_runner().invoke(args=["sources", "add", "a"]).stdout.splitlines()[-1]
        return Client(app.test_client(), key)

    return made


def asked(client: Client, times: int, path: str = "/api/v1/formulas", **headers: str) -> list[int]:
    return [
        client.http.get(path, headers={"X-Forwarded-For": "203.0.113.7", **headers}).status_code for _ in range(times)
    ]


def test_an_address_waits(make: Make) -> None:
    client = make()
    assert asked(client, 4) == [200, 200, 200, 429]
    refused = client.http.get("/api/v1/formulas", headers={"X-Forwarded-For": "203.0.113.7"})
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.content_type == "application/problem+json"
    assert "hãy chờ" in refused.json["detail"] and "(too many requests" in refused.json["detail"]


@pytest.mark.parametrize(
    ("address", "status"),
    [("203.0.113.8", 200), ("2001:db8:1:3::9", 429), ("2001:db8:1:102::9", 200)],
    ids=["a neighbour", "the same customer's network", "another network"],
)
def test_another_address_does_not(make: Make, address: str, status: int) -> None:
    client = make()
    asked(client, 4)
    asked(client, 4, **{"X-Forwarded-For": "2001:db8:1:2::7"})
    assert asked(client, 1, **{"X-Forwarded-For": address}) == [status]


def test_a_header_on_a_public_question_opens_no_new_count(make: Make) -> None:
    client = make()
    statuses = [asked(client, 1, Authorization=f"Bearer tthc_{n:08x}_{'x' * 43}")[0] for n in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_a_key_waits_and_another_at_the_same_address_does_not(make: Make) -> None:
    client = make()
    other = client.http.application.test_cli_runner().invoke(args=["sources", "add", "b"]).stdout.splitlines()[-1]
    client.push(dossier("A-0"))  # its address counts until the key was right once
    assert [client.push(dossier(f"A-{n}")).status_code for n in range(1, 5)] == [201, 201, 201, 429]
    assert Client(client.http, other).push(dossier("B-1")).status_code == 201


def test_made_up_keys_are_counted_together(make: Make) -> None:
    client = make()
    made_up = [Client(client.http, f"tthc_{number:08x}_{'x' * 43}") for number in range(4)]
    told = [one.push(dossier("A-1")) for one in made_up]
    assert [answer.status_code for answer in told] == [401, 401, 401, 429]
    assert "một nơi" in told[-1].json["detail"]


def test_the_addresses_of_one_customer_try_keys_together(make: Make) -> None:
    client = make(rate_reads="")
    told = [
        client.http.get(
            "/api/v1/dossiers/A",
            headers={"Authorization": f"Bearer {client.key}!", "X-Forwarded-For": f"2001:db8:1:2::{n}"},
        )
        for n in range(1, 8)
    ]
    assert [answer.status_code for answer in told] == [401] * 6 + [429]


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_operators_never_wait(make: Make, path: str) -> None:
    assert 429 not in asked(make(), 5, path)


@pytest.mark.parametrize("given", [{"proxy_hops": 0}, {"rate_reads": ""}], ids=["a proxy nobody named", "no limit"])
def test_nobody_waits(make: Make, given: dict[str, Any]) -> None:
    assert asked(make(**given), 5) == [200] * 5


class LostStorage(MemoryStorage):
    """A shared store that cannot be reached."""

    STORAGE_SCHEME = ["lost"]  # noqa: RUF012 - the library's own attribute

    def incr(self, *_: Any, **__: Any) -> int:
        raise ConnectionError

    def check(self) -> bool:
        return False


def test_while_the_shared_store_is_away_the_same_rates_are_counted_in_memory(make: Make) -> None:
    client = make(rate_store="lost://", rate_pushes="")
    assert asked(client, 5) == [200, 200, 200, 429, 429]
    assert 429 not in asked(client, 5, "/readyz")


@pytest.mark.parametrize("store", ["carrier-pigeon://x", "redis"])
def test_a_store_that_is_none_stops_the_start(store: str) -> None:
    with pytest.raises(SettingsError, match="TTHC_RATE_STORE: chỉ dùng được memory"):
        load_settings({"TTHC_RATE_STORE": store})


@pytest.mark.parametrize("text", ["many", "3/fortnight", "3"])
def test_a_rate_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="6000/minute"):
        Settings(rate_reads=text)
