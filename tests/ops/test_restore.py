"""A backup is restored for a trial by the delivered script: on both databases, and a damaged one is told."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.ops.processes import ROOT, serving
from tests.ops.test_backup import pg_program
from tests.ops.test_databases import new_url
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier

__all__ = ["new_url"]


def script(name: str, folder: Path, *more: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a script of deploy/backup with the PostgreSQL programs of the tests."""
    path = f"{Path(pg_program('pg_dump')).parent}:{os.environ['PATH']}"
    command = [str(ROOT / "deploy" / "backup" / name), str(folder), *more]
    return subprocess.run(command, env={**os.environ, "PATH": path, **environ}, capture_output=True, text=True)


@pytest.mark.usefixtures("new_url")
def test_the_newest_backup_is_restored_and_a_damaged_one_is_told(
    database_url: str, new_url: str, tmp_path: Path
) -> None:
    backups, metric = tmp_path / "backups", tmp_path / "backups" / "tthc_restore_test.prom"
    backups.mkdir()
    plain = database_url.replace("postgresql+psycopg:", "postgresql:")
    began = int(time.time())
    with serving(database_url, tmp_path / "log") as (_, base):
        key = add_source(database_url)
        push(base, key, [dossier(f"A-{n}") for n in range(50)])
        made = script("backup.sh", backups, DATABASE_URL=plain)
        assert made.returncode == 0, made.stderr
        push(base, key, [dossier("B-1")])
    assert (backups / "tthc-was-filled").exists()
    restorable = int((backups / "tthc_backup.prom").read_text().split()[-1])
    assert began <= restorable <= time.time(), "not later than what the backup holds"
    tried = script("restore-test.sh", backups, RESTORE_URL=new_url.replace("+psycopg", ""))
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert int(metric.read_text().split()[-1]) >= began
    metric.unlink()
    backup = Path(made.stdout.strip())
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    assert script("restore-test.sh", backups, RESTORE_URL=new_url.replace("+psycopg", "")).returncode != 0
    assert not metric.exists()


def test_an_empty_database_is_no_backup_where_there_were_dossiers(database_url: str, tmp_path: Path) -> None:
    """It is a new one in the place of one that was lost."""
    backups, plain = tmp_path / "backups", database_url.replace("postgresql+psycopg:", "postgresql:")
    backups.mkdir()
    assert script("backup.sh", backups, DATABASE_URL=plain).returncode == 0, "an installation begins empty"
    (backups / "tthc-was-filled").touch()
    refused = script("backup.sh", backups, DATABASE_URL=plain)
    assert (refused.returncode, "the database is empty" in refused.stderr) == (1, True)
    assert len(list(backups.glob("tthc-20*"))) == 1
