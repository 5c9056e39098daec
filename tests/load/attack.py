"""What attacks do to healthy clients: `make attack`, some four minutes. Figures: docs/security.md, docs/reliability.md.

ATTACK_IMPORT_ROWS (100000) sizes the import beside which reads are measured. With ATTACK_MINUTES all of the attacks are
made again and again for so long on each database, to see what memory they leave.
"""

import gzip
import http.client
import json
import os
import random
import socket
import struct
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import create_engine

from bench.measuring import show
from bench.serving import databases
from service.store import migrations
from service.store.database import Database
from tests.load.attackers import attackers
from tests.load.healthy import HEALTH, PUSH, WIDGET, Met, healthy
from tests.ops.processes import Running, serving
from tests.ops.test_stop import add_source, push
from tests.support.client import dossier
from tests.support.raw_http import connect, head, read_all

ROWS = int(os.environ.get("ATTACK_IMPORT_ROWS", "100000"))
MINUTES = float(os.environ.get("ATTACK_MINUTES", "0"))
_SECONDS = 10


class Target(NamedTuple):
    """A server that is attacked; key: of the healthy clients, stolen: of another source, in the attackers' hands."""

    process: Running
    base: str
    port: int
    key: str
    stolen: str


Attack = Callable[[Target], tuple[Met, str]]
"""Attacks, and returns what healthy clients met meanwhile, and what else is to be told."""


def run() -> None:
    """Print the table for each database."""
    for kind in ("sqlite", "postgresql"):
        with databases(kind) as make, tempfile.TemporaryDirectory() as folder:
            url = make("attack")
            migrations.upgrade(Database(url))
            key, stolen = add_source(url), add_source(url, "stolen")
            with serving(url, Path(folder) / "log", TTHC_JOBS="off", TTHC_LOG_LEVEL="ERROR", TTHC_THREADS="8") as (
                process,
                base,
            ):
                _measure(kind, Target(process, base, int(base.rpartition(":")[2]), key, stolen), url)


