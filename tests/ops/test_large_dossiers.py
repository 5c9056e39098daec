"""What the service never takes, a line over 1 MB or too many bytes at once, holds up nothing in an outbox."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ops.processes import serving
from tests.ops.test_clients import CLIENTS, start, stored
from tests.ops.test_stop import add_source
from tests.support.client import dossier
from tests.support.required_programs import require

PYTHON = f"""
import sys
sys.path.insert(0, {str(CLIENTS)!r})
from tthc_outbox import Outbox
outbox = Outbox(sys.argv[1], "http://localhost", "key")
def put(*sizes):
    try:
        outbox.put(*({{"code": f"A{{size}}", "x": "đ" + "x" * (size - 25)}} for size in sizes))
    except ValueError as error:
        print(error)
"""
PYTHON_COUNT = "print(outbox.waiting())"
NODE = f"""
import {{ readFileSync }} from "node:fs";
import {{ Outbox }} from "{CLIENTS.as_uri()}/tthc-outbox.mjs";
const outbox = new Outbox(process.argv[1], "http://localhost", "key");
function put(...sizes) {{
  try {{
    outbox.put(...sizes.map((size) => ({{ code: "A" + size, x: "đ" + "x".repeat(size - 22) }})));
  }} catch (error) {{
    console.log(error.message);
  }}
}}
"""
NODE_COUNT = 'console.log(readFileSync(process.argv[1], "utf8").split("\\n").length - 1)'


@pytest.mark.parametrize("language", ["python", "node"])
def test_a_dossier_that_is_longer_than_the_service_takes_is_not_put(language: str, tmp_path: Path) -> None:
    # Those of seven digits are six bytes longer than they say: 1 MB, and a byte more.
    calls = "put(99); put(1048570); put(98, 1048571); put(97)"
    if language == "python":
        command = [sys.executable, "-I", "-c", f"{PYTHON}\n{calls}\n{PYTHON_COUNT}"]
    else:
        command = [require("node"), "--input-type=module", "-e", f"{NODE}\n{calls}\n{NODE_COUNT}"]
    program = subprocess.run([*command, str(tmp_path / "outbox")], capture_output=True, check=True, text=True)
    said, waiting = program.stdout.splitlines()
    assert said.startswith("A1048571: ") and "1 MB" in said
    assert waiting == "3"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["python", "node"])
def test_large_dossiers_are_sent_in_more_than_one_batch(language: str, database_url: str, tmp_path: Path) -> None:
    key, codes = add_source(database_url), [f"A-{number:02}" for number in range(12)]
    records: list[object] = [dossier(code, scan="x" * 1_040_000) for code in codes]
    with serving(database_url, tmp_path / "log", TTHC_MAX_UNPACKED_MB="9") as (_, base):
        client = start(language, tmp_path / "outbox", base, key, records)
        try:
            client.communicate(timeout=40)
        finally:
            client.kill()
            client.communicate()
    assert stored(database_url) == codes
