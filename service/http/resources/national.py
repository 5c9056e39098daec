"""The national sync format: both dialects that one-stop software already uses."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from io import SEEK_END
from typing import IO, Any

from flask import Blueprint, Response, request

from service.domain.errors import Forbidden, Unauthenticated
from service.domain.json_beside import json_beside
from service.domain.units import is_code, normalise
from service.formats import national
from service.formats.json_records.records import Length
from service.formats.json_records.text import MEGABYTE, OtherJson
from service.formats.national import STEP_WORDS, WORDS, in_national_words, national_name, to_progress, to_record
from service.http.auth import allowed, known_source, sender, source_with
from service.http.parameters import push_options
from service.http.problems import Problem
from service.http.request import TURN, clock, components, now
from service.http.request_body import TooMany, is_packed, pieces, read_beside, read_items, take_body
from service.http.responses import json_response
from service.ingest.batch import ingest
from service.ingest.pipeline import Event
from service.reporting.history import find_dossier
from service.schemas.fields import clean_code
from service.schemas.unknown_fields import RecordReader
from service.store.access.keys import DISABLED, KnownSource, open_session, source_of_session
from service.store.catalogue import find_procedure
from service.store.database import REQUEST_LOCK_SECONDS

blueprint = Blueprint("national", __name__, url_prefix="/national")
SYNC, PROGRESS = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"
MAX_LOGIN_BYTES = 4096
_SMALL_BYTES = 64 * 1024
"""A call up to this size is read as JSON before its session is checked: that costs less than to search it first."""
_SESSION = re.compile(rb'"session"\s{0,20}:\s{0,20}"([A-Za-z0-9_-]{20,100})"')
_SESSION_BYTES = 200
"""Longer than any text that the pattern matches."""
_TEXTS = ("session", "service", "madonvi", "mahoso", "maTTHC")
"""What is read of a call beside its records."""
_SESSION_NAMES = 20
"""After so many texts "session" without a session a body is not searched further: to look at each costs much."""


@blueprint.post("/login")
def login() -> Response:
    """Open a session: the user name is the source's code, the password its API key."""
    if is_packed():  # a small plain body is enough; a few bytes of gzip can become a gigabyte
        raise Problem(415, "Không nhận nội dung nén ở đây (a compressed body is not accepted here)")
    parts = components()
    with take_body(parts.settings, MAX_LOGIN_BYTES) as spool:
        body = read_beside(spool, parts.settings, "", ("username", "password"))
    source = source_with(body.get("password"), body.get("username") or "")  # before a lock is taken
    if source is None or source.expired or source.disabled:
        return json_response(refusal(403, DISABLED) if source and source.disabled else refusal(401, _SAID["bad_login"]))
    with parts.database.writing(REQUEST_LOCK_SECONDS) as session:
        token = open_session(session, source, now(), timedelta(minutes=parts.settings.session_minutes))
    return json_response({"error_code": 0, "message": "Thành công", "session": token})


@blueprint.post("/service")
def call() -> Response:
    """Answer one call of the first dialect; its field `service` says which."""
    settings = components().settings
    with take_body(settings) as spool:
        is_large = is_packed() or spool.seek(0, SEEK_END) > _SMALL_BYTES
        spool.seek(0)
        if is_large:
            if (token := _first_session(spool)) is None:
                return json_response(refusal(400, _SAID["no_session"], as_text=True))
            if (sending := _source_of(token)) is None:
                return json_response(refusal(401, _SAID["bad_session"], as_text=True))
            if _waits_for_turn("push", sending):
                return Response(status=503)  # nobody receives it
            spool.seek(0)
        body = read_beside(spool, settings, "data", _TEXTS)
        spool.seek(0)
        return _answered(body, read_items(spool, settings, "data") if isinstance(body.get("data"), Length) else None)


def _answered(body: dict[str, Any], data: Iterator[Any] | None) -> Response:
    called = body.get("service")
    is_push = called in (SYNC, PROGRESS)
    sending, right = _source_of(body.get("session")), "push" if is_push else "read"
    if _waits_for_turn(right, sending):
        return Response(status=503)  # nobody receives it
    try:
        source = allowed(sending, right)
    except (Unauthenticated, Forbidden) as error:
        code, reason = (401, _SAID["bad_session"]) if isinstance(error, Unauthenticated) else (403, str(error))
        return json_response(refusal(code, reason, as_text=is_push))
    if is_push:
        return _sync(str(called), source, data, _agency(body.get("madonvi")))
    if called == "TraCuuHoSo":
        return _find_dossier(source, body.get("mahoso"))
    if called == "LayThuTuc":
        return _find_procedure(body.get("maTTHC"))
    return json_response(refusal(404, _SAID["unknown_service"]))


def _waits_for_turn(right: str, source: KnownSource | None) -> bool:
    """Ask the front for a turn of a source's key, if it gives turns and this call has not had one."""
    turn = request.environ.get(TURN)
    if source is None or turn is None or turn.is_given:
        return False
    turn.right, turn.key_id = right, source.key_id
    return True


def _source_of(token: Any) -> KnownSource | None:
    if not isinstance(token, str):
        return None
    with components().database.reading() as session:
        return source_of_session(session, token, now())