def _measure(kind: str, target: Target, url: str) -> None:
    push(target.base, target.key, [dossier(f"A-{number}") for number in range(20_000)])
    if kind == "postgresql":  # as its own cleaner does within a minute: until then it reads as if the tables were empty
        with create_engine(Database(url).url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    rows: list[tuple[str, ...]] = [("beside", "healthz p99 ms", "widget p99 ms", "push p50 / p99 ms", "503", "and")]
    rows += [_row(name, *attack(target)) for name, attack in ATTACKS.items()]
    began, rounds = time.monotonic(), 0
    while time.monotonic() - began < MINUTES * 60:
        rounds += 1
        refused = sum(attack(target)[0].refused for attack in ATTACKS.values())
        rows.append((f"round {rounds}", "", "", "", str(refused), f"memory {_memory(target.process, 'VmRSS'):.0f} MB"))
    memory = f"memory now {_memory(target.process, 'VmRSS'):.0f} MB, most {_memory(target.process, 'VmHWM'):.0f} MB"
    if kind == "sqlite":
        log = Path(f"{url.removeprefix('sqlite:///')}-wal").stat().st_size
        memory += f", write-ahead log {log / 1e6:.0f} MB"
    rows.append(("in the end", *[""] * 4, memory))
    show(kind, rows)


def _row(beside: str, met: Met, more: str) -> tuple[str, ...]:
    pushes = f"{met.percentile(PUSH, 0.5):.0f} / {met.p99(PUSH):.0f}" if met.seconds[PUSH] else "none"
    failed = f"; failed: {met.failed}" if met.failed else ""
    return beside, f"{met.p99(HEALTH):.0f}", f"{met.p99(WIDGET):.0f}", pushes, str(met.refused), more + failed


def _nothing(target: Target) -> tuple[Met, str]:
    with healthy(target.port, target.key) as met:
        time.sleep(_SECONDS)
    return met, ""


def _held(target: Target) -> tuple[Met, str]:
    with attackers(target.port, target.key) as still, healthy(target.port, target.key) as met:
        while still.value < 550:
            time.sleep(0.05)
        began = time.monotonic()
        while still.value and time.monotonic() - began < 60:
            time.sleep(0.1)
        gone = time.monotonic() - began
    return met, f"attackers cut after {gone:.0f} s"


def _idle(target: Target) -> tuple[Met, str]:
    attack = attackers(target.port, target.key, silent=1500, trickling=0)
    with attack, healthy(target.port, target.key) as met:
        time.sleep(_SECONDS)
    return met, ""


def _unread(target: Target) -> tuple[Met, str]:
    before = _memory(target.process, "VmRSS")
    with healthy(target.port, target.key) as met:
        waiting = [connect(target.base) for _ in range(40)]
        for sock in waiting:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.sendall(head("GET", "/docs/assets/swagger-ui-bundle.js"))
        time.sleep(3)
        more = _memory(target.process, "VmRSS") - before
        time.sleep(12)
        cut = sum(len(read_all(sock)) < 1_000_000 for sock in waiting)
    return met, f"{more:.0f} MB more memory, {cut} of 40 cut"


def _hung_up(target: Target) -> tuple[Met, str]:
    question = "/api/v1/stats?unit=H23.45&group_by=day&from=2022-10-01&to=2023-10-31&decimals=%d&as_of=2024-01-%02d"
    with healthy(target.port, target.key) as met:
        for number in range(32):
            with connect(target.base) as sock:
                sock.sendall(head("GET", question % (number % 3, 1 + number % 28)))
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                time.sleep(0.02)
        time.sleep(_SECONDS / 2)
    return met, ""


def _new_questions(target: Target) -> tuple[Met, str]:
    """Ask for a widget as of another moment each time: no answer is repeated."""
    stop, answers = threading.Event(), Counter[int]()

    def ask() -> None:
        chance, connection = random.Random(), http.client.HTTPConnection("127.0.0.1", target.port, timeout=60)
        while not stop.is_set():
            moment = f"2023-12-{chance.randint(1, 28):02d}T10:{chance.randint(0, 59):02d}:{chance.randint(0, 59):02d}Z"
            with suppress(OSError):
                connection.request("GET", f"{WIDGET}?as_of={moment}")
                answer = connection.getresponse()
                answer.read()
                answers[answer.status] += 1
        connection.close()

    askers = [threading.Thread(target=ask) for _ in range(50)]
    for asker in askers:
        asker.start()
    with healthy(target.port, target.key) as met:
        time.sleep(_SECONDS)
    stop.set()
    for asker in askers:
        asker.join()
    return met, f"answered: {dict(answers)}"


def _bombs(target: Target) -> tuple[Met, str]:
    bomb = gzip.compress(b"[" * 6_000_000)
    request = head("POST", "/national/login", f"Content-Length: {len(bomb)}", "Content-Encoding: gzip") + bomb
    with healthy(target.port, target.key) as met:
        for _ in range(100):
            with suppress(OSError), connect(target.base) as sock:
                sock.sendall(request)
                read_all(sock)
    return met, f"{len(bomb)} bytes each"


def _large_json(target: Target) -> tuple[Met, str]:
    """Send what a stolen key may: large packed arrays of odd records, to be filed and as dry runs, from 12 threads."""
    deep, names = "[" * 900 + "]" * 900, ",".join(f'"n{number}":0' for number in range(39))
    texts = [
        f"[{','.join([deep] * 9000)}]",
        f"[{','.join([f'{{{names}}}'] * 50_000)}]",
        '[{"code":"' + "x" * 30_000_000 + '"}]',
        f"[{'1.5,' * 6_000_000}1]",
        json.dumps([dossier(f"L-{number}") for number in range(20_000)])[:-1],
    ]
    bodies = [gzip.compress(text.encode(), 5) for text in texts]
    headers = {"Authorization": f"Bearer {target.stolen}", "Content-Type": "application/json"}
    headers["Content-Encoding"] = "gzip"
    stop, answers = threading.Event(), Counter[int]()

    def send(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=60)
        while not stop.is_set():
            number += 1
            path = f"/api/v1/dossiers/batch?dry_run={number % 2}"
            with suppress(OSError):
                connection.request("POST", path, bodies[number % len(bodies)], headers)
                answer = connection.getresponse()
                answer.read()
                answers[answer.status] += 1
            connection.close()

    senders = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for sender in senders:
        sender.start()
    with healthy(target.port, target.key) as met:
        time.sleep(_SECONDS)
    stop.set()
    for sender in senders:
        sender.join()
    return met, f"answered: {dict(answers)}"


def _import(target: Target) -> tuple[Met, str]:
    rows = "".join(f"IMP-{number},H23.45,1.004873,4,02/10/2023\n" for number in range(ROWS))
    table = f"Mã hồ sơ,Mã đơn vị,Mã thủ tục,Trạng thái,Ngày tiếp nhận\n{rows}".encode()
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="so.csv"\r\n\r\n' + table + b"\r\n--b--\r\n"
    headers = {"Authorization": f"Bearer {target.key}", "Content-Type": "multipart/form-data; boundary=b"}
    told: list[str] = []

    def send() -> None:
        began, tries = time.monotonic(), 0
        while True:
            tries += 1
            connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=300)
            connection.request("POST", "/api/v1/dossiers/import", form, headers)
            status = connection.getresponse().status
            connection.close()
            if status != 503:
                break
            time.sleep(0.5)
        told.append(f"import {status} after {time.monotonic() - began:.0f} s, {tries} tries")

    importer = threading.Thread(target=send)
    with healthy(target.port, target.key, pushers=20, pause=0.05) as met:
        importer.start()
        importer.join()
    return met, told[0]


def _memory(process: Running, which: str) -> float:
    text = Path(f"/proc/{process.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith(which))) / 1024


ATTACKS: dict[str, Attack] = {
    "nothing": _nothing,
    "500 silent, 100 trickling connections": _held,
    "1,500 idle connections": _idle,
    "40 clients that do not read 1.5 MB": _unread,
    "32 askers of expensive questions that hang up": _hung_up,
    "50 askers of ever new questions": _new_questions,
    "packed bombs at the login": _bombs,
    "large packed arrays with a stolen key": _large_json,
    f"an import of {ROWS} rows, 20 pushing clients": _import,
}


if __name__ == "__main__":
    run()
