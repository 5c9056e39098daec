"""healthz says that the process answers; readyz that it can work: database reachable and migrated."""

from typing import Any

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from models import schema_version
from service.domain.localtime import local_iso
from service.http.context import now, service
from service.http.dossiers import json_response
from service.usecases import jobruns

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return json_response({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether the database can be reached and has the newest schema; 503 if not."""
    content: dict[str, Any] = {"status": "ok", "database": "ok", "migration": "ok"}
    try:
        current, head = schema_version.current(service().database), schema_version.head()
        if current != head:
            content.update(status="not ready", migration=f"at {current}, needs {head}: flask --app wsgi db upgrade")
        else:
            content["jobs"] = _jobs()
    except SQLAlchemyError as error:
        content.update(status="not ready", database=type(error).__name__, migration="unknown")
    return json_response(content, 200 if content["status"] == "ok" else 503)


def _jobs() -> list[dict[str, Any]]:
    """Tell how each job stands; nothing here makes the service not ready."""
    with service().database.reading() as session:
        found = jobruns.states(session, now())
    return [
        {
            "job": job.job,
            "last_state": job.last_state,
            "last_success": local_iso(job.last_success) if job.last_success else None,
            "late_seconds": int(job.late_by.total_seconds()),
            "failures": job.failures,
            "missed": job.missed,
        }
        for job in found
    ]
