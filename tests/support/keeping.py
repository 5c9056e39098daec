"""Kept answers given again before the application, as the front does it, for a client without a front."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from service.http.request import new_request_id
from service.telemetry import process_metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def give_kept_answers(app: Flask) -> None:
    """Put the response cache before an application."""
    kept, asked = app.extensions["tthc-kept"], app.wsgi_app

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if (rendered := kept(environ, None)) is None:
            return asked(environ, start_response)
        length = ("Content-Length", str(len(rendered.body)))
        start_response("200 OK", [*rendered.headers, length, ("X-Request-Id", new_request_id())])
        process_metrics.request_done("GET", rendered.replay_route, 200, 0.0)
        return (rendered.body,)

    app.wsgi_app = answer  # type: ignore[method-assign]
