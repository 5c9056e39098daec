"""SQLite as installations meet it: files that go away, disks that are full or read-only, folders with odd names."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest
from flask.testing import FlaskCliRunner

from service.app import create_app
from service.settings import Settings
from service.store import migrations
from service.store.database import Database
from tests.ops.processes import ROOT, free_port, get, serving
from tests.ops.test_databases import refused, timed
from tests.ops.test_settings import run as ran
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tthc.sqlite3"


@contextmanager
def served(file: Path) -> Iterator[tuple[str, str]]:
    """Serve a new database in this file; yield the address and a key."""
    file.parent.mkdir(exist_ok=True)
    with serving(f"sqlite:///{file}", file.parent.parent / "log", TTHC_METRICS_CACHE_SECONDS="0") as (_, base):
        key = add_source(f"sqlite:///{file}")
        assert push(base, key, [dossier("A-1")])["created"] == 1
        yield base, key


def remove(file: Path) -> None:
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()


def move(file: Path) -> None:
    for part in file.parent.glob(f"{file.name}*"):
        part.rename(part.with_name(f"moved-{part.name}"))


def replace(file: Path) -> None:
    copy = file.with_name("copy")
    shutil.copy(file, copy)
    copy.rename(file)


@pytest.mark.parametrize("happening", [remove, move, replace])
def test_a_file_that_goes_away_under_the_server_is_noticed(file: Path, happening: object) -> None:
    with served(file) as (base, key):
        happening(file)  # type: ignore[operator]
        status, body = refused(base, key, dossier("A-2"))
        assert (status, "cannot write" in body) == (503, True)
        assert timed(f"{base}/readyz")[1:] == (503, '{"status":"not ready","database":"moved","migration":"unknown"}')
        assert 'tthc_unavailable_total{reason="moved"} 1.0' in get(f"{base}/metrics").decode()
        assert happening is replace or not file.exists(), "no empty database took its place"


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """Mount a disk of its own size; only root can."""
    place.mkdir(exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> None:
    """Write until the disk is full."""
    with (place / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(b"\0" * 65536):
                pass
        except OSError:
            return


def test_a_full_disk_is_told_as_what_it_is(file: Path) -> None:
    with small_disk(file.parent, 32) as disk, served(file) as (base, key):
        fill(disk)
        status, body = refused(base, key, dossier("A-2", unit_name="x" * 200))
        for n in range(40):  # SQLite fills what room its journal has
            if status == 507:
                break
            try:
                push(base, key, [dossier(f"B-{n}-{m}") for m in range(50)])
            except HTTPError as error:
                with error:
                    status, body = error.code, error.read().decode()
        assert (status, "disk is full" in body) == (507, True)
        assert '"storage":"disk_full"' in timed(f"{base}/readyz")[2]
        metrics = get(f"{base}/metrics").decode()
        assert "tthc_storage_ok 0.0" in metrics
        (disk / "filler").unlink()
        assert push(base, key, [dossier("A-2")])["created"] == 1
        assert timed(f"{base}/readyz")[1] == 200


_FLASK = ["-m", "flask", "--app", "wsgi"]
_COMMANDS = {
    "serve": ["-m", "service.serve"],
    "jobs": ["-m", "jobs"],
    "doctor": [*_FLASK, "doctor"],
    "upgrade": [*_FLASK, "db", "upgrade"],
    "list": [*_FLASK, "units", "list"],
    "add": [*_FLASK, "sources", "add", "x"],
    "verify": [*_FLASK, "tallies", "verify"],
}


@pytest.mark.parametrize("command", _COMMANDS)
def test_a_database_newer_than_the_program_is_told_everywhere(
    command: str, tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "newer.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'of-next-year'")
        session.connection().exec_driver_sql("DELETE FROM compatible_revision")
    database.engine.dispose()
    environ = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", "PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, *_COMMANDS[command]], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60
    )
    text = done.stdout + done.stderr
    assert done.returncode != 0
    assert "newer than the program" in text
    assert "Traceback" not in text


def test_a_newer_schema_that_fits_keeps_an_old_replica_ready(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "newer.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'of-next-year'")
        session.connection().exec_driver_sql("UPDATE compatible_revision SET schema_revision = 'of-next-year'")
    assert migrations.upgrade(database).fits
    app = create_app(Settings(database_url=f"sqlite:///{path}", log_level="ERROR"))
    assert app.test_client().get("/readyz").status_code == 200
    app.extensions["tthc"].database.engine.dispose()
    database.engine.dispose()


@pytest.mark.parametrize("name", ["100% của tôi", "a%20b", "đơn vị #1"])
def test_the_service_works_from_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    place.mkdir()
    for part in ("service", "models", "jobs", "migrations", "alembic.ini", "wsgi.py"):
        (place / part).symlink_to(ROOT / part) if part == "wsgi.py" else _copy(ROOT / part, place / part)
    environ = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PYTHONPATH")}
    for command in (["db", "upgrade"], ["doctor"]):
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=place, env=environ, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert (place / "var" / "tthc.sqlite3").is_file()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


@pytest.fixture
def runner(tmp_path: Path, sqlite_template: Path) -> Iterator[FlaskCliRunner]:
    path = tmp_path / "tthc.sqlite3"
    shutil.copy(sqlite_template, path)
    app = create_app(Settings(database_url=f"sqlite:///{path}", log_level="ERROR"))
    yield app.test_cli_runner()
    app.extensions["tthc"].database.engine.dispose()


def test_a_disabled_source_is_enabled_again(runner: FlaskCliRunner) -> None:
    runner.invoke(args=["sources", "add", "mot-cua"])
    runner.invoke(args=["sources", "disable", "mot-cua"])
    assert "disabled" in runner.invoke(args=["sources", "list"]).output
    assert runner.invoke(args=["sources", "enable", "mot-cua"]).exit_code == 0
    assert "active" in runner.invoke(args=["sources", "list"]).output


def test_a_key_that_is_rotated_for_a_disabled_source_says_so(runner: FlaskCliRunner) -> None:
    runner.invoke(args=["sources", "add", "mot-cua"])
    runner.invoke(args=["sources", "disable", "mot-cua"])
    told = runner.invoke(args=["sources", "rotate", "mot-cua"])
    assert "sources enable mot-cua" in told.stderr
    assert len(told.stdout.splitlines()) == 1, "the key alone"


def test_doctor_makes_no_file_where_one_was_lost(file: Path) -> None:
    file.parent.mkdir()
    app = create_app(Settings(database_url=f"sqlite:///{file}", log_level="ERROR"))
    told = app.test_cli_runner().invoke(args=["doctor"])
    app.extensions["tthc"].database.engine.dispose()
    assert (told.exit_code, "restore a backup" in told.output, file.exists()) == (1, True, False)


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder would be")
    environ = {**os.environ, "DATABASE_URL": "sqlite:///var/tthc.sqlite3", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "service.serve"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


UPGRADE = ("-m", "flask", "--app", "wsgi", "db", "upgrade")


def test_a_lost_file_is_told_and_no_empty_database_takes_its_place(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'tthc.sqlite3'}", tmp_path / "tthc.sqlite3"
    first = ran(*UPGRADE, DATABASE_URL=url)
    assert (first.returncode, "a new, empty database begins" in first.stderr + first.stdout) == (0, True)
    file.rename(tmp_path / "kept")
    again = ran(*UPGRADE, DATABASE_URL=url)
    assert (again.returncode != 0, "the database file is lost" in again.stderr) == (True, True)
    file.unlink(missing_ok=True)
    (tmp_path / "kept").rename(file)
    assert ran(*UPGRADE, DATABASE_URL=url).returncode == 0
    file.unlink()
    (tmp_path / "tthc.sqlite3.in-use").unlink()
    assert ran(*UPGRADE, DATABASE_URL=url).returncode == 0, "it is meant to begin anew"
