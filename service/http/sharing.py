"""What pages of other origins may do (CORS): read public answers and their errors, and send headers of their own."""

import re

from flask import Flask, Response, request

SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, X-Request-Id",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*, Accept, Cache-Control, Content-Type, If-None-Match, X-Requested-With",
    "Access-Control-Max-Age": "86400",
}
_PUBLIC = re.compile(r"/(?:api|badge|embed|static)/|/oembed\Z|/openapi\.json\Z|/widget\.js\Z|/units/.*/report\.\w+\Z")


def is_shared(path: str) -> bool:
    """Say whether pages of other origins may read the answers under a path; a browser adds no key to their requests."""
    return _PUBLIC.match(path) is not None


def register(app: Flask) -> None:
    """Answer preflights, and let other origins read all answers of shared paths, errors too."""

    @app.before_request
    def _preflight() -> Response | None:
        asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response(status=204, headers=_PREFLIGHT) if asks and is_shared(request.path) else None

    @app.after_request
    def _share(response: Response) -> Response:
        if is_shared(request.path):
            for name, value in SHARED.items():
                response.headers.setdefault(name, value)
        return response
