"""healthz says that the process answers; readyz that it can work: database reachable and migrated."""

import hmac
from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, current_app, request
from prometheus_client.exposition import choose_encoder
from sqlalchemy.exc import SQLAlchemyError

from service.domain.calendar.local_time import local_iso
from service.http.addresses import is_private
from service.http.problems import Problem
from service.http.request import components
from service.http.responses import json_response
from service.store import job_runs, migrations
from service.store.engines.storage import storage_faults
from service.store.engines.unavailable import reason_of

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return json_response({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether the service can work: database reachable, its schema fits, and the disk takes a push; 503 if not.

    It only reads, so it never waits for a write. Everybody may ask; an answer is reused for a second. The state of the
    jobs is told to operators only.
    """
    operator = _is_operator()
    content = components().answers.get(("ready", operator), lambda: _readiness(operator))
    return json_response(content, 200 if content["status"] == "ok" else 503)


def _readiness(operator: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"status": "ok", "database": "ok", "migration": "ok"}
    database = components().database
    try:
        schema = migrations.state(database)
        if not schema.fits:
            newer = "newer than the program: install the newer one, then " if schema.newer else ""
            content["migration"] = f"{newer}flask --app wsgi db upgrade"
        if faults := storage_faults(database):
            content["storage"] = ", ".join(fault.name for fault in faults)
        if schema.fits and operator:
            content["jobs"] = _jobs()
    except SQLAlchemyError as error:
        reason = reason_of(error)
        content.update(database=reason.name if reason else "not reachable", migration="unknown")
    ready = (content["database"], content["migration"], content.get("storage", "ok")) == ("ok", "ok", "ok")
    return content | {"status": "ok" if ready else "not ready"}


def _jobs() -> list[dict[str, Any]]:
    """Tell operators how each job stands; nothing here makes the service not ready."""
    with components().database.reading() as session:
        states = job_runs.states(session, job_runs.clock(session))
    return [
        {
            "job": job.job,
            "last_state": job.last_state,
            "last_success": local_iso(job.last_success) if job.last_success else None,
            "late_seconds": int(job.overdue_by.total_seconds()),
            "failures": job.failures,
            "missed": job.missed,
        }
        for job in states
    ]


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return all metrics; with `units=0` without the gauges of the units, which `/metrics/units` has."""
    return _scraped(units=request.args.get("units", "1") != "0", rest=True)


@blueprint.get("/metrics/units")
def unit_metrics() -> Response:
    """Return the gauges of the units alone: many series that change slowly, to be scraped from one replica."""
    return _scraped(units=True, rest=False)


def _scraped(*, units: bool, rest: bool) -> Response:
    is_proxied = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    is_neighbour = is_private(request.remote_addr) and not is_proxied
    if not _is_operator() and (_operators_token() or not is_neighbour):
        raise Problem(401, "Cần mã truy cập (a metrics token is needed)", headers={"WWW-Authenticate": "Bearer"})
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    chosen: Any = SimpleNamespace(collect=partial(current_app.extensions["tthc-metrics"].collect, units, rest))
    return Response(encode(chosen), content_type=content_type)


def _operators_token() -> str:
    return components().settings.metrics_token.get_secret_value()


def _is_operator() -> bool:
    token, sent = _operators_token(), request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return bool(token) and hmac.compare_digest(sent.encode(), token.encode())
