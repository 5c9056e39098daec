"""Dossiers of a source: push one, push a batch (a JSON array or NDJSON), delete one, read the history of one."""

import re
from collections.abc import Iterator
from typing import IO

from flask import Blueprint, Response, request

from service.domain.dossier.data_warnings import WARNINGS
from service.domain.dossier.events import DeletionEvent, DossierEvent, IngestResult, Rejection
from service.formats.json_records.records import NOT_JSON, BadLine
from service.http.auth import known_source, pushing_source, sender
from service.http.parameters import flag, push_options
from service.http.problems import Problem
from service.http.request import clock, components
from service.http.request_body import read_items, read_json, read_ndjson, take_body
from service.http.resources.record_answers import answers_by_record
from service.http.responses import json_response, private
from service.ingest.batch import ingest, ingest_one
from service.reporting.dossier_json import history_json
from service.reporting.history import history
from service.schemas.fields import clean_code
from service.schemas.question_input import QueryError
from service.schemas.unknown_fields import News, RecordReader

blueprint = Blueprint("dossiers", __name__, url_prefix="/api/v1")
_INVALID = "Hồ sơ không hợp lệ, xem errors (invalid dossier, see errors)"
NDJSON = ("application/x-ndjson", "application/ndjson")


@blueprint.post("/dossiers")
def push_one() -> Response:
    """Take in one dossier."""
    source = pushing_source()
    if request.mimetype != "application/json":
        raise Problem(415, "Content-Type phải là application/json (must be application/json)")
    parts = components()
    options = push_options()
    reader = RecordReader(options.strict)
    with take_body(parts.settings) as spool:
        record = reader.read(read_json(spool, parts.settings, mb=1, records=1))
    if isinstance(record, Rejection):
        raise Problem(422, _INVALID, record.errors)
    if isinstance(record, DossierEvent) and not options.dry_run:
        result = ingest_one(parts, sender(source), record, clock)
    else:
        results: list[IngestResult] = []
        ingest(parts, sender(source), [record], clock, dry_run=options.dry_run, on_result=results.append)
        (result,) = results
    if result.errors:
        raise Problem(422, _INVALID, result.errors)
    warnings = [WARNINGS[kind].as_dict() for kind in result.warnings]
    content = {"code": result.code, "result": result.result, "warnings": warnings, **reader.unread_fields()}
    return json_response(content, 201 if result.result == "created" else 200)


@blueprint.post("/dossiers/batch")
def push_batch() -> Response:
    """Take in a batch: good records are stored, bad ones are named; all in one transaction."""
    source = known_source("push")
    options, parts = push_options(), components()
    if request.mimetype not in ("application/json", *NDJSON):
        raise Problem(
            415, "Content-Type phải là một trong hai (must be one of): application/json, application/x-ndjson"
        )
    reader = RecordReader(options.strict)
    with answers_by_record() as answers, take_body(parts.settings) as spool:
        records, by, tell = _records(spool, reader), sender(source), answers.add if answers else None
        summary = ingest(parts, by, records, clock, atomic=options.atomic, dry_run=options.dry_run, on_result=tell)
    if answers:
        return answers.response(summary.http_status, refused=options.atomic and summary.rejected > 0)
    return json_response(summary.as_dict() | reader.unread_fields(), summary.http_status)


def _records(spool: IO[bytes], reader: RecordReader) -> Iterator[News]:
    settings = components().settings
    items = read_ndjson(spool, settings) if request.mimetype in NDJSON else read_items(spool, settings)
    for item in items:
        yield Rejection(None, {"record": [NOT_JSON]}) if item is BadLine else reader.read(item)


_NUMBER_OR_NONE = re.compile("(?:[1-9][0-9]{0,8})?")
_NO_DOSSIER = "Nguồn này không có hồ sơ mang mã đó (this source has no such dossier)"


@blueprint.delete("/dossiers/<path:code>")
def delete_dossier(code: str) -> Response:
    """Delete a dossier of the asking source: it counts nowhere until it is sent again."""
    source = known_source("push")
    wanted = clean_code(code)
    results: list[IngestResult] = []
    if wanted:
        deletion = [DeletionEvent(wanted)]
        ingest(components(), sender(source), deletion, clock, dry_run=flag("dry_run"), on_result=results.append)
    if not results or results[0].errors:
        raise Problem(404, _NO_DOSSIER)
    return json_response({"code": wanted, "result": results[0].result})


@blueprint.get("/dossiers/<path:code>")
def dossier_history(code: str) -> Response:
    """Return a dossier of the asking source with its versions."""
    source = known_source("read")
    wanted, before = clean_code(code), request.args.get("before", "")
    if not _NUMBER_OR_NONE.fullmatch(before):
        raise QueryError({"before": ["Số của một phiên bản, từ 1 (the number of a version, from 1)"]})
    with components().database.reading() as session:
        dossier = history(session, source.id, wanted, int(before) if before else None) if wanted else None
    if dossier is None:
        raise Problem(404, _NO_DOSSIER)
    return private(json_response(history_json(dossier)))
