"""What browsers may do with our pages: everything from here, nothing inline, frames only for embeds."""

from flask import Response

from service.http.request import components

_NOTHING = "default-src 'none'; base-uri 'none'; style-src 'self'; img-src 'self'"


def protect_page(response: Response, *, scripts: bool = False) -> Response:
    """Let a page load styles, images and (only where it needs them) scripts and frames of ours; nobody frames it."""
    running = "; script-src 'self'; connect-src 'self'; frame-src 'self'" if scripts else ""
    policy = f"{_NOTHING}{running}; form-action 'self'; frame-ancestors 'none'"
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response


def protect_embed(response: Response) -> Response:
    """Let those named by the setting (and our own preview) frame an embed, which runs no script."""
    ancestors = f"'self' {components().settings.frame_ancestors}".replace("'self' *", "*")
    response.headers["Content-Security-Policy"] = f"{_NOTHING}; form-action 'none'; frame-ancestors {ancestors}"
    return shared(response)


def protect_image(response: Response) -> Response:
    """Keep an SVG that is opened by itself from loading or running anything."""
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'none'; frame-ancestors 'none'"
    return shared(response)


def shared(response: Response) -> Response:
    """Let pages of other origins load this, also those that isolate themselves."""
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
