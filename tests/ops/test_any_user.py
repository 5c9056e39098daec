"""The image as OpenShift runs it: a user without a name, in group 0, on a read-only root with one writable folder.

No container engine runs here: the same is done by setpriv and a mount namespace, with the image's own environment.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.processes import ROOT, free_port, get, until
from tests.ops.test_deploy import DEPLOY
from tests.ops.test_stop import push
from tests.support.client import dossier

UID = "123456"
_CAPABILITIES = " ".join(f"--{kind}=-all,+dac_read_search" for kind in ("inh-caps", "ambient-caps", "bounding-set"))
"""It may read what it likes, for this machine's Python may be a person's own; it may write what group 0 may."""
_INSIDE = (
    'mount --bind "$1" "$1" && mount -o remount,bind,ro / && ! touch /var/tmp/x 2>/dev/null && shift'
    f' && exec setpriv --reuid {UID} --regid 0 --clear-groups {_CAPABILITIES} --no-new-privs -- "$@"'
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make the one folder that is written, as the Containerfile makes it; only root can."""
    made = Path(tempfile.mkdtemp(prefix="tthc-image-"))
    try:
        os.chown(made, 10001, 0)
    except PermissionError:
        made.rmdir()
        pytest.skip("only root can give a folder away")
    made.chmod(0o2770)
    yield made
    shutil.rmtree(made)


def image_environ(folder: Path) -> dict[str, str]:
    """Return what the Containerfile sets, with this folder in the place of its own."""
    lines = re.findall(r"^ENV (.+)$", (DEPLOY / "container" / "Containerfile").read_text(), re.M)
    told = dict(pair.split("=", 1) for line in lines for pair in line.split())
    return {name: value.replace("/var/lib/tthc", str(folder)) for name, value in told.items()} | {
        "PATH": "/usr/bin:/bin"
    }


def inside(folder: Path, *args: str) -> list[str]:
    """Return how `python ARGS` is run as that user, where nothing but the folder can be written."""
    return ["unshare", "--mount", "sh", "-c", _INSIDE, "sh", str(folder), sys.executable, *args]


def run(folder: Path, *args: str) -> str:
    """Run a command to its end and return what it printed."""
    command = inside(folder, "-m", "flask", "--app", "wsgi", *args)
    done = subprocess.run(command, cwd=ROOT, env=image_environ(folder), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_user_without_a_name_serves_pushes_imports_and_commands(folder: Path) -> None:
    if subprocess.run(inside(folder, "-c", "0"), env=image_environ(folder), check=False).returncode:
        pytest.skip("no mount namespace can be made here")
    port = free_port()
    environ = {**image_environ(folder), "PORT": str(port), "TTHC_HOST": "127.0.0.1"}
    base = f"http://127.0.0.1:{port}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(inside(folder, "-m", "service.serve"), cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        until(lambda: b'"status":"ok"' in get(f"{base}/readyz"), 60)
        key = run(folder, "sources", "add", "mot-cua").splitlines()[-1]
        assert push(base, key, [dossier(f"A-{number}") for number in range(1000)])["created"] == 1000  # over 64 KiB
        assert get(f"{base}/docs/assets/swagger-ui-bundle.js")  # an answer that goes through a temporary file
        sample = str(ROOT / "tests/data/files/03-sheets-by-month.xlsx")  # read by a program of its own
        given = ("--source", "mot-cua", "--rejected", f"{folder}/rejected.xlsx")
        assert "Đã nhập" in run(folder, "dossiers", "import", sample, *given)
        run(folder, "doctor")
        assert f"uid {UID}" in run(folder, "audit")
    finally:
        process.terminate()
        assert process.wait(60) == 0, (folder / "log").read_text()
    assert {path.stat().st_uid for path in folder.glob("tthc.sqlite3*")} == {int(UID)}
