"""The national sync format: both dialects, as one-stop software already speaks them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from service.domain.units import is_code, normalise
from service.http.auth import known_source
from service.http.body import read_json, take_body
from service.http.context import now, request_id, service
from service.http.dossiers import json_response
from service.http.problems import Problem
from service.national import answers
from service.national.hoso import from_snapshot, to_progress, to_record
from service.schemas.fields import clean_code
from service.usecases import national as lookups
from service.usecases.batch import file_batch
from service.usecases.ingest import News, Sender
from service.usecases.sources import KnownSource, authenticate

blueprint = Blueprint("national", __name__, url_prefix="/national")
SYNC, PROGRESS = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"


@blueprint.post("/login")
def login() -> Response:
    """Open a session: the user name is the source's code, the password its API key."""
    body = _object()
    user, password = body.get("username"), body.get("password")
    parts = service()
    with parts.database.writing() as session:
        source = authenticate(session, password.strip()) if isinstance(password, str) else None
        if source is None or source.code != user:
            return json_response(answers.refusal(401, answers.BAD_LOGIN))
        if source.disabled:
            return json_response(answers.refusal(403, answers.DISABLED))
        token = lookups.open_session(session, source.id, now(), timedelta(minutes=parts.settings.session_minutes))
    return json_response({"error_code": 0, "message": "Thành công", "session": token})


@blueprint.post("/service")
def call() -> Response:
    """Answer one call of the first dialect; which one, its field `service` says."""
    body = _object()
    called = body.get("service")
    in_words = called in (SYNC, PROGRESS)
    token = body.get("session")
    with service().database.reading() as session:
        source = lookups.source_of_session(session, token, now()) if isinstance(token, str) else None
    if source is None or source.disabled:
        code, message = (401, answers.BAD_SESSION) if source is None else (403, answers.DISABLED)
        return json_response(answers.refusal(code, message, in_words=in_words))
    if in_words:
        return _sync(str(called), source, body.get("data"), _agency(body.get("madonvi")))
    if called == "TraCuuHoSo":
        return _find_dossier(source, body.get("mahoso"))
    if called == "LayThuTuc":
        return _find_procedure(body.get("maTTHC"))
    return json_response(answers.refusal(404, answers.UNKNOWN_SERVICE))


@blueprint.post("/DongBoHoSoMC", endpoint="sync", defaults={"called": SYNC})
@blueprint.post("/CapNhatTienDoHoSoMC", endpoint="progress", defaults={"called": PROGRESS})
def bare(called: str) -> Response:
    """Answer one call of the second dialect: a bare array, with the API key as bearer."""
    source = known_source()
    agency = _agency(request.args.get("MaDinhDanhDV") or request.args.get("madonvi"))
    return _sync(called, source, _json(), agency)


def _sync(called: str, source: KnownSource, data: Any, agency: str) -> Response:
    """File HoSo or progress steps, in one transaction, and tell what became of them."""
    parts = service()
    if not isinstance(data, list):
        return json_response(answers.refusal(400, answers.NO_LIST, in_words=True))
    if len(data) > parts.settings.max_records:
        return json_response(answers.refusal(413, answers.TOO_MANY, in_words=True))
    news: list[News] = [to_record(item, agency) if called == SYNC else to_progress(item) for item in data]
    with parts.database.writing() as session:
        summary = file_batch(session, Sender(source.id, request_id()), news, now(), parts.hours)
    parts.answers.forget()
    done = "Đồng bộ thành công" if called == SYNC else "Cập nhật tiến độ thành công"
    return json_response(answers.of_sync(summary.as_dict(), source.ok_code, done))


def _find_dossier(source: KnownSource, given: Any) -> Response:
    code = clean_code(given)
    with service().database.reading() as session:
        found = lookups.find_dossier(session, source.id, code) if code else None
    return json_response(answers.lookup([from_snapshot(*found)] if found else []))


def _find_procedure(given: Any) -> Response:
    code = clean_code(given)
    with service().database.reading() as session:
        found = lookups.find_procedure(session, code) if code else None
    return json_response(answers.lookup([answers.procedure(found)] if found else []))


def _agency(given: Any) -> str:
    """Return the normalised agency code that a call gives for dossiers whose code names none, "" for none."""
    text = given.strip() if isinstance(given, str) else ""
    return normalise(text) if is_code(text) else ""


def _json() -> Any:
    parts = service()
    with take_body(parts.settings) as spool:
        return read_json(spool, parts.settings)


def _object() -> dict[str, Any]:
    body = _json()
    if not isinstance(body, dict):
        raise Problem(400, "Nội dung phải là một đối tượng JSON (the body must be a JSON object)")
    return body
