"""A misspelt parameter is refused by the API and ignored by pages; every parameter that is read is described."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from service.http.openapi.specification import specification
from service.http.parameters import described_path, known_parameters
from service.schemas.unknown_fields import NAMED
from tests.support.client import Client, dossier

SERVICE = Path(__file__).parents[2] / "service"
READ = re.compile(r"""(?:request\.args\.get\(|(?<!\w)_size\(|(?<!\w)flag\(|choice\()\s*["'](\w+)["']""")
METHODS = ("DELETE", "GET", "POST", "PUT", "PATCH")


def routes(app: Flask) -> list[tuple[Rule, str]]:
    """List every route with each of its methods."""
    rules = sorted(app.url_map.iter_rules(), key=str)
    return [(rule, method) for rule in rules for method in sorted(rule.methods or ()) if method in METHODS]


def path_of(rule: Rule) -> str:
    names = {"unit": "H23.45", "name": "pages.css", "code": "H23.45-231001-0001", "service": "DongBoHoSoMC"}
    return re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda match: names.get(match[1], "x"), str(rule))


def test_every_route_of_the_api_refuses_a_misspelt_parameter(app: Flask, client: Client) -> None:
    client.push(dossier())
    answers = {}
    for rule, method in routes(app):
        if str(rule).startswith("/api/"):
            path = f"{path_of(rule)}?peroid=2024-01"
            answers[method, str(rule)] = client.http.open(path, method=method, headers=client.auth)
    assert {where for where, answer in answers.items() if answer.status_code != 400} == set()
    assert {where for where, answer in answers.items() if list(answer.json["errors"]) != ["peroid"]} == set()


def test_every_parameter_of_every_route_of_the_api_is_told_by_its_misspelt_name(app: Flask, client: Client) -> None:
    client.push(dossier())
    told, asked = {}, []
    for rule, method in routes(app):
        for name in sorted(known_parameters(str(rule), method)) if str(rule).startswith("/api/") else ():
            asked.append((method, str(rule), name))
            answer = client.http.open(f"{path_of(rule)}?{name}{name[-1]}=1", method=method, headers=client.auth)
            told[asked[-1]] = answer.status_code == 400 and f"did you mean {name}?" in answer.json["detail"]
    assert [one for one in asked if not told[one]] == []
    assert len(asked) > 70
    assert client.http.get("/api/v1/dossiers/H23.45-231001-0001", headers=client.auth).json["status"] == "processing"


def test_every_page_ignores_a_misspelt_parameter(app: Flask, client: Client) -> None:
    client.push(dossier())
    statuses = {}
    for rule, method in routes(app):
        if not str(rule).startswith(("/api/", "/national/", "/oembed")) and method == "GET":
            plain, more = (client.http.get(path_of(rule) + query) for query in ("", "?fbclid=abc&utm_source=zalo"))
            statuses[str(rule)] = plain.status_code, more.status_code
    assert {rule for rule, (plain, more) in statuses.items() if plain != more} == set()


def test_the_refusal_names_the_nearest_parameter(client: Client) -> None:
    answer = client.get("/api/v1/stats", unit="H23.45", peroid="2024-01")
    assert "period" in answer.json["errors"]["peroid"][0]


def test_a_misspelt_parameter_of_a_push_stores_nothing(client: Client) -> None:
    client.http.post("/api/v1/dossiers/batch?atomc=1", json=[dossier()], headers=client.auth)
    assert client.get("/api/v1/units").json == {"units": []}


def test_a_parameter_that_is_given_twice_with_two_values_is_refused(client: Client) -> None:
    client.push(dossier())
    answer = client.http.get("/api/v1/stats?unit=H23.45&period=2023&period=2024")
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["period"])


def test_every_route_is_described(app: Flask) -> None:
    paths = specification()["paths"]
    missing = [
        (method, str(rule))
        for rule, method in routes(app)
        if method.lower() not in paths.get(described_path(str(rule)), {})
    ]
    assert missing == []


def test_every_parameter_that_is_read_is_described() -> None:
    read = {name for path in SERVICE.rglob("*.py") for name in READ.findall(path.read_text())}
    operations = (one for path in specification()["paths"].values() for one in path.values())
    described = {parameter["name"] for one in operations for parameter in one.get("parameters", ())}
    assert read - described == set()


CODES: list[tuple[str, int]] = [
    ("h23.45", 200),
    (" H23.45 ", 200),
    ("H23. 45", 200),
    ("000.00.45.h23", 200),
    ("H23%2F45", 404),
    ("H23.46", 404),
    ("%20", 404),
]


@pytest.mark.parametrize(("code", "status"), CODES)
@pytest.mark.parametrize(
    "path", ["/api/v1/widget/{}", "/units/{}", "/embed/{}", "/badge/{}.svg", "/units/{}/report.json"]
)
def test_a_code_as_people_write_it_is_found_or_a_clear_404(client: Client, path: str, code: str, status: int) -> None:
    client.push(dossier())
    answer = client.http.get(path.format(code))
    assert answer.status_code == status
    assert status == 200 or answer.content_type == "application/problem+json"


def test_the_known_parameters_of_a_route_come_from_the_description() -> None:
    known: Any = known_parameters("/api/v1/widget/<unit>", "GET")
    assert {"period", "formula", "lang"} <= known


def test_of_very_many_unknown_parameters_some_are_named(client: Client) -> None:
    answer = client.http.get("/api/v1/stats?" + "&".join(f"p{n}=" for n in range(1000)))
    assert (answer.status_code, len(answer.json["errors"])) == (400, NAMED)
