"""HoSo of the national format to the API's records and back; what the format does not name is dropped unread.

Names, times and empty strings are translated. Then the API's own schema validates, so that one rule holds for every
door; its errors come back under the sender's own field names.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.domain.calendar.local_time import to_local
from service.domain.dossier.events import DossierEvent, ProgressEvent, Rejection
from service.domain.dossier.snapshot import Snapshot
from service.domain.dossier.statuses import Status
from service.domain.json_beside import json_beside
from service.domain.units import prefix_of_dossier_code
from service.formats.messages import told
from service.schemas.dossier_input import printable_code, read_record, read_step
from service.schemas.fields import NOT_MOMENT
from service.schemas.unknown_fields import Vocabulary

_NAMES = json_beside(__file__)
"""The format's names. `dropped`: known fields that are not read, as they are personal or nothing is counted by them."""
TEXTS: Mapping[str, str] = _NAMES["texts"]
MOMENTS: Mapping[str, str] = _NAMES["moments"]
PAUSE = {"from": "NgayBoSung", "to": "NgayTiepNhanBoSung"}
SUPPLEMENTS = "DanhSachHoSoBoSung"
REFUSED_AT = "NgayTuChoi"
NEW_DUE = "NgayHenTraMoi"
WORDS = Vocabulary(
    frozenset({*TEXTS.values(), *MOMENTS.values(), SUPPLEMENTS, REFUSED_AT, *_NAMES["dropped"].split()}),
    SUPPLEMENTS,
    frozenset({*PAUSE.values(), NEW_DUE, *_NAMES["supplement"].split()}),
)
STEP_WORDS = Vocabulary(frozenset(_NAMES["step"].split()), "", frozenset())
_STEP = {"code": "MaHoSo", "moment": "ThoiDiemXuLy", "status": "TrangThai"}
_NATIONAL = {**TEXTS, **MOMENTS, "unit_code": "MaDinhDanhDV", "pauses": SUPPLEMENTS}
_IN_TEXTS = re.compile(rf"\b(?:{'|'.join(name for name in _NATIONAL if '_' in name)})\b")
"""Finds the API's field names in a message; names without _ may be plain words there."""


def to_record(item: Any, default_unit: str = "") -> DossierEvent | Rejection:
    """Translate one HoSo. default_unit: its unit if its code has no agency prefix (MaDinhDanhDV, madonvi)."""
    if not isinstance(item, dict):
        return read_record(item)
    renamed: dict[str, str] = {}
    api: dict[str, Any] = {}
    for name, national in (*TEXTS.items(), *MOMENTS.items()):
        if (value := _text(item.get(national))) != "":
            api[name] = _moment(value) if name in MOMENTS else value
    if api.get("status") == str(int(Status.REFUSED)) and (refused := _text(item.get(REFUSED_AT))) != "":
        api["finished_at"], renamed["finished_at"] = _moment(refused), REFUSED_AT
    if (supplements := item.get(SUPPLEMENTS)) and not _take_supplements(supplements, api, renamed):
        return Rejection(printable_code(api), {SUPPLEMENTS: [told("no_list_of_objects")]})
    code = api.get("code")
    unit = (prefix_of_dossier_code(code) if isinstance(code, str) else None) or default_unit
    if not unit:
        return Rejection(printable_code(api), {"MaHoSo": [told("no_national_unit")]})
    api["unit_code"] = unit
    record = read_record(api)
    return record if isinstance(record, DossierEvent) else Rejection(record.code, _renamed(record.errors, renamed))


def _take_supplements(supplements: Any, api: dict[str, Any], renamed: dict[str, str]) -> bool:
    """Take the pauses and, if one is given, the last new due date; False when this is no list of objects."""
    if not isinstance(supplements, list) or not all(isinstance(entry, dict) for entry in supplements):
        return False
    pauses: list[dict[str, Any]] = []
    for position, entry in enumerate(supplements):
        moments = {name: _moment(text) for name, key in PAUSE.items() if (text := _text(entry.get(key))) != ""}
        if "from" in moments:
            renamed[f"pauses.{len(pauses)}"] = f"{SUPPLEMENTS}.{position}"
            pauses.append(moments)
    if pauses:
        api["pauses"] = pauses
    if due := [text for entry in _in_order(supplements) if (text := _text(entry.get(NEW_DUE))) != ""]:
        api["due_at"], renamed["due_at"] = _moment(due[-1]), f"{SUPPLEMENTS}.{NEW_DUE}"
    return True


