"""PostgreSQL as installations have it: search_path, poolers, frozen servers, standbys that do not answer."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.engine import make_url

from service.store import migrations
from service.store.database import Database
from tests.ops.processes import free_port, get, get_json, serving, until
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier
from tests.support.required_programs import require


def on_server(url: str, *statements: str) -> list[str]:
    """Run statements outside of a transaction; return the first column of the last answer."""
    database = Database(url)
    values: list[str] = []
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            answer = connection.execute(text(statement))
            values = [str(row[0]) for row in answer] if answer.returns_rows else []
    database.engine.dispose()
    return values


@pytest.fixture
def new_url(postgres_url: str) -> str:
    """Give an empty database of the test's PostgreSQL."""
    name = make_url(postgres_url).database
    on_server(postgres_url, f'DROP DATABASE IF EXISTS "{name}_new" WITH (FORCE)', f'CREATE DATABASE "{name}_new"')
    url = make_url(postgres_url).set(database=f"{name}_new")
    return url.render_as_string(hide_password=False)


def tables_by_schema(url: str) -> set[str]:
    return set(on_server(url, "SELECT schemaname FROM pg_tables WHERE tablename IN ('dossier', 'alembic_version')"))


def test_the_search_path_of_the_address_counts(new_url: str) -> None:
    on_server(new_url, "CREATE SCHEMA tthc")
    database = Database(make_url(new_url).update_query_dict({"options": "-csearch_path=tthc"}).render_as_string(False))
    migrations.upgrade(database)
    assert migrations.state(database).fits
    assert tables_by_schema(new_url) == {"tthc"}
    database.engine.dispose()


@contextmanager
def pgbouncer(url: str, place: Path, *more: str) -> Iterator[str]:
    """Run PgBouncer in transaction pooling before a database; yield the address through it."""
    server = make_url(url)
    port = free_port()
    (place / "users.txt").write_text(f'"{server.username}" ""\n')
    config = place / "pgbouncer.ini"
    host = server.query.get("host") or server.host
    config.write_text(
        "\n".join(
            [
                "[databases]",
                f"{server.database} = host={host} port={server.port or 5432} user={server.username}",
                "[pgbouncer]",
                f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =",
                f"auth_type = any\nauth_file = {place}/users.txt",
                "pool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 50",
                *more,
            ]
        )
    )
    program = require("pgbouncer")
    as_nobody = ["-u", "nobody"] if os.getuid() == 0 else []
    place.chmod(0o755)
    sockets = Path(str(host))
    sockets.chmod(0o711)  # PgBouncer does not run as root, and the test server's folder is root's
    with (place / "pgbouncer.log").open("wb") as log:
        process = subprocess.Popen([program, *as_nobody, str(config)], stdout=log, stderr=log)
    try:
        through = f"postgresql://{server.username}@127.0.0.1:{port}/{server.database}"
        until(lambda: _answers(port), 90)
        yield through
    finally:
        process.terminate()
        process.wait(20)
        sockets.chmod(0o700)


def _answers(port: int) -> bool:
    import socket

    with socket.create_connection(("127.0.0.1", port), 1):
        return True


@pytest.mark.parametrize("ignored", ["", "ignore_startup_parameters = extra_float_digits,options"])
def test_pgbouncer_in_transaction_pooling(new_url: str, tmp_path: Path, ignored: str) -> None:
    on_server(new_url, "CREATE SCHEMA tthc")
    with pgbouncer(new_url, tmp_path, ignored) as through:
        address = f"{through}?options=-csearch_path%3Dtthc"
        with serving(address, tmp_path / "log") as (_, base):
            key = add_source(address)
            for n in range(12):  # more often than psycopg needs to prepare a statement
                assert push(base, key, [dossier(f"A-{n}-{m}") for m in range(5)])["created"] == 5
                assert get_json(f"{base}/api/v1/stats?unit=H23.45&period=2023")["counts"]["received"] == 5 * (n + 1)
    assert tables_by_schema(new_url) == {"tthc"}


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """Freeze PostgreSQL with all its processes, and thaw it again."""
    folder = on_server(url, "SHOW data_directory")[0]
    main = int((Path(folder) / "postmaster.pid").read_text().split()[0])
    os.kill(main, signal.SIGSTOP)  # first: from now on no process of it is born, and none that ends is buried
    family = _children(main)
    try:
        for process in family:
            os.kill(process, signal.SIGSTOP)
        yield
    finally:
        for process in (*family, main):
            os.kill(process, signal.SIGCONT)


def _children(parent: int) -> list[int]:
    processes = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        if int(fields[1]) == parent:
            processes.append(int(stat.parent.name))
    return processes


def timed(address: str) -> tuple[float, int, str]:
    """Ask; return seconds, status and body."""
    began = time.monotonic()
    try:
        body, status = get(address).decode(), 200
    except HTTPError as error:
        with error:
            body, status = error.read().decode(), error.code
    return time.monotonic() - began, status, body


