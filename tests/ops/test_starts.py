"""Starts beside others: a port that a foreign program has, one SQLite file in two servers, passwords of PostgreSQL."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy.engine import make_url

from tests.ops.processes import get_json, running, serving
from tests.ops.test_databases import new_url, on_server
from tests.ops.test_settings import COMMANDS, run
from tests.ops.test_stop import add_source, push, stored
from tests.support.client import dossier

__all__ = ["new_url"]

PASSWORD = "m@t kh#u/100%"  # pragma: allowlist secret


def test_a_foreign_program_on_the_port_stops_the_start_with_one_line(tmp_path: Path) -> None:
    """Also one that would share the port."""
    with socket.socket() as foreign:
        foreign.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        told = {"PORT": str(foreign.getsockname()[1]), "TTHC_HOST": "127.0.0.1"}
        url = f"sqlite:///{tmp_path / 'tthc.sqlite3'}"
        with running(["-m", "service.serve"], url, tmp_path / "log", **told) as process:
            assert process.process.wait(120) == 1
    assert (process.text().strip().count("\n"), process.text()[:5]) == (0, "PORT:")


def test_two_servers_on_one_sqlite_file_stay_right(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tthc.sqlite3'}"
    environ = {"TTHC_JOBS": "off", "TTHC_CACHE_SECONDS": "0"}
    with serving(url, tmp_path / "one", **environ) as (_, one), serving(url, tmp_path / "two", **environ) as (_, two):
        keys = {base: add_source(url, name) for name, base in (("a", one), ("b", two))}

        def send(base: str) -> int:
            batches = ([dossier(f"{base}-{batch}-{n}") for n in range(50)] for batch in range(10))
            return sum(int(push(base, keys[base], batch)["created"]) for batch in batches)

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(send, (one, two))) == [500, 500]
        asked = "/api/v1/stats?unit=H23.45&period=2023"
        assert [get_json(base + asked)["counts"]["received"] for base in (one, two)] == [1000, 1000]
    assert stored(url) == (1000, 1000, [])


@pytest.fixture
def guarded_url(new_url: str) -> Iterator[str]:
    """Give the address of a role that has a password with special characters in it, PASSWORD standing for it."""
    rules = Path(on_server(new_url, "SHOW hba_file")[0])
    before = rules.read_text()
    quoted = PASSWORD.replace("'", "''")
    on_server(new_url, "DROP ROLE IF EXISTS tthc_guarded", f"CREATE ROLE tthc_guarded LOGIN PASSWORD '{quoted}'")
    rules.write_text(f"local all tthc_guarded scram-sha-256\nhost all tthc_guarded all scram-sha-256\n{before}")
    on_server(new_url, "SELECT pg_reload_conf()")
    yield make_url(new_url).set(username="tthc_guarded", password="PASSWORD").render_as_string(hide_password=False)
    rules.write_text(before)
    on_server(new_url, "SELECT pg_reload_conf()")


def test_a_password_with_special_characters_is_encoded_and_works(guarded_url: str) -> None:
    assert on_server(guarded_url.replace("PASSWORD", quote(PASSWORD, safe="")), "SELECT 1") == ["1"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_password_is_told_in_one_line_and_not_shown(guarded_url: str, command: str) -> None:
    done = run(*COMMANDS[command], DATABASE_URL=guarded_url.replace("PASSWORD", "sai-mat-khau"), DEMO="0")
    text = done.stdout + done.stderr
    assert done.returncode != 0
    assert "wrong user or password" in text
    assert ("Traceback" in text, "sai-mat-khau" in text) == (False, False)
