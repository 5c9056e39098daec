"""create_app(): the one place that wires everything."""

import time

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from models.database import Database
from service import cli, logs
from service.domain.workcalendar import OfficeHours
from service.http import docs, dossiers, health, problems, statistics
from service.http.context import Answers, Service, request_id
from service.pages import assets, embeds, views
from service.settings import Settings, load_settings

BLUEPRINTS = (
    dossiers.blueprint,
    statistics.blueprint,
    health.blueprint,
    docs.blueprint,
    assets.blueprint,
    embeds.blueprint,
    views.blueprint,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application; it starts no job and touches no database until asked."""
    settings = settings or load_settings()
    logs.configure(settings)
    app = Flask("service", static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["tthc"] = Service(
        settings,
        Database(settings.database_url, pool_size=settings.threads),
        OfficeHours.parse(settings.office_hours),
        Answers(settings.cache_seconds),
    )
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    problems.register(app)
    cli.register(app)
    _follow_requests(app)
    return app


def _follow_requests(app: Flask) -> None:
    """Give every answer its request id, and log one line for each request, never its content."""

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        seconds = time.perf_counter() - g.pop("started", time.perf_counter())
        route = str(request.url_rule) if request.url_rule else "unmatched"
        logs.request_done(request.method, route, response.status_code, seconds, request_id())
        return response
