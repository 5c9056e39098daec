"""Static files of pages, under addresses that change with their content; and widget.js."""

import json
import re
from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import Blueprint, Response, abort, request

from service.http.addresses import origin, root_path
from service.http.response_cache import Rendered, public_answer, unless_known
from service.http.responses import compress

blueprint = Blueprint("assets", __name__)
blueprint.after_request(compress)

FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".png": "image/png",
    ".svg": "image/svg+xml", ".woff2": "font/woff2",
}  # fmt: skip
_FOLDER_OF_CLIENTS = Path(__file__).parents[1] / "clients"
_CLIENTS = {".py": "x-python", ".mjs": "javascript", ".md": "markdown"}
_FONT = re.compile(rb"(?<=url\()[\w-]+\.woff2")
_FOR_EVER = "public, max-age=31536000, immutable"
_AN_HOUR = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800"


@cache
def _files() -> dict[str, bytes]:
    """Return all static files. In the styles, the addresses of fonts get the fonts' versions."""
    files = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in _TYPES}
    versions = {name.encode(): f"{name}?v={_digest(content)}".encode() for name, content in files.items()}
    styles = [name for name in files if name.endswith(".css")]
    return files | {name: _FONT.sub(lambda font: versions[font[0]], files[name]) for name in styles}


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=6).hexdigest()


@cache
def _version(name: str) -> str:
    return _digest(_files()[name])


def asset(name: str, absolute: bool = False) -> str:
    """Return the address of a static file, with its present version."""
    return f"{origin() if absolute else ''}{root_path()}/static/{name}?v={_version(name)}"


@blueprint.get("/static/<name>")
def static(name: str) -> Response:
    """Return a static file; under an address with its present version it may be kept for ever."""
    content = _files().get(name)
    if content is None:
        abort(404)
    response = Response(content, content_type=_TYPES[Path(name).suffix])
    response.headers["Cache-Control"] = _FOR_EVER if request.args.get("v") == _version(name) else _AN_HOUR
    response.set_etag(_version(name), weak=True)
    return unless_known(response)


@cache
def widget_script() -> bytes:
    """Return the element's script, with the style inside, and without indentation."""
    style = re.sub(r"\s*\n\s*", "", _files()["widget.css"].decode())
    script = re.sub(r"(?m)^[ \t]+", "", _files()["widget.js"].decode())
    return script.replace('"__CSS__"', json.dumps(style)).encode()


def portal_check(base: str, unit: str) -> str:
    """Return the script that a webmaster runs on the portal's page, to see what the policy of that page blocks."""
    script = _files()["portal-check.js"].decode()
    return script.replace('"__BASE__"', json.dumps(base)).replace('"__UNIT__"', json.dumps(unit))


@blueprint.get("/embed.js", defaults={"name": "embed.js"})
@blueprint.get("/widget.js", defaults={"name": "widget.js"})
def script(name: str) -> Response:
    """Return the script that gives a frame the height of its content, or the one that defines <tthc-widget>."""
    content = widget_script() if name == "widget.js" else _files()[name]
    response = public_answer(lambda: Rendered(content, _TYPES[".js"], content))
    response.headers["Cache-Control"] = _AN_HOUR
    return response


@blueprint.get("/clients", strict_slashes=False, defaults={"name": "README.md"})
@blueprint.get("/clients/<name>")
def client(name: str) -> Response:
    """Return a client in one file, or how to use them."""
    kind = _CLIENTS.get(Path(name).suffix)
    path = _FOLDER_OF_CLIENTS / name
    if kind is None or not path.is_file():
        abort(404)
    content = path.read_bytes()
    return public_answer(lambda: Rendered(content, f"text/{kind}; charset=utf-8", content))
