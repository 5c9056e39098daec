"""The outbox clients lose nothing: over cut connections and killed processes every dossier arrives once, in order.

OUTBOX_DOSSIERS: how many dossiers are sent (2000; 20000 for the whole measurement: 30 connections cut, 10 restarts).
"""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread

import orjson
import pytest
from sqlalchemy import select

from models.dossiers import DossierVersion
from service.store.database import Database
from tests.ops.processes import free_port, get, serving
from tests.ops.test_stop import add_source
from tests.support.client import dossier
from tests.support.required_programs import require

CLIENTS = Path(__file__).resolve().parents[2] / "service" / "clients"
DOSSIERS = int(os.environ.get("OUTBOX_DOSSIERS", "2000"))
CUTS, LIVES = (60, 11) if DOSSIERS >= 20_000 else (8, 4)
"""Every second connection is cut within a request or its answer, the others later."""
PYTHON = f"""
import json, os, sys
sys.path.insert(0, {str(CLIENTS)!r})
from tthc_outbox import Outbox
outbox = Outbox(sys.argv[1], sys.argv[2], os.environ["TTHC_KEY"], size=100)
outbox.put(*(json.loads(line) for line in sys.stdin))
print("put", flush=True)
outbox.run(until_empty=True)
print(json.dumps([errors for _, errors in outbox.rejected()]))
"""
NODE = f"""
import {{ existsSync, readFileSync }} from "node:fs";
import {{ Outbox }} from "{CLIENTS.as_uri()}/tthc-outbox.mjs";
const [path, url] = process.argv.slice(1);
const outbox = new Outbox(path, url, process.env.TTHC_KEY, 100);
outbox.put(...readFileSync(0, "utf8").split("\\n").filter(Boolean).map((line) => JSON.parse(line)));
console.log("put");
await outbox.run({{ untilEmpty: true }});
const rejected = existsSync(path + ".rejected") ? readFileSync(path + ".rejected", "utf8").trim().split("\\n") : [];
console.log(JSON.stringify(rejected.map((line) => JSON.parse(line).errors)));
"""


def command(language: str) -> list[str]:
    if language == "python":
        return [sys.executable, "-I", "-c", PYTHON]
    return [require("node"), "--input-type=module", "-e", NODE]


def start(language: str, outbox: Path, url: str, key: str, records: list[object]) -> "subprocess.Popen[bytes]":
    """Start a client that puts some dossiers and then sends; return it when they are on the disk."""
    told = [*command(language), str(outbox), url]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        told, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={**os.environ, "TTHC_KEY": key}
    )
    assert process.stdin and process.stdout
    process.stdin.write(b"\n".join(map(orjson.dumps, records)))
    process.stdin.close()
    process.stdin = None
    assert process.stdout.readline().strip() == b"put"
    return process


@contextmanager
def cutting(port: int, cuts: int, chance: random.Random) -> Iterator[int]:
    """Pass connections on to a port, but cut the first ones somewhere in the middle; yield the port to ask."""
    left = iter(range(cuts))
    opened: list[socket.socket] = []

    def limits(cut: int | None) -> tuple[float, float]:
        """Return after how many bytes each way is cut: in the request, in its answer, or after some requests."""
        if cut is None:
            return 1e12, 1e12
        if cut % 2:
            return 4000, 1e12
        return (chance.choice((1, 300, 900)), 1e12) if cut % 4 else (1e12, chance.choice((1, 60)))

    def carry(source: socket.socket, target: socket.socket, most: float) -> None:
        with suppress(OSError):
            while most > 0 and (piece := source.recv(int(min(most, 65536)))):
                target.sendall(piece)
                most -= len(piece)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                opened.extend((near, far))
                there, back = limits(next(left, None))
                Thread(target=carry, args=(near, far, there), daemon=True).start()
                Thread(target=carry, args=(far, near, back), daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", free_port()))) as listener:
        Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
    for one in opened:
        one.close()
    assert next(left, None) is None, "not every cut was made"


def stored(database_url: str) -> list[str]:
    """Return the codes of all versions in the order in which they were filed."""
    database = Database(database_url)
    with database.reading() as session:
        arrived = list(session.scalars(select(DossierVersion.code).order_by(DossierVersion.id)))
    database.engine.dispose()
    return arrived


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["python", "node"])
def test_every_dossier_arrives_once_and_in_order(language: str, database_url: str, tmp_path: Path) -> None:
    key, chance = add_source(database_url), random.Random(7)
    codes = [f"H23.45-231001-{number:05d}" for number in range(DOSSIERS)]
    share = -(-DOSSIERS // LIVES)
    with serving(database_url, tmp_path / "log") as (_, base), cutting(int(base[-5:].strip(":")), CUTS, chance) as port:
        url, outbox = f"http://127.0.0.1:{port}", tmp_path / "outbox"
        for life in range(LIVES):
            records: list[object] = [dossier(code) for code in codes[life * share : (life + 1) * share]]
            client = start(language, outbox, url, key, records)
            if life < LIVES - 1:
                time.sleep(chance.uniform(0, 1.5))
                client.kill()
                client.communicate()
        assert orjson.loads(client.communicate(timeout=600)[0]) == []
        assert client.returncode == 0
    assert stored(database_url) == codes


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["python", "node"])
def test_what_is_refused_is_kept_with_its_reasons(language: str, database_url: str, tmp_path: Path) -> None:
    key = add_source(database_url)
    with serving(database_url, tmp_path / "log") as (_, base):
        client = start(language, tmp_path / "outbox", base, key, [dossier("A-1"), dossier("A-2", status="eaten")])
        errors = orjson.loads(client.communicate(timeout=60)[0])
    assert [list(one) for one in errors] == [["status"]]


def test_a_crash_after_the_file_was_emptied_loses_nothing_that_is_put_later(tmp_path: Path) -> None:
    """The file is empty and the note still says how much of it was sent: that must not be skipped of later dossiers."""
    (tmp_path / "outbox.sent").write_text("10")
    program = f"""
        import {{ Outbox }} from "{CLIENTS.as_uri()}/tthc-outbox.mjs";
        const outbox = new Outbox({str(tmp_path / "outbox")!r}, "http://localhost", "key");
        outbox.put({{ code: "A-1" }});
        console.log(outbox.sent);"""
    lives = [
        subprocess.run([require("node"), "--input-type=module", "-e", program], capture_output=True, check=True).stdout
        for _ in range(2)
    ]
    assert lives == [b"0\n", b"0\n"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["tthc_outbox.py", "tthc-outbox.mjs", "README.md"])
def test_each_is_served(database_url: str, tmp_path: Path, name: str) -> None:
    with serving(database_url, tmp_path / "log") as (_, base):
        assert get(f"{base}/clients/{name}") == (CLIENTS / name).read_bytes()
