"""/metrics: Prometheus text or OpenMetrics, with an optional bearer token."""

import hmac
from typing import Any

from flask import Blueprint, Response, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from service.http.context import Service, service
from service.http.problems import Problem
from service.metrics import Collector, Sight

blueprint = Blueprint("metrics", __name__)


@blueprint.record_once
def _prepare(state: Any) -> None:
    parts: Service = state.app.extensions["tthc"]
    state.app.extensions["tthc-metrics"] = Collector(Sight(parts.settings, parts.database, parts.hours))


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return everything that is scraped."""
    token = service().settings.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        raise Problem(401, "Cần mã của /metrics (a metrics token is needed)", headers={"WWW-Authenticate": "Bearer"})
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(current_app.extensions["tthc-metrics"])
    return Response(encode(registry), content_type=content_type)