def _in_order(supplements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return supplements in the order in which they were asked for; when a moment is missing, as they are listed."""
    moments = [_text(entry.get(PAUSE["from"])) for entry in supplements]
    if not all(isinstance(moment, str) and moment for moment in moments):
        return supplements
    return sorted(supplements, key=lambda entry: str(_text(entry[PAUSE["from"]])))


def to_progress(item: Any) -> ProgressEvent | Rejection:
    """Translate one progress step (tiến độ): only its dossier, status and moment are read."""
    if not isinstance(item, dict):
        return read_step(item)
    api = {name: _text(item.get(national)) for name, national in _STEP.items()}
    api["moment"] = _moment(api["moment"])
    step = read_step({name: value for name, value in api.items() if value != ""})
    return step if isinstance(step, ProgressEvent) else Rejection(step.code, _renamed(step.errors, _STEP))


def _text(value: Any) -> Any:
    """Return a value as senders mean it: null is "", a number is its digits, outer blanks are removed."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _moment(value: Any) -> Any:
    return to_rfc3339(value) if isinstance(value, str) else value


def national_name(field: str) -> str:
    """Return what a sender calls a field of the API."""
    return _NATIONAL.get(field, field)


def in_national_words(message: str) -> str:
    """Return a message with the sender's own names of fields in it."""
    return _IN_TEXTS.sub(lambda match: _NATIONAL[match[0]], message)


def _renamed(errors: Mapping[str, list[str]], renamed: Mapping[str, str]) -> dict[str, list[str]]:
    by_name: dict[str, list[str]] = {}
    for path, messages in errors.items():
        words = [
            told("no_national_time") if message == NOT_MOMENT else in_national_words(message) for message in messages
        ]
        by_name.setdefault(_national_path(path, renamed), []).extend(words)
    return by_name


def _national_path(path: str, renamed: Mapping[str, str]) -> str:
    head, _, rest = path.partition(".")
    if head == "pauses" and rest:
        position, _, end = rest.partition(".")
        return f"{renamed.get(f'pauses.{position}', SUPPLEMENTS)}.{PAUSE.get(end, end)}"
    return renamed.get(head) or national_name(head)


def from_snapshot(state: Snapshot, names: Mapping[str, str | None]) -> dict[str, Any]:
    """Return a dossier as TraCuuHoSo shows it: what the service knows, and nothing personal.

    names: procedure_name and unit_name from the catalogues.
    """
    content: dict[str, Any] = {
        "MaHoSo": state.code,
        "MaTTHC": state.procedure_code,
        "TenTTHC": names.get("procedure_name") or "",
        "MaLinhVuc": state.field_code or "",
        "TenLinhVuc": state.field_name or "",
        "KenhThucHien": str(state.channel),
        "TrangThaiHoSo": str(int(state.status)),
        "DonViXuLy": names.get("unit_name") or "",
    }
    content.update({national: from_moment(getattr(state, name)) for name, national in MOMENTS.items()})
    content[REFUSED_AT] = ""
    if state.status == Status.REFUSED:
        content[REFUSED_AT], content["NgayKetThucXuLy"] = content["NgayKetThucXuLy"], ""
    due = from_moment(state.due_at)
    content[SUPPLEMENTS] = [
        {"NgayBoSung": from_moment(start), "NgayTiepNhanBoSung": from_moment(end), "NgayHenTraTruoc": "", NEW_DUE: due}
        for start, end in state.pauses
    ]
    return content


def to_rfc3339(text: str) -> str:
    """Return a national time in the API's form; any other text is returned as it is, and the schema refuses it."""
    if not (text.isascii() and text.isdigit()):
        return text
    day = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    if len(text) == 14:
        return f"{day}T{text[8:10]}:{text[10:12]}:{text[12:]}+07:00"
    return day if len(text) == 8 else text


def from_moment(moment: datetime | None) -> str:
    """Return a moment as a national time, "" for none."""
    return to_local(moment).strftime("%Y%m%d%H%M%S") if moment else ""
