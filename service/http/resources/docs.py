"""The API described: /openapi.json, and /docs, which shows it without any outside address."""

from functools import cache
from pathlib import Path

import flask_swagger_ui
import orjson
from flask import Blueprint, Response, render_template, send_from_directory

from service.http.addresses import root_path
from service.http.openapi.specification import specification
from service.http.request import components
from service.http.response_cache import Rendered, public

blueprint = Blueprint("docs", __name__, template_folder="../pages/templates")
_DIST = Path(flask_swagger_ui.__file__).parent / "dist"
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@cache
def _specification(server: str) -> bytes:
    return orjson.dumps(specification(server))


@public(blueprint, "/openapi.json")
def openapi() -> Rendered:
    """Return the OpenAPI 3.1 description."""
    content = _specification(components().settings.public_url or "/")
    return Rendered(content, "application/json", content)


@blueprint.get("/docs")
def docs() -> Response:
    """Show the API documentation."""
    response = Response(render_template("docs.html"), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _CSP
    return response


@blueprint.get("/docs/init.js")
def init() -> Response:
    """Start Swagger UI; a file of its own, since the policy allows no inline script."""
    options = f"url: '{root_path()}/openapi.json', dom_id: '#swagger-ui', deepLinking: true"
    script = f"window.addEventListener('load', () => {{ window.ui = SwaggerUIBundle({{{options}}}); }});"
    return Response(script, content_type="text/javascript; charset=utf-8")


@blueprint.get("/docs/assets/<path:name>")
def assets(name: str) -> Response:
    """Return a file of Swagger UI, which comes with a package."""
    return send_from_directory(_DIST, name, max_age=86400)
