"""The install chapter, block by block: from an empty folder to the first scraped metric and a backup that restores.

Run with the files of this machine moved into a folder (/etc/tthc becomes FOLDER/etc/tthc, …). What needs a whole
machine is replaced: apt-get and make do nothing, systemctl notes what it was told, runuser runs as this user.
"""

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from service.store.database import Database
from tests.ops.processes import ROOT, free_port, get_json, running, until
from tests.ops.test_backup import pg_program
from tests.ops.test_databases import on_server
from tests.support.required_programs import require
from tests.support.tallies import differences

CHAPTER = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
STEPS = dict(re.findall(r"^## (\d+)\. .*?```sh\n(.*?)```", CHAPTER, re.M | re.S))
_FILLED = """
INSERT INTO source (code, key_id, key_hash, ok_code, created_at, scopes) VALUES ('S', '', '', '0', 0, 'push');
INSERT INTO dossier (source_id, code, unit_code, procedure_code, channel, status, has_pauses, changed_at, known_at,
  digest)
VALUES (1, 'A', 'U', '1', 1, 4, 0, 0, 0, '');
"""
_DATABASES = ("tthc", "tthc_restore_test")
PLACES = ("/etc/tthc", "/etc/systemd/system", "/etc/nginx/conf.d", "/opt/tthc", "/var/lib/tthc", "/var/backups/tthc")


