"""Parameters of a request to the API: only those that the OpenAPI description lists.

So a misspelt one is refused: `?peroid=2024-01` would else be answered with the year to date, and look right.
"""

import re
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from flask import Flask, request

from service.http.openapi.specification import specification
from service.http.problems import Problem
from service.schemas.question_input import QueryError
from service.schemas.unknown_fields import NAMED

API = "/api/"


def register(app: Flask) -> None:
    """Refuse unknown and repeated parameters of every route of the API, before its view runs."""

    @app.before_request
    def _check() -> None:
        if request.args and request.url_rule and request.method != "OPTIONS" and request.path.startswith(API):
            _refuse_unknown(known_parameters(str(request.url_rule), request.method))


def _refuse_unknown(known: frozenset[str]) -> None:
    unknown = [name for name in request.args if name not in known]
    errors = {name: [_unknown(name, known)] for name in unknown[:NAMED]}
    for name, values in request.args.lists():
        if name in known and len(set(values)) > 1:
            errors[name] = ["Chỉ được cho một lần (given more than once)"]
    if errors:
        raise QueryError(errors)


def _unknown(name: str, known: frozenset[str]) -> str:
    if not known:
        return "Không có tham số này; địa chỉ này không nhận tham số nào (unknown parameter; none is taken here)"
    near = get_close_matches(name.lower(), sorted(known), n=1, cutoff=0)[0]
    return f"Không có tham số này; gần nhất: {near} (unknown parameter; did you mean {near}?)"


@cache
def known_parameters(rule: str, method: str) -> frozenset[str]:
    """Return the names of the query parameters that the description lists for a route."""
    path = specification()["paths"].get(described_path(rule), {})
    operation = path.get({"HEAD": "get"}.get(method, method.lower()), {})
    return frozenset(listed["name"] for listed in operation.get("parameters", ()) if listed["in"] == "query")


def described_path(rule: str) -> str:
    """Return a route's rule as the description writes it: /units/<path:code> becomes /units/{code}."""
    return re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule)


class PushOptions(NamedTuple):
    """atomic: nothing is stored unless all is valid. dry_run: nothing is stored. strict: unknown fields reject."""

    atomic: bool
    dry_run: bool
    strict: bool


def push_options() -> PushOptions:
    """Read the options of this request; Problem 400 for a value that is neither 0 nor 1."""
    return PushOptions(flag("atomic"), flag("dry_run"), flag("strict"))


def flag(name: str) -> bool:
    """Read one parameter that is 0 or 1."""
    value = request.args.get(name, "0")
    if value not in ("0", "1"):
        raise Problem(400, f"{name}: dùng 0 hoặc 1 (use 0 or 1)", {name: ["Dùng 0 hoặc 1 (use 0 or 1)"]})
    return value == "1"
