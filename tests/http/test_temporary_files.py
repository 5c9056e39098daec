"""A folder for temporary files that cannot be written is told as what it is, at every door and to every operator."""

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.client import Client, dossier
from tests.support.register_files import COLUMNS, as_xlsx, send
from tests.support.senders import hoso

LINES = b"\n".join(json.dumps(dossier(f"T-{number}")).encode() for number in range(8000))
CSV = "Mã hồ sơ,Mã đơn vị,Mã thủ tục,Trạng thái,Ngày tiếp nhận\n" + "T-1,H23.45,1.004873,4,02/10/2023\n" * 2000
WORKBOOK = as_xlsx(COLUMNS, ["T-1", "1.004873", "4", "02/10/2023", "", ""])
NDJSON = {"content_type": "application/x-ndjson"}


@pytest.fixture
def no_folder(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the folder for temporary files away, as a volume that is no longer mounted."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))


def batch(client: Client) -> Any:
    return client.http.post("/api/v1/dossiers/batch", data=LINES, headers=client.auth, **NDJSON)


def lines_back(client: Client) -> Any:
    headers = {**client.auth, "Accept": "application/x-ndjson", "Content-Encoding": "gzip"}
    bad = gzip.compress(b"\n".join([b'{"code": "x"}'] * 10_000))
    return client.http.post("/api/v1/dossiers/batch", data=bad, headers=headers, **NDJSON)


def register(client: Client) -> Any:
    return send(client, "so.csv", CSV.encode())


def small_workbook(client: Client) -> Any:
    return send(client, "so.xlsx", WORKBOOK)


def national(client: Client) -> Any:
    records = [hoso(f"H23.45-231002-{number:04}", ChuHoSo="x" * 500) for number in range(3000)]
    return client.http.post("/national/DongBoHoSoMC?MaDinhDanhDV=H23.45", json=records, headers=client.auth)


pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file")  # werkzeug's own, of a form that it gave up
DOORS: list[Callable[[Client], Any]] = [batch, lines_back, register, small_workbook, national]


@pytest.mark.usefixtures("no_folder")
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_door_says_so_and_stores_nothing(client: Client, door: Callable[[Client], Any]) -> None:
    answer = door(client)
    assert answer.status_code == 503
    assert "temporary files" in answer.json["detail"]
    assert answer.headers["Retry-After"]
    assert client.get("/api/v1/units").json == {"units": []}


@pytest.mark.usefixtures("no_folder")
def test_readyz_log_and_metrics_say_so(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    name = 'tthc_unavailable_total{reason="temporary_files"}'
    before = measured(client, name)
    batch(client)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["storage"]) == (503, "temporary_files")
    assert "cannot work: temporary_files" in caplog.text
    assert "): FileNotFoundError: " in caplog.text, "and what the system said"
    assert (measured(client, name), measured(client, "tthc_storage_ok")) == (before + 1, 0)


def measured(client: Client, name: str) -> float:
    """Return one series of /metrics."""
    text = client.get("/metrics").text
    return float(next(line for line in text.splitlines() if line.startswith(name)).split()[1])


@pytest.mark.usefixtures("no_folder")
def test_doctor_and_an_import_say_so_in_one_line(app: Flask, client: Client, tmp_path: Path) -> None:
    (tmp_path / "so.xlsx").write_bytes(WORKBOOK)
    run = app.test_cli_runner().invoke
    told = run(args=["doctor"])
    assert (told.exit_code, "TMPDIR" in told.output) == (1, True)
    assert "TMPDIR" in told.output.partition("(schema, needed)")[0], (
        "before the schema, which may be broken for the same reason"
    )
    told = run(args=["dossiers", "import", str(tmp_path / "so.xlsx"), "--source", "mot-cua"])
    assert (told.exit_code, "TMPDIR" in told.output, "Traceback" in told.output) == (2, True, False)
