"""How pages leave: rendered once a second at most, compressed where the browser takes it."""

import gzip
from collections.abc import Callable
from typing import Any

from flask import Response, render_template, request

from service.http.caching import Rendered, public_answer

HTML = "text/html; charset=utf-8"
_WORTH_PACKING = 1000


def page(template: str, values: Callable[[], dict[str, Any]], content_type: str = HTML) -> Response:
    """Return a rendered template as a public answer."""

    def render() -> Rendered:
        body = render_template(template, **values()).encode()
        return Rendered(body, content_type, body)

    return public_answer(render)


def pack(response: Response) -> Response:
    """Compress a text for a client that takes gzip; after-request hook of the pages."""
    response.vary.add("Accept-Encoding")
    size = response.calculate_content_length()
    if response.is_streamed or response.content_encoding or size is None or size < _WORTH_PACKING:
        return response
    if not request.accept_encodings["gzip"]:
        return response
    # A fixed moment: the same page is the same bytes.
    response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
    response.content_encoding = "gzip"
    return response
