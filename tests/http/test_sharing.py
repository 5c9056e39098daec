"""What pages of other origins meet: preflights, errors that can be read, ETags that a proxy changed."""

import pytest

from tests.support.client import Client, dossier

PUBLIC = ["/api/v1/stats?unit=H23.45", "/api/v1/widget/H23.45", "/api/v1/units", "/api/v1/formulas", "/api/v1/quality",
          "/badge/H23.45.json", "/badge/H23.45.svg", "/openapi.json", "/widget.js"]  # fmt: skip
WRONG = ["/api/v1/stats", "/api/v1/stats?unit=H99", "/api/v1/widget/H99", "/api/v1/stats?unit=H23.45&period=soon",
         "/api/v1/quality?unit=H99", "/badge/NOPE.json", "/badge/NOPE.svg", "/oembed", "/oembed?url=https://else.vn/",
         "/oembed?format=yaml", "/embed/NOPE", "/api/v1/nothing", "/static/nothing.css"]  # fmt: skip


@pytest.fixture
def portal(client: Client) -> Client:
    client.push(dossier())
    return client


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("asked", ["x-requested-with", "if-none-match", "if-none-match,x-requested-with"])
def test_a_preflight_is_answered(portal: Client, path: str, asked: str) -> None:
    headers = {
        "Origin": "https://portal.gov.vn",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": asked,
    }
    answer = portal.http.options(path, headers=headers)
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    assert all(name in allowed for name in asked.split(","))
    assert "authorization" not in allowed


def test_a_preflight_of_a_push_allows_no_push(portal: Client) -> None:
    headers = {"Origin": "https://x.vn", "Access-Control-Request-Method": "POST"}
    assert (
        "POST" not in portal.http.options("/api/v1/dossiers", headers=headers).headers["Access-Control-Allow-Methods"]
    )


@pytest.mark.parametrize("path", [*PUBLIC, *WRONG])
def test_every_answer_can_be_read_by_other_origins(portal: Client, path: str) -> None:
    answer = portal.http.get(path, headers={"Origin": "https://portal.gov.vn"})
    assert (answer.status_code < 400) == (path in PUBLIC)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert all(name in exposed for name in ("ETag", "Retry-After", "X-Request-Id"))


@pytest.mark.parametrize(
    "path", ["/api/v1/stats?unit=H23.45&as_of=2023-10-05", "/units/H23.45?as_of=2023-10-05", "/widget.js"]
)
@pytest.mark.parametrize(
    "change", ["{}", "W/{}", "{}-gzip", "W/{}-gzip", "W/{}--gzip", "W/{};br", 'W/"other", W/{}-zstd']
)
def test_an_etag_that_a_proxy_changed_still_gives_304(portal: Client, path: str, change: str) -> None:
    etag = portal.http.get(path).headers["ETag"].removeprefix("W/").strip('"')
    changed = (
        change.replace("{}", '"' + etag + '"') if "{}" in change and "-" not in change and ";" not in change else ""
    )
    for end in ("-gzip", "--gzip", ";br", "-zstd"):
        if change.endswith("{}" + end):
            changed = change.replace("{}" + end, f'"{etag}{end}"')
    assert portal.http.get(path, headers={"If-None-Match": changed}).status_code == 304


@pytest.mark.parametrize("given", ['"other"', 'W/"other-gzip"', "gzip", '"-gzip"'])
def test_another_etag_gives_the_answer(portal: Client, given: str) -> None:
    assert portal.http.get("/api/v1/units", headers={"If-None-Match": given}).status_code == 200