def refused(base: str, key: str, record: dict[str, object]) -> tuple[int, str]:
    """Push what is refused with a moment to try again; return status and body."""
    with pytest.raises(HTTPError) as answer:
        push(base, key, [record])
    with answer.value as error:
        assert error.headers["Retry-After"]
        return error.code, error.read().decode()


BOUND = 2 + 1
"""Seconds in which an answer comes, and one for a machine that is busy with other tests."""


def _refused_in(base: str, key: str, n: int) -> tuple[float, int]:
    began = time.monotonic()
    status, _ = refused(base, key, dossier(f"B-{n}"))
    return time.monotonic() - began, status


def test_a_frozen_server_hangs_nobody(new_url: str, tmp_path: Path) -> None:
    environ = {"TTHC_METRICS_CACHE_SECONDS": "0", "TTHC_CACHE_SECONDS": "0"}
    with serving(new_url, tmp_path / "log", **environ) as (_, base):
        key = add_source(new_url)
        push(base, key, [dossier("A-1")])
        assert 'tthc_collector_up{part="units"} 1.0' in timed(f"{base}/metrics")[2]
        assert '"stale":false' in timed(f"{base}/api/v1/widget/H23.45")[2]
        page = timed(f"{base}/units/H23.45")[2]
        with frozen(new_url):
            seconds, status, body = timed(f"{base}/api/v1/widget/H23.45")
            assert (status, seconds < BOUND, '"stale":true' in body) == (200, True, True)
            seconds, status, body = timed(f"{base}/api/v1/widget/H23.45")
            assert (status, seconds < 0.5) == (200, True), "the first one found out, the others do not wait"
            assert timed(f"{base}/units/H23.45")[1:] == (200, page)
            seconds, status, _ = timed(f"{base}/healthz")
            assert (status, seconds < 0.5) == (200, True)
            seconds, status, body = timed(f"{base}/metrics")
            assert (status, seconds < 9) == (200, True), "within Prometheus' ten seconds"
            assert 'tthc_collector_up{part="units"} 0.0' in body
            assert 'tthc_collector_up{part="jobs"} 0.0' in body
            seconds, status, _ = timed(f"{base}/readyz")
            assert (status, seconds < BOUND) == (503, True)
            time.sleep(1.5)
            with ThreadPoolExecutor(8) as pool:  # they wait for each other's lane, and none longer than the first
                for seconds, status in pool.map(lambda n: _refused_in(base, key, n), range(8)):
                    assert (status, seconds < BOUND) == (503, True)
        until(lambda: push(base, key, [dossier("A-2")])["created"] == 1)


def test_a_long_statement_of_a_living_server_is_waited_for(new_url: str) -> None:
    database = Database(new_url)
    with database.writing(lock_seconds=5) as session:
        began = time.monotonic()
        session.execute(text("SELECT pg_sleep(2)"))
        assert time.monotonic() - began >= 2, "it gave signs of life"
    database.engine.dispose()


def test_a_command_waits_for_a_slow_server_where_a_service_would_give_up(new_url: str) -> None:
    database = Database(new_url)
    with database.reading() as session:  # its connection goes back to the pool, and is asked for a sign of life
        assert session.scalar(text("SELECT 1"))

    def ask() -> int:
        with database.reading() as session:
            return int(session.scalar(text("SELECT 2")) or 0)

    with ThreadPoolExecutor(1) as pool:
        with frozen(new_url):
            asked = pool.submit(ask)
            time.sleep(2)
            assert not asked.done()
        assert asked.result(30) == 2
    database.engine.dispose()


def test_a_server_that_is_read_only_refuses_pushes_and_answers_questions(new_url: str, tmp_path: Path) -> None:
    with serving(new_url, tmp_path / "log") as (_, base):
        key = add_source(new_url)
        push(base, key, [dossier("A-1")])
        on_server(new_url, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
        try:
            until(lambda: timed(f"{base}/readyz")[1] == 503, 90)
            status, body = refused(base, key, dossier("A-2"))
            assert (status, "cannot write" in body) == (503, True)
            assert timed(f"{base}/api/v1/widget/H23.45")[1] == 200
        finally:
            on_server(new_url, "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
        until(lambda: timed(f"{base}/readyz")[1] == 200, 90)


def test_a_migration_waits_for_a_long_transaction_without_stopping_others(new_url: str) -> None:
    database = Database(new_url)
    migrations.upgrade(database)
    command.downgrade(migrations.alembic_config(database), "0002")
    waited: list[float] = []
    with ThreadPoolExecutor(1) as pool, database.engine.connect() as busy:
        busy.execute(text("LOCK TABLE job_run IN ACCESS SHARE MODE"))  # somebody reads for a long time
        upgraded = pool.submit(migrations.upgrade, database)
        end = time.monotonic() + 5
        while time.monotonic() < end:
            began = time.monotonic()
            with database.engine.connect() as other:
                other.execute(text("SELECT count(*) FROM job_run"))
            waited.append(time.monotonic() - began)
            time.sleep(0.1)
        assert not upgraded.done()
        busy.rollback()
        assert upgraded.result(30).fits
    assert max(waited) < 2.5, "nobody waits longer than one attempt"
    database.engine.dispose()
