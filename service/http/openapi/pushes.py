"""The description of pushes: one dossier, a batch, a file."""

from service.http.openapi.parts import (
    CSV,
    NDJSON,
    ONE_OR_NONE,
    PROBLEM,
    TEXT,
    WITH_KEY,
    Described,
    answer,
    body,
    content,
    operation,
    parameter,
    problems,
)
from service.schemas.answers.problems import Problem
from service.schemas.answers.pushes import Deleted, Heard, ImportSummary, Receipt, Summary
from service.schemas.dossier_input import DossierSchema
from service.schemas.heartbeat_input import HeartbeatsSchema

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REFUSALS = (401, 403, 413, 415, 422, 503)
DRY_RUN = parameter("dry_run", "1: say what would happen, store nothing", ONE_OR_NONE)
STRICT = parameter("strict", "1: an unknown field rejects its record", ONE_OR_NONE)
_LINES = "Accept: application/x-ndjson gets a line a record, in order: index, code, result, errors, warnings."
ATOMIC = parameter("atomic", "1: nothing is stored unless everything is valid", ONE_OR_NONE)


def paths() -> dict[str, Described]:
    """Describe every route that takes dossiers from a source."""
    return {
        "/api/v1/dossiers": {"post": _one()},
        "/api/v1/dossiers/{code}": {"delete": _delete()},
        "/api/v1/dossiers/batch": {"post": _batch()},
        "/api/v1/dossiers/import": {"post": _file()},
        "/api/v1/heartbeats": {"post": _heartbeats()},
    }


def _heartbeats() -> Described:
    responses = {"200": answer("these units are heard", content(Heard)), **problems(*_REFUSALS)}
    return operation(
        "pushHeartbeats", "push", "Không có hồ sơ mới / Nothing new of some units",
        "An empty office is heard: it does not count as silent. All of the units are taken, or none.", responses,
        security=WITH_KEY, parameters=[DRY_RUN], requestBody=body(content(HeartbeatsSchema)),
    )  # fmt: skip


def _one() -> Described:
    responses = {
        "200": answer("updated, unchanged or stale", content(Receipt)),
        "201": answer("created", content(Receipt)),
        **problems(*_REFUSALS),
    }
    return operation(
        "pushDossier", "push", "Gửi một hồ sơ / Push one dossier",
        "Replaces the whole state of the dossier: what is left out is gone.", responses,
        security=WITH_KEY, parameters=[DRY_RUN, STRICT], requestBody=body(content(DossierSchema)),
    )  # fmt: skip


def _delete() -> Described:
    responses = {"200": answer("deleted, also when it was already", content(Deleted)), **problems(401, 403, 404, 503)}
    return operation(
        "deleteDossier", "push", "Xóa một hồ sơ của chính nguồn / Delete one's own dossier",
        "It counts nowhere until it is sent again; its history stays.", responses,
        security=WITH_KEY, parameters=[parameter("code", "code of the dossier", place="path"), DRY_RUN],
    )  # fmt: skip


def _batch() -> Described:
    sent = body(content({"type": "array", "items": DossierSchema}), content(TEXT, NDJSON))
    responses = {
        **problems(*_REFUSALS),
        "200": answer("nothing was rejected", content(Summary), content(TEXT, NDJSON)),
        "207": answer("a part was rejected, the rest is stored", content(Summary), content(TEXT, NDJSON)),
        "422": answer(
            "all was rejected (a summary), or a problem",
            content(Summary),
            content(TEXT, NDJSON),
            content(Problem, PROBLEM),
        ),
    }
    return operation(
        "pushBatch", "push", "Gửi nhiều hồ sơ / Push a batch",
        "Good records are stored, bad ones are named by index, code and field; one transaction. "
        + _LINES, responses,
        security=WITH_KEY, parameters=[ATOMIC, DRY_RUN, STRICT], requestBody=sent,
    )  # fmt: skip


def _file() -> Described:
    form: Described = {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            "dry_run": {**ONE_OR_NONE, "description": "1: say what would happen, store nothing"},
            "sheet": {"type": "string", "description": "the only sheet of a workbook to read"},
            "map": _given_once("HEADING=FIELD: what a heading means; kept for the source"),
            "ignore": _given_once("HEADING: leave this column unread; kept for the source"),
        },
    }
    taken = content(ImportSummary) | content(TEXT, CSV) | content(TEXT, XLSX)
    responses = {
        **problems(*_REFUSALS),
        "200": answer("every row was taken", taken),
        "207": answer("a part was rejected, the rest is stored", taken),
        "422": answer("all rows were rejected (a summary), or a problem", taken, content(Problem, PROBLEM)),
    }
    return operation(
        "importFile", "push", "Nhập tệp .xlsx, .xls, .csv, .ndjson, .json / Import a file",
        "Rows are records of a batch; rejected rows come back as a file to mend and send again.", responses,
        security=WITH_KEY, parameters=[DRY_RUN], requestBody=body(content(form, "multipart/form-data")),
    )  # fmt: skip


def _given_once(about: str) -> Described:
    return {"type": "array", "items": {"type": "string"}, "description": about}
