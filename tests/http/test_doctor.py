"""What `doctor` says of jobs that never ran, and what it goes on to look at after a fault."""

import shutil
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy.engine import make_url

from service.app import create_app
from service.settings import Settings
from service.store import migrations
from service.store.database import Database
from tests.ops.test_databases import new_url, on_server

__all__ = ["new_url"]


@pytest.mark.parametrize(("jobs", "mark"), [("inline", "ok "), ("off", "LỖI")])
def test_doctor_wants_jobs_from_somebody(tmp_path: Path, jobs: Literal["inline", "off"], mark: str) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x", jobs=jobs))
    app.test_cli_runner().invoke(args=["db", "upgrade"])
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    line = next(line for line in told.splitlines() if "no job has run yet" in line)
    assert (line[:3], "tthc-jobs" in line) == (mark, jobs == "off")


def test_doctor_goes_on_when_a_setting_alone_is_wrong(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x", proxy_hops=1))
    app.test_cli_runner().invoke(args=["db", "upgrade"])
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    assert ("LỖI Sau proxy" in told, "no job has run yet" in told) == (True, True)


def test_doctor_tells_as_many_connections_as_the_pool_opens_at_most() -> None:
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/none", threads=5))
    pool: Any = app.extensions["tthc"].database.engine.pool
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    app.extensions["tthc"].database.engine.dispose()
    assert f"Tối đa {pool.size() + pool._max_overflow} kết nối" in told, told


def test_doctor_names_the_tables_in_which_the_role_lacks_a_right(new_url: str) -> None:
    database = Database(new_url)
    migrations.upgrade(database)
    database.engine.dispose()
    name = f"plain_{make_url(new_url).database}"
    on_server(new_url, f"DROP ROLE IF EXISTS {name}", f"CREATE ROLE {name} LOGIN")
    on_server(new_url, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}")
    on_server(new_url, f"REVOKE UPDATE ON dossier, source FROM {name}")
    app = create_app(Settings(database_url=make_url(new_url).set(username=name).render_as_string(False), jobs="off"))
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    app.extensions["tthc"].database.engine.dispose()
    on_server(new_url, f"DROP OWNED BY {name}", f"DROP ROLE {name}")
    assert "LỖI Bảng (tables): thiếu quyền ở dossier, source:" in told, told


def test_doctor_names_the_disk_that_is_full_and_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x", jobs="off"))
    app.test_cli_runner().invoke(args=["db", "upgrade"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 4096))
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    line = next(line for line in told.splitlines() if "Lưu trữ" in line)
    assert (line[:3], f"{tmp_path}/x" in line, "4,096 byte" in line) == ("LỖI", True, True)
    app.extensions["tthc"].database.engine.dispose()
