"""Pieces from which operations are described."""

from typing import Any

from marshmallow import Schema

from service.http.problems import TITLES
from service.schemas.answers.problems import Problem

JSON, NDJSON, CSV, PROBLEM = "application/json", "application/x-ndjson", "text/csv", "application/problem+json"
TEXT: dict[str, Any] = {"type": "string"}
ONE_OR_NONE: dict[str, Any] = {"type": "string", "enum": ["0", "1"], "default": "0"}
WITH_KEY: list[dict[str, list[str]]] = [{"key": []}]

Described = dict[str, Any]
Shape = type[Schema] | Described


def content(shape: Shape, media: str = JSON) -> Described:
    """Describe a body of one media type."""
    return {media: {"schema": shape}}


def answer(description: str, *bodies: Described) -> Described:
    """Describe an answer that comes in any of these bodies."""
    return {"description": description, "content": {media: body for part in bodies for media, body in part.items()}}


def problems(*statuses: int) -> dict[str, Described]:
    """Describe refusals by status."""
    return {str(status): answer(TITLES[status], content(Problem, PROBLEM)) for status in statuses}


def parameter(
    name: str, description: str, schema: Described | None = None, *, place: str = "query", example: str | None = None
) -> Described:
    """Describe one parameter; one in the path is always needed."""
    described: Described = {"in": place, "name": name, "description": description, "schema": schema or TEXT}
    if place == "path":
        described["required"] = True
    if example is not None:
        described["example"] = example
    return described


def body(*bodies: Described) -> Described:
    """Describe a request's body."""
    return {"required": True, "content": {media: shape for part in bodies for media, shape in part.items()}}


def operation(name: str, tag: str, summary: str, about: str, responses: dict[str, Described], **more: Any) -> Described:
    """Describe one operation; it needs no key unless `security` says so, and can be asked wrongly or too often."""
    described = {"operationId": name, "tags": [tag], "summary": summary, "description": about, "security": []}
    return {**described, "responses": {**problems(400, 429), **responses}, **more}