def _first_session(spool: IO[bytes]) -> str | None:
    """Return the first session in a body, without reading the body as JSON; memory stays flat."""
    settings, window, size, names = components().settings, b"", 0, 0
    for piece in pieces(spool, settings):
        window = window[-_SESSION_BYTES:] + piece
        if match := _SESSION.search(window):
            return match[1].decode()
        size += len(piece)
        names += piece.count(b'"session"')
        if names > _SESSION_NAMES or size > settings.max_array_mb * MEGABYTE:
            break
    return None


@blueprint.post("/DongBoHoSoMC", endpoint="sync", defaults={"called": SYNC})
@blueprint.post("/CapNhatTienDoHoSoMC", endpoint="progress", defaults={"called": PROGRESS})
def bare(called: str) -> Response:
    """Answer one call of the second dialect: a bare array, with the API key as bearer."""
    source = known_source("push")
    agency = _agency(request.args.get("MaDinhDanhDV") or request.args.get("madonvi"))
    settings = components().settings
    with take_body(settings) as spool:
        return _sync(called, source, read_items(spool, settings), agency)


def _sync(called: str, source: KnownSource, data: Iterator[Any] | None, agency: str) -> Response:
    """File HoSo or progress steps, in one transaction, and tell what became of them."""
    parts, options = components(), push_options()
    names, read = (WORDS, partial(to_record, default_unit=agency)) if called == SYNC else (STEP_WORDS, to_progress)
    reader = RecordReader(options.strict, names, read)
    if data is None:
        return json_response(refusal(400, _SAID["no_list"], as_text=True))
    news: Iterator[Event] = (reader.read(item) for item in data)  # read as it is filed, so that its time is looked at
    try:
        summary = ingest(parts, sender(source), news, clock, atomic=options.atomic, dry_run=options.dry_run)
    except OtherJson as error:
        return json_response(refusal(400, str(error), as_text=True))
    except TooMany:
        return json_response(refusal(413, _SAID["too_many"], as_text=True))
    done = "Đồng bộ thành công" if called == SYNC else "Cập nhật tiến độ thành công"
    return json_response(of_sync(summary.as_dict() | reader.unread_fields(), source.ok_code, done))


def _find_dossier(source: KnownSource, sent: Any) -> Response:
    code = clean_code(sent)
    if not code:
        return json_response(refusal(400, _SAID["no_dossier_code"]))
    with components().database.reading() as session:
        dossier = find_dossier(session, source.id, code)
    return json_response(lookup([national.from_snapshot(*dossier)] if dossier else []))


def _find_procedure(sent: Any) -> Response:
    code = clean_code(sent)
    if not code:
        return json_response(refusal(400, _SAID["no_procedure_code"]))
    with components().database.reading() as session:
        known = find_procedure(session, code)
    return json_response(lookup([procedure(known)] if known else []))


def _agency(sent: Any) -> str:
    """Return the agency of a call, normalised, "" for none; it is that of dossiers whose code begins with no agency."""
    text = sent.strip() if isinstance(sent, str) else ""
    return normalise(text) if is_code(text) else ""


_NAMED = 5
"""How many refused dossiers the message names; `rejections` lists all of them, up to its limit."""
_SAID = json_beside(__file__)


def refusal(code: int, message: str, *, as_text: bool = False) -> dict[str, Any]:
    """Return a refusal of a whole call. as_text: the code as text, as the answers to pushes have it."""
    return {"error_code": str(code) if as_text else code, "message": message, "result": []}


def lookup(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the answer to a look-up; an empty one is a success, too."""
    return {"error_code": 0, "message": "Thành công", "result": items}


def procedure(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a procedure with the field that it belongs to."""
    fields = [{"MALINHVUC": row["field_code"] or "", "TENLINHVUC": row["field_name"] or ""}]
    known = row["field_code"] or row["field_name"]
    return {"MATTHC": row["code"], "TENTTHC": row["name"] or "", "LINHVUCTHUCHIEN": fields if known else []}


def of_sync(summary: Mapping[str, Any], ok_code: str, done: str) -> dict[str, Any]:
    """Return the answer to a push: error_code 207 when a part was refused, 422 when all was."""
    refused, received = summary["rejected"], summary["received"]
    # Under the sender's own names; ingest (an unknown dossier) uses the API's.
    rejections = [
        {**one, "errors": {national_name(field): texts for field, texts in one["errors"].items()}}
        for one in summary["rejections"]
    ]
    summary = {**summary, "rejections": rejections, "warnings": [_warned(one) for one in summary["warnings"]]}
    if not refused:
        return {"error_code": ok_code, "message": done, "result": summary}
    reasons = [_reason(rejection) for rejection in rejections[:_NAMED]]
    more = "; …" if refused > _NAMED else ""
    message = f"{refused}/{received} hồ sơ bị từ chối (refused): {'; '.join(reasons)}{more}"
    code = "207" if refused < received else "422"
    return {"error_code": code, "message": message, "result": summary}


def _warned(record: Mapping[str, Any]) -> dict[str, Any]:
    warnings = [
        {**warning, "field": national_name(warning["field"]), "message": in_national_words(warning["message"])}
        for warning in record["warnings"]
    ]
    return {**record, "warnings": warnings}


def _reason(rejection: Mapping[str, Any]) -> str:
    name = rejection["code"] or f"thứ (number) {rejection['index'] + 1}"
    errors = ", ".join(f"{field}: {' '.join(texts)}" for field, texts in rejection["errors"].items())
    return f"{name} – {errors}"
