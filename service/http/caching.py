"""Public answers: made once a second at most, with an ETag over what they say."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from flask import Response, request

from service.http.context import service

CACHE_CONTROL = "public, max-age=1, stale-while-revalidate=30, stale-if-error=86400"


@dataclass(frozen=True)
class Rendered:
    """An answer as bytes. `identity` is what the ETag is made of: the content without its moment."""

    body: bytes
    content_type: str
    identity: bytes
    disposition: str | None = None


def public_answer(render: Callable[[], Rendered]) -> Response:
    """Return a public answer, from the last second's if the same was asked; 304 when the client has it."""
    key = request.host_url, request.path, tuple(sorted(request.args.items(multi=True))), _wanted()
    rendered = service().answers.get(key, render)
    response = Response(rendered.body, content_type=rendered.content_type)
    response.set_etag(blake2b(rendered.identity, digest_size=12).hexdigest(), weak=True)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Vary"] = "Accept"
    if rendered.disposition:
        response.headers["Content-Disposition"] = rendered.disposition
    response.make_conditional(request)
    return response


def _wanted() -> str:
    return request.headers.get("Accept", "")[:200]
