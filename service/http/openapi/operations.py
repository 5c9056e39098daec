"""The operations of the description: operations.json lists each in OpenAPI's terms; what all share is added here.

There a schema is named by its class (service/schemas), and a body of null is text.
"""

from typing import Any

from service.domain.json_beside import json_beside
from service.http.problems import TITLES

Described = dict[str, Any]

_LISTED = json_beside(__file__)
_TEXT = {"type": "string"}
_PROBLEM = {"application/problem+json": "Problem"}
_NOT_CHANGED = {"304": {"description": "the client has this answer already (If-None-Match)"}}
_OF_PAGES = "For browsers; a person who asked for a page is told of a problem by a page."


def paths() -> dict[str, Described]:
    """Describe every path."""
    return {
        path: {method: _operation(**listed) for method, listed in methods.items()}
        for path, methods in _LISTED["paths"].items()
    }


def _operation(
    parameters: list[str] | None = None,
    body: Described | None = None,
    answers: Described | None = None,
    content: Described | None = None,
    cached: bool = False,
    problems: tuple[int, ...] = (),
    **listed: Any,
) -> Described:
    """Describe one operation: without a key unless `listed` has `security`, with the problems 400 and 429.

    content: of a page, in place of `answers`. cached: If-None-Match is understood.
    """
    described = {"security": [], "description": _OF_PAGES, **listed}
    responses = _refusals(_PROBLEM, 400, 429, *problems)
    if content is not None:
        responses |= _refusals({**_PROBLEM, "text/html": None}, 400, 404, 503)
        responses["200"] = {"description": listed["summary"], "content": _bodies(content)}
    for status, answer in (answers or {}).items():
        responses[status] = answer | {"content": _bodies(answer["content"])}
    if cached or content is not None:
        responses |= _NOT_CHANGED
    if body is not None:
        described["requestBody"] = {"required": True, "content": _bodies(body)}
    return described | {"parameters": [_parameter(name) for name in parameters or ()], "responses": responses}


def _refusals(bodies: Described, *statuses: int) -> Described:
    return {str(status): {"description": TITLES[status], "content": _bodies(bodies)} for status in statuses}


def _bodies(content: Described) -> Described:
    return {media: {"schema": schema or _TEXT} for media, schema in content.items()}


def _parameter(name: str) -> Described:
    """Describe a parameter; a listed schema without a description stands for the parameters that are its fields."""
    listed = _LISTED["parameters"][name]
    if "description" not in listed:
        return {"in": "query", **listed}
    required = {"required": True} if listed.get("in") == "path" else {}
    return {"in": "query", "name": name, "schema": _TEXT, **required, **listed}
