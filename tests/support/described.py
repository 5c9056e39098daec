"""A test client that holds every answer to the description of the API."""

import re
from functools import cache
from typing import Any

import jsonschema_rs
import orjson
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from service.http.openapi.specification import specification

PROBLEM = "application/problem+json"


class DescribedClient(FlaskClient):
    """Checks the status, the media type and the body of each answer; says what the description lacks."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request, and check its answer."""
        response = super().open(*args, **kwargs)
        request = response.request
        path = _template(self.application.url_map, request.path, request.method)
        operation = _paths().get(path, {}).get(request.method.lower())
        if operation is not None:
            _check(operation["responses"], response, f"{request.method} {path}")
        elif response.mimetype == PROBLEM and response.data:
            _conforms("Problem", {"$ref": "#/components/schemas/Problem"}, response)
        return response


def _template(rules: Any, path: str, method: str) -> str:
    """Return the path of a route as the description writes it; "" for none."""
    try:
        rule, _ = rules.bind("localhost").match(path, method, return_rule=True)
    except HTTPException:
        return ""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule))


def _check(responses: Any, response: TestResponse, where: str) -> None:
    described = responses.get(str(response.status_code))
    assert described is not None, f"{where} answered {response.status_code}, which is not described: {response.text}"
    if not response.data:
        return
    bodies = described.get("content", {})
    assert response.mimetype in bodies, f"{where} answered {response.mimetype}, which is not described"
    if response.mimetype in ("application/json", PROBLEM):
        _conforms(where, bodies[response.mimetype]["schema"], response)


def _conforms(where: str, schema: Any, response: TestResponse) -> None:
    """Refuse an answer that its schema does not describe: name new keys in service/schemas/answers/."""
    errors = [
        f"{list(error.instance_path)}: {error.message}"
        for error in _validator(orjson.dumps(schema)).iter_errors(response.json)
    ]
    assert not errors, f"{where} {response.status_code} is not as service/schemas/answers/ describes: {errors[:5]}"


@cache
def _validator(schema: bytes) -> Any:
    return jsonschema_rs.Draft202012Validator({**orjson.loads(schema), "components": _described()["components"]})


@cache
def _described() -> dict[str, Any]:
    return specification()


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = _described()["paths"]
    return paths
