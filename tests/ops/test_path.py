"""The service below a path of a portal (TTHC_PUBLIC_URL=https://portal/tthc/): every address begins with it."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.app import create_app
from service.settings import Settings
from tests.ops.processes import free_port, get, get_json, serving, until
from tests.ops.test_stop import add_source, push
from tests.support.client import Client, dossier
from tests.support.required_programs import require

PORTAL = "https://portal.example.gov.vn/tthc"
PAGES = ("/", "/?lang=en", "/units/H23.45", "/units/H23.45/embed", "/docs", "/units/NOPE", "/embed/H23.45")
_ADDRESSES = re.compile(r'(?:href|src|action)="([^"#]+)')


@pytest.fixture
def portal(settings: Settings, client: Client) -> Iterator[Client]:
    """Give a client of the service that is shown under a path."""
    client.push(dossier("A-1"))
    app = create_app(settings.model_copy(update={"public_url": PORTAL}))
    yield Client(app.test_client(), "")
    app.extensions["tthc"].database.engine.dispose()


@pytest.mark.parametrize("page", PAGES)
def test_every_address_of_a_page_begins_with_the_path(portal: Client, page: str) -> None:
    text = portal.http.get(page, headers={"Accept": "text/html"}).text
    addresses = _ADDRESSES.findall(text)
    assert addresses
    assert [one for one in addresses if not one.startswith(("/tthc/", f"{PORTAL}/"))] == []


def test_the_widget_leads_to_the_page_under_the_path(portal: Client) -> None:
    assert portal.get("/api/v1/widget/H23.45").json["details_url"] == f"{PORTAL}/units/H23.45"


def test_oembed_knows_the_page_under_the_path(portal: Client) -> None:
    answer = portal.http.get("/oembed", query_string={"url": f"{PORTAL}/units/H23.45"})
    assert f"{PORTAL}/embed/H23.45" in answer.json["html"]


def test_the_description_names_the_path_as_its_server(portal: Client) -> None:
    assert portal.get("/openapi.json").json["servers"] == [{"url": PORTAL}]


@contextmanager
def below(place: Path, app: str, target: str) -> Iterator[str]:
    """Run nginx that shows the service under /tthc/; yield the address of the portal."""
    port = free_port()
    temp = "".join(f"{name}_temp_path {place}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = place / "nginx.conf"
    config.write_text(
        f"daemon off; user root; pid {place}/nginx.pid; error_log {place}/error.log; events {{}}"
        f" http {{ access_log off; {temp} server {{ listen 127.0.0.1:{port};"
        f" location /tthc/ {{ proxy_pass http://{app}{target}; proxy_set_header Host $http_host; }} }} }}"
    )
    process = subprocess.Popen([require("nginx"), "-c", str(config)])
    try:
        until(lambda: get(f"http://127.0.0.1:{port}/tthc/healthz"))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("target", ["/", ""], ids=["the proxy takes the path off", "the proxy passes the path on"])
def test_every_link_works_behind_nginx(tmp_path: Path, target: str) -> None:
    require("nginx")
    database_url = f"sqlite:///{tmp_path / 'tthc.sqlite3'}"
    environ = {"TTHC_PROXY_HOPS": "1", "TTHC_PUBLIC_URL": f"{PORTAL}/"}
    with serving(database_url, tmp_path / "log", **environ) as (_, base):
        key = add_source(database_url)
        with below(tmp_path, base.removeprefix("http://"), target) as portal:
            assert push(f"{portal}/tthc", key, [dossier("A-1")])["created"] == 1
            for page in ("/", "/units/H23.45", "/units/H23.45/embed", "/docs"):
                text = get(f"{portal}/tthc{page}", Accept="text/html").decode()
                for address in set(_ADDRESSES.findall(text)):
                    here = address.replace("&amp;", "&").replace(PORTAL, f"{portal}/tthc")
                    assert get(here if here.startswith("http") else portal + here)
            assert get_json(f"{portal}/tthc/api/v1/widget/H23.45")["details_url"] == f"{PORTAL}/units/H23.45"
