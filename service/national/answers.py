"""What the national format answers: HTTP 200 with an error_code; a refusal's code is that of HTTP.

Synchronisation answers its code as text (success is what the source was set to expect), login and
look-ups as a number, as the national portal does.
"""

from collections.abc import Mapping
from typing import Any

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
