"""Heartbeats: a source says that it has nothing new of some units."""

from flask import Blueprint, Response, request

from service.http.auth import known_source, sender
from service.http.parameters import flag
from service.http.problems import Problem
from service.http.request import components, now
from service.http.request_body import read_json, take_body
from service.http.responses import json_response
from service.ingest.heartbeats import file_heartbeats
from service.schemas.heartbeat_input import MOST_UNITS, read_heartbeats

blueprint = Blueprint("heartbeats", __name__, url_prefix="/api/v1")


@blueprint.post("/heartbeats")
def push_heartbeats() -> Response:
    """Take in heartbeats: each of their units counts as heard."""
    source = known_source("push")
    if request.mimetype != "application/json":
        raise Problem(415, "Content-Type phải là application/json (must be application/json)")
    parts, dry_run = components(), flag("dry_run")
    with take_body(parts.settings) as spool:
        heartbeats = read_heartbeats(read_json(spool, parts.settings, mb=4, records=MOST_UNITS))
    by, database = sender(source, dry_run=dry_run), parts.database
    with database.reading() if dry_run else database.writing(by.lock_seconds) as session:
        file_heartbeats(session, by, heartbeats, now())
    if not dry_run:
        parts.answers.clear()
    return json_response({"heard": len({one.unit_code for one in heartbeats})})
