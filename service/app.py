"""create_app(): the one place that wires everything."""

import time
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from service import cli
from service.components import Components
from service.environment import load_settings
from service.http import parameters, problems, rate_limits, security_headers, sharing
from service.http.request import TURN, client_request_id, request_id
from service.http.resources import docs, dossiers, file_import, heartbeats, national, operations, quality, statistics
from service.http.response_cache import lanes_of_asker, repeated
from service.pages import assets, embeds, views
from service.pages.files import report_files
from service.settings import Settings
from service.telemetry import logs, process_metrics
from service.telemetry.database_metrics import Collector
from service.view_counter import ViewCounter

RESOURCES = (dossiers, file_import, heartbeats, quality, national, statistics, operations, docs)
PAGES = (assets, embeds, views, report_files)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application; it starts no job and touches no database until asked."""
    settings = settings or load_settings()
    logs.configure(settings)
    app = Flask("service", static_folder=None)
    app.url_map.merge_slashes = False  # else `//` is redirected, and the answer repeats the whole question
    app.config["TRUSTED_HOSTS"] = settings.trusted_hosts
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    parts = app.extensions["tthc"] = Components.of(settings, process_metrics.ingest_done)
    app.extensions["tthc-metrics"] = Collector(parts)
    # The front calls these before it takes a thread: a kept answer, and the lanes of a request. What stands second (in
    # WSGI start_response) is handed on as it is.
    app.extensions["tthc-kept"] = _behind_proxies(partial(repeated, parts), settings)
    app.extensions["tthc-lanes"] = _behind_proxies(partial(lanes_of_asker, parts), settings)
    app.wsgi_app = _behind_proxies(app.wsgi_app, settings)  # type: ignore[method-assign]
    for module in (*RESOURCES, *PAGES):
        app.register_blueprint(module.blueprint)
    problems.register(app)
    cli.register(app)
    _follow_requests(app, parts.views)
    rate_limits.register(app, settings)
    security_headers.register(app)
    sharing.register(app)
    parameters.register(app)
    routes = ((method, str(rule)) for rule in app.url_map.iter_rules() for method in rule.methods or ())
    process_metrics.expect_routes(route for route in routes if route[0] not in ("HEAD", "OPTIONS"))
    return app


def _behind_proxies(app: Any, settings: Settings) -> Any:
    """Let an application see the client that trusted proxies name, and as Host the public address, if one is set."""
    host = "" if settings.hosts else urlsplit(settings.public_url).netloc
    with_host = (lambda environ, start: app(environ | {"HTTP_HOST": host}, start)) if host else app
    hops = settings.proxy_hops
    return ProxyFix(with_host, x_for=hops, x_proto=hops, x_host=hops) if hops else with_host


def _follow_requests(app: Flask, views: ViewCounter) -> None:
    """Give every answer its request id, count it, and log one line for each request, never its content."""

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()
        structlog.contextvars.clear_contextvars()  # else the thread's last request would stand in the lines of this one
        structlog.contextvars.bind_contextvars(request_id=request_id())
        if clients_id := client_request_id():
            structlog.contextvars.bind_contextvars(client_request_id=clients_id)

    @app.after_request
    def _finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        if TURN in request.environ and request.environ[TURN].is_awaited:
            return response  # nobody receives it: the request is answered when it has its turn
        seconds = time.perf_counter() - g.pop("started", time.perf_counter())
        route = str(request.url_rule) if request.url_rule else "unmatched"
        logs.request_done(request.method, route, response.status_code, seconds)
        process_metrics.request_done(request.method, route, response.status_code, seconds)
        if request.method == "GET" and response.status_code in (200, 304):
            views.note(route, (request.view_args or {}).get("unit", ""))
        return response
