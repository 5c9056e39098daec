"""Bodies of the national format: every value is a string; names that are not described are dropped unread."""

from service.formats.national import MOMENTS, NEW_DUE, PAUSE, REFUSED_AT, SUPPLEMENTS, TEXTS
from service.http.openapi.operations import Described

_TEXT = {"type": "string"}


def components() -> dict[str, Described]:
    """Describe the bodies by name."""
    step = ("MaHoSo", "ThoiDiemXuLy", "TrangThai")
    supplement = _strings(*PAUSE.values(), "NgayHenTraTruoc", NEW_DUE)
    hoso = _strings(*TEXTS.values(), *MOMENTS.values(), REFUSED_AT)
    hoso["properties"][SUPPLEMENTS] = {"type": "array", "items": supplement}
    call = _strings("session", "madonvi", "isUpdating", "mahoso", "maTTHC")
    call["properties"] |= {
        "service": {"type": "string", "enum": ["DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo", "LayThuTuc"]},
        "data": {"type": "array", "items": {"anyOf": [_ref("HoSoSent"), _ref("TienDoSent")]}},
    }
    return {
        "HoSoSent": hoso | {"required": ["MaHoSo", "MaTTHC", "TrangThaiHoSo"]},
        "TienDoSent": _strings(*step) | {"required": list(step)},
        "NationalCall": call | {"required": ["session", "service"]},
        "NationalCredentials": _strings("username", "password") | {"required": ["username", "password"]},
    }


def _strings(*names: str) -> Described:
    """Describe an object of strings, "" for what is missing."""
    return {"type": "object", "properties": {name: dict(_TEXT) for name in names}, "additionalProperties": True}


def _ref(name: str) -> Described:
    return {"$ref": f"#/components/schemas/{name}"}
