"""SQLite copied by Litestream while it takes pushes: restored, it has what was acknowledged until the moment told."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.store.database import Database
from tests.ops.processes import ROOT, get_json, serving, until
from tests.ops.test_backup import ASKED
from tests.ops.test_restore import script
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier
from tests.support.tallies import differences

LITESTREAM = str(Path(sys.executable).with_name("litestream"))


def configured(place: Path) -> Path:
    """Write the delivered configuration with places of the test."""
    text = (ROOT / "deploy" / "backup" / "litestream.yml").read_text(encoding="utf-8")
    text = text.replace("/var/lib/tthc/", f"{place}/").replace("/mnt/other-machine/tthc", f"{place}/replica")
    text = text.replace("/run/litestream/", f"{place}/")
    path = place / "litestream.yml"
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def replicating(config: Path) -> Iterator[None]:
    """Run Litestream beside the service."""
    with (config.parent / "litestream.log").open("wb") as log:
        process = subprocess.Popen([LITESTREAM, "replicate", "-config", str(config)], stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()  # the machine is gone
        process.wait(20)


def restored(config: Path, database: Path) -> dict[str, int]:
    """Restore into a new file, serve it, and return what it counts."""
    copy = config.parent / "restored.sqlite3"
    for part in config.parent.glob("restored.sqlite3*"):
        part.unlink()
    command = [LITESTREAM, "restore", "-config", str(config), "-o", str(copy), str(database)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        return {}
    with serving(f"sqlite:///{copy}", config.parent / "restored.log") as (_, base):
        counts: dict[str, int] = get_json(base + ASKED)["counts"]
        return counts


def told(place: Path, database: Path) -> int | None:
    """Say by the delivered script until when all is copied; None when it cannot be said."""
    words = ["litestream", str(database), str(place / "tthc.sock")]
    if script("restorable.sh", place, *words, PATH=f"{Path(LITESTREAM).parent}:{os.environ['PATH']}").returncode:
        return None
    return int((place / "tthc_restorable_litestream.prom").read_text().split()[-1])


def test_a_copy_has_what_was_acknowledged_before_the_moment_that_the_metric_tells(tmp_path: Path) -> None:
    config, file = configured(tmp_path), tmp_path / "tthc.sqlite3"
    with serving(f"sqlite:///{file}", tmp_path / "log") as (_, base):
        with replicating(config):
            key = add_source(f"sqlite:///{file}")
            for batch in range(5):
                push(base, key, [dossier(f"A-{batch}-{n}") for n in range(100)])
            before, acknowledged = get_json(base + ASKED)["counts"], int(time.time())
            assert before["received"] == 500
            assert until(lambda: told(tmp_path, file), 120) >= acknowledged
        push(base, key, [dossier("B-1")])  # nobody copies it
        assert told(tmp_path, file) is None
    assert restored(config, file) == before
    database = Database(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    with database.reading() as session:
        assert differences(session) == []
    database.engine.dispose()
