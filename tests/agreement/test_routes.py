"""Who may call which route: every one is on exactly one list, and asks for what its list says."""

import json
import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from service.front.routes import looks_at_key, route_of
from service.http.openapi.specification import specification
from service.http.parameters import described_path
from service.http.portal_widget import VARIANTS
from tests.support.client import Client, dossier

PUBLIC = {
    "GET /", "GET /api/v1/durations", "GET /api/v1/formulas", "GET /api/v1/quality", "GET /api/v1/stats",
    "GET /api/v1/units", "GET /api/v1/widget/<unit>", "GET /badge/<unit>.json", "GET /badge/<unit>.svg", "GET /docs",
    "GET /docs/assets/<path:name>", "GET /docs/init.js", "GET /embed/<unit>", "GET /healthz", "GET /oembed",
    "GET /openapi.json", "GET /readyz", "GET /static/<name>", "GET /units/<unit>", "GET /units/<unit>/embed",
    "GET /units/<unit>/report.csv", "GET /units/<unit>/report.json", "GET /units/<unit>/report.xlsx", "GET /widget.js",
    "GET /embed.js", "GET /api/v1/views/<unit>",
    "GET /clients", "GET /clients/<name>", "GET /formulas", "GET /status", "GET /units/<unit>/table.xlsx",
}  # fmt: skip
SOURCE = {
    "DELETE /api/v1/dossiers/<path:code>", "GET /api/v1/dossiers/<path:code>", "POST /api/v1/dossiers",
    "POST /api/v1/dossiers/batch", "POST /api/v1/dossiers/import", "POST /api/v1/heartbeats",
    "POST /national/CapNhatTienDoHoSoMC", "POST /national/DongBoHoSoMC",
}  # fmt: skip
SESSION = {"POST /national/login", "POST /national/service"}
"""They carry what they need in the body, and answer HTTP 200 with an error code without it."""
OPERATOR = {"GET /metrics", "GET /metrics/units"}
READER: set[str] = set()
"""None yet: keys of readers come with the dossiers behind a number."""
LISTS = (PUBLIC, SOURCE, SESSION, OPERATOR, READER)


def routes(app: Flask) -> dict[str, Rule]:
    automatic = {"HEAD", "OPTIONS"}
    return {
        f"{method} {rule}": rule for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - automatic
    }


def ask(app: Flask, route: str) -> int:
    method, rule = route.split(" ")
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: {"unit": "H23.45"}.get(part[1], "x"), rule)
    data = b"{}" if method == "POST" else None
    return app.test_client().open(path, method=method, data=data, content_type="application/json").status_code


def test_every_route_is_on_a_list(app: Flask) -> None:
    assert set(routes(app)) == set().union(*LISTS)


def test_no_route_is_on_two_lists() -> None:
    assert sum(map(len, LISTS)) == len(set().union(*LISTS))


def test_every_route_is_described(app: Flask) -> None:
    described = specification()["paths"]
    assert [str(rule) for rule in app.url_map.iter_rules() if described_path(str(rule)) not in described] == []


@pytest.mark.parametrize("route", sorted(route for route in SOURCE if not route.startswith("GET ")))
def test_the_front_asks_for_a_key_where_the_service_does(route: str) -> None:
    method, rule = route.split(" ")
    assert route_of(method, rule, "").needs_key


def test_every_schema_that_the_description_names_is_described() -> None:
    described = specification()
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert named - set(described["components"]["schemas"]) == set()


def test_the_description_offers_the_variants_of_the_widget_that_there_are() -> None:
    parameters = specification()["paths"]["/api/v1/widget/{unit}"]["get"]["parameters"]
    assert next(one["schema"]["enum"] for one in parameters if one["name"] == "variant") == [*VARIANTS]


@pytest.mark.parametrize("route", sorted(PUBLIC))
def test_a_public_route_asks_for_nothing(app: Flask, client: Client, route: str) -> None:
    client.push(dossier())
    assert ask(app, route) not in (401, 403)


@pytest.mark.parametrize("route", sorted(SOURCE))
def test_a_source_s_route_asks_for_a_key(app: Flask, route: str) -> None:
    assert ask(app, route) == 401


@pytest.mark.parametrize("route", sorted(SESSION))
def test_a_route_of_sessions_refuses_a_body_without_one(app: Flask, route: str) -> None:
    answer = app.test_client().post(route.split(" ")[1], json={})
    assert answer.json["error_code"] in (401, "401")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST", "GET"])
def test_allow_names_the_methods_that_work(app: Flask, method: str) -> None:
    """Whatever is refused with 405 says what is taken, and nothing that would be refused too."""
    for rule in sorted({str(rule) for rule in app.url_map.iter_rules()}):
        path = re.sub(r"<(?:\w+:)?(\w+)>", "x", rule)
        answer = app.test_client().open(path, method=method)
        if answer.status_code == 405:
            allowed = {name.strip() for name in answer.headers["Allow"].split(",")}
            assert method not in allowed
            assert 405 not in {app.test_client().open(path, method=name).status_code for name in allowed}


def test_the_front_passes_a_key_on_where_one_is_described() -> None:
    """Elsewhere it drops the header: the answer is the same for all who ask."""
    readings = {path: one["get"]["security"] for path, one in specification()["paths"].items() if "get" in one}
    described = {path for path, keys in readings.items() if any(keys)}
    assert {path for path in readings if looks_at_key(path)} == described | {"/healthz", "/readyz"}
