"""What browsers and operators ask for: every parameter of every route is known to the description.

The API refuses a parameter that is not described. Pages for people ignore it, since sites that link
to them add their own (`fbclid`, `utm_source`).
"""

from typing import Any

from apispec import APISpec

from service.schemas.question_input import QuestionSchema

_TEXT = {"type": "string"}
_UNIT = {"in": "path", "name": "unit", "required": True, "schema": _TEXT}
_QUESTION = {"in": "query", "schema": QuestionSchema}
_HTML = "text/html"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _query(name: str, description: str, *choices: str) -> dict[str, Any]:
    schema = {"enum": list(choices)} if choices else _TEXT
    return {"in": "query", "name": name, "description": description, "schema": schema}


_THEME = _query("theme", "colours", "auto", "light", "dark")
_LANG = _query("lang", "language", "vi", "en")
_SIZES = [_query("maxwidth", "room for the widget, in pixels"), _query("maxheight", "room for the widget, in pixels")]
_SORT = _query("sort", "column of the table of units; - in front puts the largest first")

# Path, what it is, its parameters, the media types of its answer.
_PATHS: tuple[tuple[str, str, list[dict[str, Any]], tuple[str, ...]], ...] = (
    ("/", "Các đơn vị / Units", [_LANG, _query("q", "search"), _query("under", "agency code")], (_HTML,)),
    ("/units/{unit}", "Trang của đơn vị / Page of a unit", [_UNIT, _QUESTION, _SORT], (_HTML,)),
    ("/units/{unit}/embed", "Cách nhúng / How to embed", [_UNIT, _QUESTION], (_HTML,)),
    ("/units/{unit}/report.xlsx", "Biểu II.06a / Form II.06a", [_UNIT, _QUESTION], (_XLSX,)),
    ("/units/{unit}/report.json", "Biểu II.06a / Form II.06a", [_UNIT, _QUESTION], ("application/json",)),
    ("/units/{unit}/report.csv", "Biểu II.06a / Form II.06a", [_UNIT, _QUESTION], ("text/csv",)),
    ("/embed/{unit}", "Tiện ích để nhúng / The widget as a page", [_UNIT, _QUESTION, _THEME], (_HTML,)),
    ("/badge/{unit}.svg", "Huy hiệu / Badge", [_UNIT, _QUESTION], ("image/svg+xml",)),
    ("/badge/{unit}.json", "Huy hiệu shields.io / Badge endpoint", [_UNIT, _QUESTION], ("application/json",)),
    (
        "/oembed",
        "oEmbed",
        [
            {**_query("url", "address of a unit's page"), "required": True},
            _query("format", "only json", "json"),
            *_SIZES,
        ],
        ("application/json",),
    ),
    ("/widget.js", "Phần tử <tthc-widget> / The element", [], ("text/javascript",)),
    (
        "/static/{name}",
        "Tệp tĩnh / Static file",
        [{**_UNIT, "name": "name"}, _query("v", "version of the file")],
        ("text/css", "text/javascript", "image/svg+xml"),
    ),
    ("/docs", "Tài liệu API / API documentation", [], (_HTML,)),
    (
        "/docs/assets/{name}",
        "Tệp của trang tài liệu / File of the documentation",
        [{**_UNIT, "name": "name"}],
        ("text/css", "text/javascript", "image/png"),
    ),
    ("/docs/init.js", "Tệp của trang tài liệu / File of the documentation", [], ("text/javascript",)),
    ("/openapi.json", "Bản mô tả này / This description", [], ("application/json",)),
    ("/metrics", "Chỉ số Prometheus / Metrics", [], ("text/plain", "application/openmetrics-text")),
    ("/healthz", "Tiến trình / The process", [], ("application/json",)),
    ("/readyz", "Sẵn sàng / Ready", [], ("application/json",)),
)


def page_paths(spec: APISpec) -> None:
    """Describe pages, embeds, badges, the form and what operators read."""
    for path, summary, parameters, media in _PATHS:
        problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}, _HTML: {}}
        answers = {
            "200": {"description": summary, "content": {kind: {} for kind in media}},
            **{str(status): {"description": "problem", "content": problem} for status in (400, 401, 404, 501, 503)},
        }
        spec.path(path, operations={"get": {"summary": summary, "parameters": parameters, "responses": answers}})
