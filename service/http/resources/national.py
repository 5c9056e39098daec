"""The national sync format: both dialects, as one-stop software already speaks them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from service.domain.units import is_code, normalise
from service.formats.national import from_snapshot, to_progress, to_record
from service.http.auth import known_source
from service.http.problems import Problem
from service.http.request import clock, components, now, request_id
from service.http.request_body import read_json, take_body
from service.http.responses import json_response
from service.ingest.batch import ingest
from service.ingest.pipeline import Event, Sender
from service.reporting.history import find_dossier
from service.schemas.fields import clean_code
from service.store.catalogue import find_procedure
from service.store.sources import KnownSource, authenticate, open_session, source_of_session

blueprint = Blueprint("national", __name__, url_prefix="/national")
SYNC, PROGRESS = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"


@blueprint.post("/login")
def login() -> Response:
    """Open a session: the user name is the source's code, the password its API key."""
    body = _object()
    user, password = body.get("username"), body.get("password")
    parts = components()
    with parts.database.writing() as session:
        source = authenticate(session, password.strip()) if isinstance(password, str) else None
        if source is None or source.code != user:
            return json_response(refusal(401, BAD_LOGIN))
        if source.disabled:
            return json_response(refusal(403, DISABLED))
        token = open_session(session, source.id, now(), timedelta(minutes=parts.settings.session_minutes))
    return json_response({"error_code": 0, "message": "Thành công", "session": token})


@blueprint.post("/service")
def call() -> Response:
    """Answer one call of the first dialect; which one, its field `service` says."""
    body = _object()
    called = body.get("service")
    in_words = called in (SYNC, PROGRESS)
    token = body.get("session")
    with components().database.reading() as session:
        source = source_of_session(session, token, now()) if isinstance(token, str) else None
    if source is None or source.disabled:
        code, message = (401, BAD_SESSION) if source is None else (403, DISABLED)
        return json_response(refusal(code, message, in_words=in_words))
    if in_words:
        return _sync(str(called), source, body.get("data"), _agency(body.get("madonvi")))
    if called == "TraCuuHoSo":
        return _find_dossier(source, body.get("mahoso"))
    if called == "LayThuTuc":
        return _find_procedure(body.get("maTTHC"))
    return json_response(refusal(404, UNKNOWN_SERVICE))


@blueprint.post("/DongBoHoSoMC", endpoint="sync", defaults={"called": SYNC})
@blueprint.post("/CapNhatTienDoHoSoMC", endpoint="progress", defaults={"called": PROGRESS})
def bare(called: str) -> Response:
    """Answer one call of the second dialect: a bare array, with the API key as bearer."""
    source = known_source()
    agency = _agency(request.args.get("MaDinhDanhDV") or request.args.get("madonvi"))
    return _sync(called, source, _json(), agency)


def _sync(called: str, source: KnownSource, data: Any, agency: str) -> Response:
    """File HoSo or progress steps, in one transaction, and tell what became of them."""
    parts = components()
    if not isinstance(data, list):
        return json_response(refusal(400, NO_LIST, in_words=True))
    if len(data) > parts.settings.max_records:
        return json_response(refusal(413, TOO_MANY, in_words=True))
    news: list[Event] = [to_record(item, agency) if called == SYNC else to_progress(item) for item in data]
    summary = ingest(parts, Sender(source.id, request_id()), news, clock)
    done = "Đồng bộ thành công" if called == SYNC else "Cập nhật tiến độ thành công"
    return json_response(of_sync(summary.as_dict(), source.ok_code, done))


def _find_dossier(source: KnownSource, given: Any) -> Response:
    code = clean_code(given)
    with components().database.reading() as session:
        found = find_dossier(session, source.id, code) if code else None
    return json_response(lookup([from_snapshot(*found)] if found else []))


def _find_procedure(given: Any) -> Response:
    code = clean_code(given)
    with components().database.reading() as session:
        found = find_procedure(session, code) if code else None
    return json_response(lookup([procedure(found)] if found else []))


def _agency(given: Any) -> str:
    """Return the normalised agency code that a call gives for dossiers whose code names none, "" for none."""
    text = given.strip() if isinstance(given, str) else ""
    return normalise(text) if is_code(text) else ""


def _json() -> Any:
    parts = components()
    with take_body(parts.settings) as spool:
        return read_json(spool, parts.settings)


def _object() -> dict[str, Any]:
    body = _json()
    if not isinstance(body, dict):
        raise Problem(400, "Nội dung phải là một đối tượng JSON (the body must be a JSON object)")
    return body


_NAMED = 5
"""How many refused dossiers the message names; `rejections` lists them all (up to its limit)."""

BAD_LOGIN = "Sai username hoặc password; username là mã nguồn, password là khóa API (wrong user name or key)"
BAD_SESSION = "Phiên không đúng, đã hết hạn hoặc đã bị thu hồi; hãy đăng nhập lại (bad session; log in again)"
DISABLED = "Nguồn này đã bị khóa; liên hệ người vận hành (this source is disabled)"
NO_LIST = "data phải là danh sách hồ sơ (data must be a list)"
TOO_MANY = "Quá nhiều hồ sơ trong một lần gửi; hãy chia nhỏ (too many records; split them)"

UNKNOWN_SERVICE = (
    "Không có service này; dùng (unknown service; use one of): DongBoHoSoMC, CapNhatTienDoHoSoMC, TraCuuHoSo, LayThuTuc"
)


def refusal(code: int, message: str, *, in_words: bool = False) -> dict[str, Any]:
    """Return a refusal of a whole call; in_words gives the code as text."""
    return {"error_code": str(code) if in_words else code, "message": message, "result": []}


def lookup(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what was looked up; nothing found is no error."""
    return {"error_code": 0, "message": "Thành công", "result": found}


def procedure(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a procedure with the field that it belongs to."""
    fields = [{"MALINHVUC": found["field_code"] or "", "TENLINHVUC": found["field_name"] or ""}]
    known = found["field_code"] or found["field_name"]
    return {"MATTHC": found["code"], "TENTTHC": found["name"] or "", "LINHVUCTHUCHIEN": fields if known else []}


def of_sync(summary: Mapping[str, Any], ok_code: str, done: str) -> dict[str, Any]:
    """Return what became of a synchronisation: 207 when a part was refused, 422 when all was."""
    refused, received = summary["rejected"], summary["received"]
    if not refused:
        return {"error_code": ok_code, "message": done, "result": dict(summary)}
    rejections = [_in_national_words(rejection) for rejection in summary["rejections"]]
    reasons = [_reason(rejection) for rejection in rejections[:_NAMED]]
    more = "; …" if refused > _NAMED else ""
    message = f"{refused}/{received} hồ sơ bị từ chối (refused): {'; '.join(reasons)}{more}"
    code = "207" if refused < received else "422"
    return {"error_code": code, "message": message, "result": {**summary, "rejections": rejections}}


def _in_national_words(rejection: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rejection of ingest itself (an unknown dossier) under the national field name too."""
    errors = {"MaHoSo" if field == "code" else field: texts for field, texts in rejection["errors"].items()}
    return {**rejection, "errors": errors}


def _reason(rejection: Mapping[str, Any]) -> str:
    name = rejection["code"] or f"thứ (number) {rejection['index'] + 1}"
    told = ", ".join(f"{field}: {' '.join(texts)}" for field, texts in rejection["errors"].items())
    return f"{name} – {told}"
