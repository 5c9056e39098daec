"""The OpenAPI 3.1 description, made from the same schemas that validate."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.field_converter import FieldConverterMixin
from marshmallow import fields

from service.domain.statistics.counts import PUBLISHED
from service.domain.statistics.formulas import FORMULAS
from service.http.openapi.page_paths import page_paths
from service.http.openapi.paths import national_paths, source_paths
from service.schemas.dossier_input import DossierSchema
from service.schemas.fields import Coded, Moment, Text, UnitCode
from service.schemas.question_input import QuestionSchema, StatsSchema

_PROBLEM = {"$ref": "#/components/schemas/Problem"}

_MOMENT = {
    "type": "string",
    "description": "RFC 3339 time with an offset, or a date (the beginning of that local day)",
    "examples": ["2023-10-04T13:37:34+07:00", "2023-10-04"],
}


def _described(_converter: FieldConverterMixin, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Describe this project's own fields."""
    described: dict[str, Any] = {}
    if isinstance(field, Moment):
        described = dict(_MOMENT)
    elif isinstance(field, UnitCode):
        described = {"type": "string", "maxLength": 35, "examples": ["H23.45", "000.00.45.H23"]}
    elif isinstance(field, Text):
        described = {"type": "string"} if field.cut else {"type": "string", "maxLength": field.limit}
    elif isinstance(field, Coded):
        names = list(field.names)
        numbers = [int(code) for code in field.names.values()]
        described = {"enum": [*names, *numbers, *(str(number) for number in numbers)]}
        if field.allow_none:
            described["enum"].append(None)
        return described
    if described and field.allow_none:
        described["type"] = [described["type"], "null"]
    return described


_TEXT, _INTEGER = {"type": "string"}, {"type": "integer"}
_TEXT_OR_NULL, _INTEGER_OR_NULL = {"type": ["string", "null"]}, {"type": ["integer", "null"]}


def _push_schemas() -> dict[str, Any]:
    """Describe what a push is answered with."""
    integer, text = _INTEGER, _TEXT
    by_field = {"type": "object", "additionalProperties": {"type": "array", "items": text}}
    listed = {"index": integer, "code": _TEXT_OR_NULL}
    return {
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {"type": text, "title": text, "status": integer, "detail": text, "errors": {}},
        },
        "Receipt": {
            "type": "object",
            "required": ["code", "result", "warnings"],
            "properties": {
                "code": text,
                "result": {"enum": ["created", "updated", "unchanged", "stale"]},
                "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Warning"}},
            },
        },
        "Warning": {"type": "object", "properties": {"kind": text, "field": text, "message": text}},
        "Summary": {
            "type": "object",
            "properties": {
                **dict.fromkeys(("received", "created", "updated", "unchanged", "stale", "rejected"), integer),
                "rejections": {
                    "type": "array",
                    "items": {"type": "object", "properties": {**listed, "errors": by_field}},
                },
                "warnings": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            **listed,
                            "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Warning"}},
                        },
                    },
                },
            },
        },
    }


def _read_schemas() -> dict[str, Any]:
    """Describe what a question is answered with."""
    rate = {"numerator": _INTEGER_OR_NULL, "denominator": _INTEGER_OR_NULL, "percent": _TEXT_OR_NULL}
    return {
        "Counts": {"type": "object", "properties": dict.fromkeys(PUBLISHED, _INTEGER_OR_NULL)},
        "Rate": {"type": "object", "properties": rate},
        "Stats": {
            "type": "object",
            "properties": {
                "unit": {"type": "object"},
                "period": {"type": "object"},
                "as_of": _TEXT,
                "updated_at": _TEXT_OR_NULL,
                "stale": {"type": "boolean"},
                "counts": {"$ref": "#/components/schemas/Counts"},
                "rates": {"type": "object", "description": f"by formula: {', '.join(FORMULAS)}"},
                "groups": {"type": "array", "items": {"type": "object"}},
            },
        },
        "Widget": {"type": "object", "description": "the portal widget, schema tthc-widget/1"},
    }


