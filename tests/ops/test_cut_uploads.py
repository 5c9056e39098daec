"""An upload that ends before its announced length or its last chunk stores nothing, whatever took it."""

import gzip
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.store import sources
from service.store.database import Database
from tests.ops.processes import get, serving, until
from tests.ops.test_stop import stored
from tests.support.client import dossier
from tests.support.raw_http import connect, head, read_all, statuses

RECORDS = [dossier(f"CUT-{number}") for number in range(400)]
NDJSON = b"".join(json.dumps(record).encode() + b"\n" for record in RECORDS)
ARRAY = json.dumps(RECORDS).encode()
NATIONAL = json.dumps(
    [
        {
            "MaHoSo": f"H23.45-231001-{number:04}",
            "MaTTHC": "1.004873",
            "TrangThaiHoSo": "4",
            "NgayTiepNhan": "20231002080000",
        }
        for number in range(400)
    ]
).encode()
CSV = "Mã hồ sơ,Mã đơn vị,Mã thủ tục,Trạng thái,Ngày tiếp nhận\n" + "".join(
    f"CUT-{number},H23.45,1.004873,4,02/10/2023\n" for number in range(2000)
)
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="so.csv"\r\n\r\n' + CSV.encode() + b"\r\n--b--\r\n"
)
STEPS = json.dumps([{"MaHoSo": "H23.45-231001-0001", "ThoiDiemXuLy": "20231003", "TrangThai": "9"}] * 400).encode()
HEARTBEAT = b'{"unit_code": "H23.45", "nothing_new_until": "2023-10-04"}'
HEARTBEATS = b'{"units": [\n' + b",\n".join([HEARTBEAT] * 200) + b"]}"
SESSION = b"SESSION"
BODIES: dict[str, tuple[str, str, str, bytes]] = {
    "one dossier": ("/api/v1/dossiers", "application/json", "", json.dumps(RECORDS[0]).encode() + b" " * 9000),
    "an array": ("/api/v1/dossiers/batch", "application/json", "", ARRAY),
    "an atomic array": ("/api/v1/dossiers/batch?atomic=1", "application/json", "", ARRAY),
    "NDJSON": ("/api/v1/dossiers/batch", "application/x-ndjson", "", NDJSON),
    "atomic NDJSON": ("/api/v1/dossiers/batch?atomic=1", "application/x-ndjson", "", NDJSON),
    "packed NDJSON": ("/api/v1/dossiers/batch", "application/x-ndjson", "gzip", gzip.compress(NDJSON, 0)),
    "two packed members": (
        "/api/v1/dossiers/batch",
        "application/x-ndjson",
        "gzip",
        gzip.compress(NDJSON) + gzip.compress(NDJSON, 0),
    ),
    "a file": ("/api/v1/dossiers/import", "multipart/form-data; boundary=b", "", FORM),
    "the national array": ("/national/DongBoHoSoMC?MaDinhDanhDV=H23.45", "application/json", "", NATIONAL),
    "the national call": (
        "/national/service",
        "application/json",
        "",
        b'{"session":"SESSION","madonvi":"H23.45","service":"DongBoHoSoMC","data":' + NATIONAL + b"}",
    ),
    "progress steps": ("/national/CapNhatTienDoHoSoMC", "application/json", "", STEPS),
    "heartbeats": ("/api/v1/heartbeats", "application/json", "", HEARTBEATS),
}


def close(sock: socket.socket) -> None:
    """Go away as a program that ends."""
    sock.close()


def reset(sock: socket.socket) -> None:
    """Go away as a cable that is pulled: the connection is reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def half_close(sock: socket.socket) -> None:
    """Say that nothing more comes, and wait for the answer."""
    sock.shutdown(socket.SHUT_WR)
    assert statuses(read_all(sock)) == [400]
    sock.close()


ENDINGS: dict[str, Callable[[socket.socket], None]] = {"closed": close, "reset": reset, "half-closed": half_close}


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Run the server; yield its address and a source's key."""
    database = Database(database_url)
    with database.writing() as session:
        key = sources.add(session, "mot-cua", None, datetime.now(UTC))
    database.engine.dispose()
    with serving(database_url, tmp_path / "log", TTHC_JOBS="off", TTHC_LOG_LEVEL="ERROR") as (_, base):
        yield base, key


def test_a_cut_upload_stores_nothing(site: tuple[str, str], database_url: str) -> None:
    base, key = site
    session = _log_in(base, key)
    for path, content_type, encoding, body in BODIES.values():
        for ending in ENDINGS.values():
            for chunked in (False, True):
                _cut(base, key, path, content_type, encoding, body.replace(SESSION, session), ending, chunked)
    until(lambda: b"tthc_front_bodies_bytes 0.0" in get(f"{base}/metrics"), 90)
    time.sleep(0.5)
    assert stored(database_url) == (0, 0, [])


def test_the_same_uploads_are_stored_when_they_are_whole(site: tuple[str, str], database_url: str) -> None:
    base, key = site
    session = _log_in(base, key)
    for path, content_type, encoding, whole in BODIES.values():
        body = whole.replace(SESSION, session)
        with connect(base) as sock:
            sock.sendall(_head(key, path, content_type, encoding, f"Content-Length: {len(body)}") + body)
            assert statuses(read_all(sock))[0] in (200, 201)
    assert stored(database_url)[0] > 2000


def _log_in(base: str, key: str) -> bytes:
    body = json.dumps({"username": "mot-cua", "password": key}).encode()
    with connect(base) as sock:
        sock.sendall(head("POST", "/national/login", f"Content-Length: {len(body)}", "Connection: close") + body)
        answer = read_all(sock)
    token: str = json.loads(answer.partition(b"\r\n\r\n")[2])["session"]
    return token.encode()


def _head(key: str, path: str, content_type: str, encoding: str, framing: str) -> bytes:
    headers = [f"Authorization: Bearer {key}", f"Content-Type: {content_type}", framing, "Connection: close"]
    return head("POST", path, *headers, *([f"Content-Encoding: {encoding}"] if encoding else []))


def _cut(
    base: str,
    key: str,
    path: str,
    content_type: str,
    encoding: str,
    body: bytes,
    ending: Callable[[socket.socket], None],
    chunked: bool,
) -> None:
    """Send all but the last bytes of an upload (cut after a whole line where there are lines), and end."""
    sent = body[: body.rfind(b"\n", 0, len(body) - 1) + 1] or body[:-2]
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    sock = connect(base)
    sock.sendall(_head(key, path, content_type, encoding, framing))
    sock.sendall(b"%x\r\n%s\r\n" % (len(sent), sent) if chunked else sent)
    ending(sock)
