"""The OpenAPI description of what senders use beside the push: files, history, quality, the national format."""

from typing import Any

from apispec import APISpec

_TEXT: dict[str, Any] = {"type": "string"}
_INTEGER: dict[str, Any] = {"type": "integer"}
_OBJECT: dict[str, Any] = {"type": "object"}
_KEY: list[dict[str, list[str]]] = [{"key": []}]


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(status): {"description": "problem", "content": content} for status in statuses}


def _query(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"in": "query", "name": name, "description": description, "schema": schema or _TEXT}


def source_paths(spec: APISpec) -> None:
    """Describe the import of files, a dossier's history and the quality of data."""
    _import_path(spec)
    _history_path(spec)
    _quality_path(spec)


def _import_path(spec: APISpec) -> None:
    summary = {
        "allOf": [
            {"$ref": "#/components/schemas/Summary"},
            {
                "type": "object",
                "properties": {"dry_run": {"type": "boolean"}, "rejected_file": {"type": ["object", "null"]}},
            },
        ]
    }
    taken: dict[str, Any] = {
        "description": "what became of the rows",
        "content": {"application/json": {"schema": summary}},
    }
    taken["content"]["text/csv"] = {"schema": _TEXT}
    form = {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            "dry_run": {"enum": ["0", "1"], "description": "1: say what would happen, store nothing"},
        },
    }
    refused = {**taken, "description": "all rows were rejected (as Summary), or a problem"}
    refused["content"] = {**taken["content"], **_problems(422)["422"]["content"]}
    spec.path(
        "/api/v1/dossiers/import",
        operations={
            "post": {
                "summary": "Nhập tệp .xlsx, .csv, .ndjson, .json / Import a file",
                "security": _KEY,
                "parameters": [_query("dry_run", "1: store nothing", {"enum": ["0", "1"]})],
                "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
                "responses": {"200": taken, "207": taken, **_problems(400, 401, 403, 413, 415, 503), "422": refused},
            }
        },
    )


def _history_path(spec: APISpec) -> None:
    spec.path(
        "/api/v1/dossiers/{code}",
        operations={
            "get": {
                "summary": "Lịch sử một hồ sơ của chính nguồn / History of one's own dossier",
                "security": _KEY,
                "parameters": [{"in": "path", "name": "code", "required": True, "schema": _TEXT}],
                "responses": {
                    "200": _json("state, versions, and how the due moment was reached", _OBJECT),
                    **_problems(401, 403, 404),
                },
            }
        },
    )


def _quality_path(spec: APISpec) -> None:
    spec.path(
        "/api/v1/quality",
        operations={
            "get": {
                "summary": "Chất lượng dữ liệu / Quality of data: counts of warnings, and with a key the work list",
                "security": [{}, *_KEY],
                "parameters": [
                    _query("source", "source code"),
                    _query("unit", "agency code, with its subtree"),
                    _query("kind", "work list: one kind of warning"),
                    _query("after", "work list: the `next` of the page before"),
                    _query("limit", "work list: dossiers on a page", {**_INTEGER, "minimum": 1, "maximum": 1000}),
                ],
                "responses": {
                    "200": _json("counts by kind, source and unit", _OBJECT),
                    **_problems(400, 401, 403, 404),
                },
            }
        },
    )


def national_paths(spec: APISpec) -> None:
    """Describe the national sync format, both dialects."""
    answer = _json(
        "HTTP 200; error_code says whether it succeeded",
        {
            "type": "object",
            "required": ["error_code", "message"],
            "properties": {"error_code": {"type": ["string", "integer"]}, "message": _TEXT, "result": {}},
        },
    )
    answers = {"200": answer, **_problems(400, 413, 415, 503)}
    login = {"type": "object", "properties": {"username": _TEXT, "password": _TEXT}}
    call = {
        "type": "object",
        "properties": {
            "session": _TEXT,
            "madonvi": _TEXT,
            "service": {"enum": ["DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo", "LayThuTuc"]},
            "data": {"type": "array", "items": _OBJECT},
            "isUpdating": _TEXT,
            "mahoso": _TEXT,
            "maTTHC": _TEXT,
        },
    }
    for path, title, schema in (
        ("/national/login", "Đăng nhập / Open a session", login),
        ("/national/service", "Gọi dịch vụ / Call a service", call),
    ):
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        spec.path(path, operations={"post": {"summary": title, "requestBody": body, "responses": answers}})
    array = {"required": True, "content": {"application/json": {"schema": {"type": "array", "items": _OBJECT}}}}
    for service, title in (
        ("DongBoHoSoMC", "Đồng bộ hồ sơ / Synchronise dossiers"),
        ("CapNhatTienDoHoSoMC", "Cập nhật tiến độ / Progress steps"),
    ):
        operation = {
            "summary": title,
            "security": _KEY,
            "parameters": [
                _query("MaDinhDanhDV", "agency code"),
                _query("madonvi", "agency code"),
                _query("isUpdating", "accepted, not needed"),
            ],
            "requestBody": array,
            "responses": {**answers, **_problems(401, 403)},
        }
        spec.path(f"/national/{service}", operations={"post": operation})
