"""What browsers may do with our pages: everything from here, nothing inline, frames only for embeds."""

from flask import Flask, Response, request

from service.http.addresses import origin
from service.http.request import components

_NOTHING = "default-src 'none'; base-uri 'none'; style-src 'self'; img-src 'self'; font-src 'self'"
_NO_DEVICES = ", ".join(
    f"{device}=()" for device in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)
_OPENED_FROM_FRAMES = ("/units/", "/embed/")
"""Pages that a link in a sandboxed frame may open: browsers refuse that when the page has an opener policy."""
_A_YEAR = "max-age=31536000"


def register(app: Flask) -> None:
    """Set the headers that every answer needs, and those that keep pages apart from other sites."""

    @app.after_request
    def _protect(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if response.mimetype == "text/html":
            response.headers.setdefault("Permissions-Policy", _NO_DEVICES)
            # A page that isolates itself (COEP) frames only pages that say the same.
            response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
            if not request.path.startswith(_OPENED_FROM_FRAMES):
                response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            if request.is_secure:
                response.headers.setdefault("Strict-Transport-Security", _A_YEAR)
        return response


def protect_page(response: Response, *, scripts: bool = False) -> Response:
    """Let a page load our styles and images, with `scripts` also our scripts and frames; no site may frame the page."""
    running = "; script-src 'self'; connect-src 'self'; frame-src 'self'" if scripts else ""
    policy = f"{_NOTHING}{running}; form-action 'self'; frame-ancestors 'none'"
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response


def protect_embed(response: Response) -> Response:
    """Let the sites of the setting, and our own preview, frame an embed.

    A sandboxed frame has no origin, so in some browsers 'self' matches nothing there: the policy also names our origin.
    """
    ancestors = f"'self' {components().settings.frame_ancestors}".replace("'self' *", "*")
    ours = f"'self' {origin()}"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; base-uri 'none'; style-src {ours}; img-src {ours}; script-src {ours};"
        f" form-action 'none'; frame-ancestors {ancestors}"
    )
    return response


def protect_image(response: Response) -> Response:
    """Keep an SVG that is opened by itself from loading or running anything."""
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'none'; frame-ancestors 'none'"
    return response
