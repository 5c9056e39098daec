"""Under which names the service may be asked, and what a client's own name for its request may do."""

import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import Mock, call

import pytest
import structlog

from service.app import create_app
from service.ingest.file_import import import_file
from service.settings import Settings
from tests.support.client import Client, dossier
from tests.support.register_files import REGISTER, as_xlsx, send

URL = "https://thong-ke.example.vn/tthc"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("tk.example.vn", 200),
        ("tk.example.vn:8443", 200),
        ("a.tinh.vn", 200),
        ("thong-ke.example.vn", 200),
        ("evil.example", 400),
        ("tk.example.vn.evil.example", 400),
        ("eviltk.example.vn", 400),
    ],
)
def test_unknown_hosts_are_refused_where_a_setting_says_so(tmp_path: Path, host: str, status: int) -> None:
    given = Settings(database_url=f"sqlite:///{tmp_path}/x", public_url=URL, hosts="tk.example.vn, .tinh.vn")
    answer = create_app(given).test_client().get("/api/v1/formulas", headers={"Host": host})
    assert answer.status_code == status


def test_a_refused_host_is_told_in_both_languages(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x", hosts="tk.example.vn"))
    answer = app.test_client().get("/api/v1/formulas", headers={"Host": "evil.example"})
    assert "'evil.example'; xem TTHC_HOSTS (" in answer.json["detail"], "as it arrived here, through all proxies"


@pytest.mark.parametrize(
    ("given", "told"), [({}, True), ({"public_url": URL}, False), ({"hosts": "tk.example.vn"}, False)]
)
def test_doctor_says_when_the_host_decides_the_links(tmp_path: Path, given: dict[str, Any], told: bool) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x", **given))
    printed = app.test_cli_runner().invoke(args=["doctor"]).output
    assert ("links follow the Host" in printed) == told


def test_a_client_s_name_of_its_request_is_kept_apart(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    bound = Mock()
    monkeypatch.setattr(structlog.contextvars, "bind_contextvars", bound)
    given = {**client.auth, "X-Request-Id": "vendor-7 <script>" + "x" * 99}
    ours = client.http.post("/api/v1/dossiers", json=dossier("A-1"), headers=given).headers["X-Request-Id"]
    version = client.http.get("/api/v1/dossiers/A-1", headers=client.auth).json["versions"][0]
    assert (len(ours), version["request_id"]) == (32, ours)
    assert call(client_request_id="vendor-7script" + "x" * 50) in bound.call_args_list


@pytest.mark.parametrize("name", ["so.csv", "so.xlsx"])
def test_an_uploaded_register_has_no_name_on_the_disk(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    folder, seen, imported = tmp_path / "tmp", list[Any](), import_file
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def looking(*args: Any, **more: Any) -> Any:
        module = imported(*args, **more)
        seen.append(list(folder.iterdir()))
        return module

    monkeypatch.setattr("service.http.resources.file_import.import_file", looking)
    rows = [line.split(",") for line in REGISTER.splitlines()]
    content = REGISTER.encode() if name.endswith("csv") else as_xlsx(*rows)
    assert send(client, name, content).status_code in (200, 207)
    assert seen == [[]]
