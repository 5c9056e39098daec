"""The description of the national sync format, both dialects."""

from typing import Any

from service.formats.national import MOMENTS, NEW_DUE, PAUSE, REFUSED_AT, SUPPLEMENTS, TEXTS
from service.http.openapi.parts import TEXT, WITH_KEY, Described, answer, body, content, operation, parameter, problems
from service.http.openapi.pushes import ATOMIC, DRY_RUN, STRICT
from service.schemas.answers.national import NationalLogin, NationalLookup, NationalSync

_SERVICES = ("DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo", "LayThuTuc")
_REFUSALS = (413, 415, 503)


def components() -> dict[str, Described]:
    """Describe what senders of the national format send; every value is a string, unknown names are dropped unread."""
    step = ("MaHoSo", "ThoiDiemXuLy", "TrangThai")
    supplement = _strings(*PAUSE.values(), "NgayHenTraTruoc", NEW_DUE)
    hoso = _strings(*TEXTS.values(), *MOMENTS.values(), REFUSED_AT)
    hoso["properties"][SUPPLEMENTS] = {"type": "array", "items": supplement}
    return {
        "HoSoSent": hoso | {"required": ["MaHoSo", "MaTTHC", "TrangThaiHoSo"]},
        "TienDoSent": _strings(*step) | {"required": list(step)},
        "NationalCall": {
            "type": "object",
            "required": ["session", "service"],
            "properties": {
                "session": TEXT,
                "madonvi": TEXT,
                "service": {"type": "string", "enum": list(_SERVICES)},
                "isUpdating": TEXT,
                "data": {"type": "array", "items": {"anyOf": [_ref("HoSoSent"), _ref("TienDoSent")]}},
                "mahoso": TEXT,
                "maTTHC": TEXT,
            },
            "additionalProperties": True,
        },
        "NationalCredentials": _strings("username", "password") | {"required": ["username", "password"]},
    }


def _strings(*names: str) -> Described:
    """Describe an object of strings, "" for what is missing, in which unknown names are dropped."""
    return {"type": "object", "properties": {name: dict(TEXT) for name in names}, "additionalProperties": True}


def _ref(name: str) -> Described:
    return {"$ref": f"#/components/schemas/{name}"}


def paths() -> dict[str, Described]:
    """Describe both dialects."""
    return {
        "/national/login": {"post": _login()},
        "/national/service": {"post": _service()},
        "/national/DongBoHoSoMC": {"post": _bare("syncDossiers", "Đồng bộ hồ sơ / Synchronise dossiers", "HoSoSent")},
        "/national/CapNhatTienDoHoSoMC": {
            "post": _bare("syncProgress", "Cập nhật tiến độ / Progress steps", "TienDoSent")
        },
    }


def _login() -> Described:
    answered = answer("HTTP 200; error_code says whether it succeeded", content(NationalLogin))
    return operation(
        "openNationalSession", "national", "Đăng nhập / Open a session",
        "At most 4 KB, not compressed.", {"200": answered, **problems(*_REFUSALS)},
        requestBody=body(content(_ref("NationalCredentials"))),
    )  # fmt: skip


def _service() -> Described:
    shapes: list[Any] = [NationalSync, NationalLookup]
    answered = answer("HTTP 200; error_code says whether it succeeded", content({"anyOf": shapes}))
    return operation(
        "callNationalService", "national", "Gọi dịch vụ / Call a service",
        "The field `service` says which; the answer's `error_code` whether it succeeded.",
        {"200": answered, **problems(*_REFUSALS)},
        parameters=[ATOMIC, DRY_RUN, STRICT], requestBody=body(content(_ref("NationalCall"))),
    )  # fmt: skip


def _bare(name: str, summary: str, item: str) -> Described:
    answered = answer("HTTP 200; error_code says whether it succeeded", content(NationalSync))
    return operation(
        name, "national", summary, "A bare array; the API key as bearer.",
        {"200": answered, **problems(*_REFUSALS, 401, 403)},
        security=WITH_KEY,
        parameters=[
            parameter("MaDinhDanhDV", "agency code of dossiers whose own code names none"),
            parameter("madonvi", "the same"),
            ATOMIC,
            DRY_RUN,
            STRICT,
            parameter("isUpdating", "accepted, not needed"),
        ],
        requestBody=body(content({"type": "array", "items": _ref(item)})),
    )  # fmt: skip