class Machine:
    """A folder that stands for a machine, with the test's PostgreSQL and free ports."""

    def __init__(self, root: Path, postgres_url: str) -> None:
        self.root = root
        self.server = make_url(postgres_url)
        self.service, self.https = free_port(), free_port()
        self.bin = root / "bin"
        for place in (*PLACES, "/bin"):
            (root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
        for part in ("service", "models", "jobs", "migrations", "deploy"):
            shutil.copytree(ROOT / part, root / "opt/tthc" / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("wsgi.py", "alembic.ini"):
            shutil.copy(ROOT / part, root / "opt/tthc" / part)
        proxy = root / "opt/tthc/deploy/nginx/tthc.conf"
        proxy.write_text(proxy.read_text().replace("/var/cache/nginx", f"{root}/var/cache/nginx"))
        (root / "opt/tthc/.venv").symlink_to(Path(sys.executable).parent.parent)
        self._stand_ins()

    def _stand_ins(self) -> None:
        host = self.server.query["host"]
        by_socket = f"PGHOST={host} PGUSER={self.server.username}"
        programs = {
            "apt-get": ":",
            "make": ":",
            "useradd": ":",
            "id": ":",
            "chgrp": ":",
            "install": 'while [ "$1" != "-d" ] ; do shift; done; for last; do mkdir -p "$last" 2>/dev/null || :; done',
            "systemctl": f'echo "$@" >> {self.root}/systemctl',
            "runuser": f'shift 3; exec env {by_socket} "$@"',
            "nginx": f'exec {require("nginx")} -c {self.root}/nginx.conf "$@"',
        }
        for name in ("createdb", "psql", "pg_dump", "pg_restore"):
            programs[name] = f'exec {pg_program(name)} "$@"'
        for name, line in programs.items():
            path = self.bin / name
            path.write_text(f"#!/bin/sh\n{line}\n")
            path.chmod(0o755)

    def here(self, text: str) -> str:
        """Return the text of a block with the places and addresses of this machine."""
        for place in (*PLACES, "/var/cache/nginx"):
            text = text.replace(place, f"{self.root}{place}")
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{self.service}").replace("PORT=8000", f"PORT={self.service}")
        text = text.replace("listen 443", f"listen 127.0.0.1:{self.https}")
        text = text.replace("https://127.0.0.1/", f"https://127.0.0.1:{self.https}/")
        return re.sub(r"@127\.0\.0\.1:5432/(\w+)", rf"@/\1?host={self.server.query['host']}", text)

    def environ(self) -> dict[str, str]:
        """Return the environment of the service, as systemd reads it from the file."""
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        lines = (self.root / "etc/tthc/env").read_text().split() if (self.root / "etc/tthc/env").exists() else []
        return {**kept, "PATH": f"{self.bin}:{os.environ['PATH']}", **dict(line.split("=", 1) for line in lines)}

    def run(self, step: str) -> str:
        """Run a block as the reader does: it must end well."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.here(STEPS[step])],
            env=self.environ(), cwd=self.root, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"step {step}: {done.stdout}{done.stderr}"
        return done.stdout


@contextmanager
def nginx(machine: Machine) -> Iterator[None]:
    process = subprocess.Popen([str(machine.bin / "nginx")])
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_the_install_chapter_leads_to_the_first_metric_and_a_backup(postgres_url: str, tmp_path: Path) -> None:
    require("nginx"), require("openssl"), require("curl")
    if os.getuid() != 0:
        pytest.skip("the chapter is written for root")
    on_server(postgres_url, *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in _DATABASES))
    on_server(postgres_url, "DROP ROLE IF EXISTS tthc")
    machine = Machine(tmp_path, postgres_url)
    temp = "".join(
        f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; user root; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log; events {{}}"
        f" http {{ access_log off; {temp} include {tmp_path}/etc/nginx/conf.d/*.conf; }}"
    )
    for step in ("1", "2", "3", "4"):
        machine.run(step)
    assert stat.S_IMODE((tmp_path / "etc/tthc/database-url").stat().st_mode) == 0o640
    assert "LỖI" not in machine.run("5")
    machine.run("6")
    assert "enable --now tthc tthc-backup.timer tthc-restore-test.timer" in (tmp_path / "systemctl").read_text()
    environ = {name: value for name, value in machine.environ().items() if name not in ("PATH", "HOME", "LANG")}
    with running(["-m", "service.serve"], "", tmp_path / "log", **environ, DATABASE_URL="") as service:
        try:
            until(lambda: get_json(f"http://127.0.0.1:{machine.service}/readyz"), 90)
        except AssertionError:
            raise AssertionError(service.text()) from None
        machine.run("7")
        with nginx(machine):
            assert '"early_or_on_time":1' in machine.run("8")
            told = machine.run("9")
        assert "tthc_backup_timestamp_seconds" in told
        assert "tthc_restore_test_timestamp_seconds" in told
    _restore(machine, postgres_url)


def _restore(machine: Machine, postgres_url: str) -> None:
    (dump,) = (machine.root / "var/backups/tthc").glob("*.dump")
    on_server(postgres_url, "DROP DATABASE tthc WITH (FORCE)", "CREATE DATABASE tthc")
    address = make_url(postgres_url).set(database="tthc", drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run([pg_program("pg_restore"), "--no-owner", f"--dbname={address}", str(dump)], check=True, timeout=60)
    database = Database(make_url(address).update_query_dict({"options": "-csearch_path=tthc"}).render_as_string(False))
    with database.reading() as session:
        assert differences(session) == []
    database.engine.dispose()
    on_server(postgres_url, *(f"DROP DATABASE {name} WITH (FORCE)" for name in _DATABASES), "DROP ROLE tthc")


def test_a_backup_of_sqlite_is_whole_and_the_oldest_go(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "tthc.sqlite3")
    (tmp_path / "backups").mkdir()
    environ = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'tthc.sqlite3'}"}
    for n in range(3):
        script = [str(ROOT / "deploy/backup/backup.sh"), str(tmp_path / "backups"), "2"]
        done = subprocess.run(script, env=environ, capture_output=True, text=True, check=True, timeout=60)
        made = Path(done.stdout.strip())
        made.rename(made.with_name(f"tthc-{n}.sqlite3"))
    assert len(list((tmp_path / "backups").glob("*.sqlite3"))) == 2
    assert 'tthc_backup_timestamp_seconds{by="dump"} 1' in (tmp_path / "backups" / "tthc_backup.prom").read_text()


def test_what_root_backs_up_by_hand_can_be_read_by_the_service(tmp_path: Path, sqlite_template: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root makes files of others")
    shutil.copy(sqlite_template, tmp_path / "tthc.sqlite3")
    with closing(sqlite3.connect(tmp_path / "tthc.sqlite3")) as database:
        database.executescript(_FILLED)
    (folder := tmp_path / "backups").mkdir()
    os.chown(folder, 65534, 65534)
    environ = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'tthc.sqlite3'}"}
    script = [str(ROOT / "deploy/backup/backup.sh"), str(folder)]
    subprocess.run(script, env=environ, capture_output=True, check=True, timeout=60)
    made = [*folder.glob("tthc-*")]
    assert [path.stat().st_uid for path in made] == [65534, 65534], made