def _answer(description: str, schema: str, media: str = "application/json") -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": description, "content": {media: {"schema": reference}}}


def _problems(*statuses: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _PROBLEM}}
    return {str(status): {"description": "problem", "content": content} for status in statuses}


def _unit_in_path() -> dict[str, Any]:
    return {"in": "path", "name": "unit", "required": True, "schema": {"type": "string"}}


def _push_paths(spec: APISpec) -> None:
    key: list[dict[str, list[str]]] = [{"key": []}]
    pushes = _problems(400, 401, 403, 413, 415, 422, 503)
    dossier = {"$ref": "#/components/schemas/Dossier"}
    spec.path(
        "/api/v1/dossiers",
        operations={
            "post": {
                "summary": "Gửi một hồ sơ / Push one dossier",
                "security": key,
                "requestBody": {"required": True, "content": {"application/json": {"schema": dossier}}},
                "responses": {
                    "200": _answer("updated, unchanged or stale", "Receipt"),
                    "201": _answer("created", "Receipt"),
                    **pushes,
                },
            }
        },
    )
    batch = {
        "application/json": {"schema": {"type": "array", "items": dossier}},
        "application/x-ndjson": {"schema": {"type": "string"}},
    }
    refused = _answer("all was rejected (as Summary), or a problem", "Summary")
    refused["content"].update(_problems(422)["422"]["content"])
    spec.path(
        "/api/v1/dossiers/batch",
        operations={
            "post": {
                "summary": "Gửi nhiều hồ sơ / Push a batch",
                "security": key,
                "parameters": [{"in": "query", "name": "atomic", "schema": {"enum": ["0", "1"]}}],
                "requestBody": {"required": True, "content": batch},
                "responses": {
                    "200": _answer("nothing was rejected", "Summary"),
                    "207": _answer("a part was rejected", "Summary"),
                    **pushes,
                    "422": refused,
                },
            }
        },
    )


def _read_paths(spec: APISpec) -> None:
    reads = _problems(400, 404)
    stats = _answer("counts, rates and groups", "Stats")
    stats["content"]["text/csv"] = {"schema": {"type": "string"}}
    spec.path(
        "/api/v1/stats",
        operations={
            "get": {
                "summary": "Số liệu của một đơn vị / Statistics of a unit",
                "parameters": [{"in": "query", "schema": StatsSchema}],
                "responses": {"200": stats, **reads},
            }
        },
    )
    spec.path(
        "/api/v1/widget/{unit}",
        operations={
            "get": {
                "summary": "Tiện ích cho cổng / The portal widget",
                "parameters": [_unit_in_path(), {"in": "query", "schema": QuestionSchema}],
                "responses": {"200": _answer("the widget", "Widget"), **reads},
            }
        },
    )
    for path, summary in (
        ("/api/v1/units", "Các đơn vị / Units"),
        ("/api/v1/formulas", "Các công thức / Formulas"),
    ):
        answer = {"description": summary, "content": {"application/json": {"schema": {"type": "object"}}}}
        spec.path(path, operations={"get": {"summary": summary, "responses": {"200": answer}}})


def specification() -> dict[str, Any]:
    """Return the whole description."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        "Thống kê giải quyết TTHC",
        "1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": "Số liệu giải quyết thủ tục hành chính mà ai cũng kiểm tra được."},
    )
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(_described)  # type: ignore[no-untyped-call]
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Dossier", schema=DossierSchema)
    for name, schema in (_push_schemas() | _read_schemas()).items():
        spec.components.schema(name, schema)
    _push_paths(spec)
    _read_paths(spec)
    source_paths(spec)
    national_paths(spec)
    page_paths(spec)
    description: dict[str, Any] = spec.to_dict()
    return description
