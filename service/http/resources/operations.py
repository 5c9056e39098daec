"""healthz says that the process answers; readyz that it can work: database reachable and migrated."""

import hmac
from typing import Any

from flask import Blueprint, Response, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from sqlalchemy.exc import SQLAlchemyError

from service.domain.calendar.local_time import local_iso
from service.http.problems import Problem
from service.http.request import components, now
from service.http.responses import json_response
from service.store import job_runs, migrations
from service.telemetry.database_metrics import Collector

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return json_response({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether the database can be reached and has the newest schema; 503 if not."""
    content: dict[str, Any] = {"status": "ok", "database": "ok", "migration": "ok"}
    try:
        current, head = migrations.current(components().database), migrations.head()
        if current != head:
            content.update(status="not ready", migration=f"at {current}, needs {head}: flask --app wsgi db upgrade")
        else:
            content["jobs"] = _jobs()
    except SQLAlchemyError as error:
        content.update(status="not ready", database=type(error).__name__, migration="unknown")
    return json_response(content, 200 if content["status"] == "ok" else 503)


def _jobs() -> list[dict[str, Any]]:
    """Tell how each job stands; nothing here makes the service not ready."""
    with components().database.reading() as session:
        found = job_runs.states(session, now())
    return [
        {
            "job": job.job,
            "last_state": job.last_state,
            "last_success": local_iso(job.last_success) if job.last_success else None,
            "late_seconds": int(job.overdue_by.total_seconds()),
            "failures": job.failures,
            "missed": job.missed,
        }
        for job in found
    ]


@blueprint.record_once
def _prepare(state: Any) -> None:
    state.app.extensions["tthc-metrics"] = Collector(state.app.extensions["tthc"])


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return everything that is scraped."""
    token = components().settings.metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        raise Problem(401, "Cần mã của /metrics (a metrics token is needed)", headers={"WWW-Authenticate": "Bearer"})
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(current_app.extensions["tthc-metrics"])
    return Response(encode(registry), content_type=content_type)
