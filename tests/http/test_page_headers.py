"""What every page tells browsers: nothing inline, no device, alone; HTTPS for a year where it came by HTTPS."""

import pytest

from tests.support.client import Client, dossier

PAGES = ("/", "/status", "/docs", "/units/H23.45", "/units/H23.45/embed", "/embed/H23.45")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_inline_and_asks_for_no_device(client: Client, path: str) -> None:
    client.push(dossier())
    answer = client.http.get(path)
    assert (answer.status_code, "unsafe" in answer.headers["Content-Security-Policy"]) == (200, False)
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"


@pytest.mark.parametrize(("scheme", "told"), [("http", None), ("https", "max-age=31536000")])
def test_a_page_that_came_by_https_stays_with_it(client: Client, scheme: str, told: str | None) -> None:
    answer = client.http.get("/", base_url=f"{scheme}://portal.example")
    assert answer.headers.get("Strict-Transport-Security") == told


@pytest.mark.parametrize(("path", "policy"), [("/", "same-origin"), ("/units/H23.45", None), ("/embed/H23.45", None)])
def test_a_page_is_opened_alone_unless_a_frame_links_to_it(client: Client, path: str, policy: str | None) -> None:
    client.push(dossier())
    assert client.http.get(path).headers.get("Cross-Origin-Opener-Policy") == policy
