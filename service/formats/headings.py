"""Headings: Vietnamese with or without marks, the API's names, the national names; any order, below any title."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from service.domain.errors import BadData
from service.domain.vietnamese_text import search_key
from service.formats.national import MOMENTS, NEW_DUE, PAUSE, TEXTS

TITLE_ROWS = 50
"""How far down the row of headings may stand, below titles and logos."""

_VIETNAMESE: Mapping[str, tuple[str, ...]] = {
    "code": ("Mã hồ sơ", "Số hồ sơ", "Mã số hồ sơ", "Số biên nhận"),
    "unit_code": ("Mã đơn vị", "Mã cơ quan", "Mã định danh đơn vị", "Mã đơn vị xử lý"),
    "unit_name": ("Đơn vị xử lý", "Tên đơn vị", "Đơn vị", "Cơ quan", "Cơ quan xử lý", "Cơ quan thực hiện"),
    "procedure_code": ("Mã TTHC", "Mã thủ tục", "Mã thủ tục hành chính"),
    "procedure_name": ("Thủ tục", "Tên TTHC", "Tên thủ tục", "Thủ tục hành chính", "Tên thủ tục hành chính", "TTHC"),
    "field_code": ("Mã lĩnh vực",),
    "field_name": ("Lĩnh vực", "Tên lĩnh vực"),
    "channel": ("Hình thức nộp", "Kênh", "Kênh thực hiện", "Hình thức tiếp nhận", "Kênh tiếp nhận"),
    "status": ("Trạng thái", "Trạng thái hồ sơ", "Tình trạng", "Tình trạng hồ sơ"),
    "submitted_at": ("Ngày nộp", "Ngày nộp hồ sơ", "Thời điểm nộp"),
    "received_at": ("Ngày tiếp nhận", "Ngày nhận", "Ngày nhận hồ sơ", "Ngày tiếp nhận hồ sơ", "Thời điểm tiếp nhận"),
    "due_at": ("Ngày hẹn trả", "Hẹn trả", "Hạn trả", "Ngày hẹn trả kết quả", "Hạn xử lý", "Hạn giải quyết"),
    "finished_at": ("Ngày kết thúc xử lý", "Ngày kết thúc", "Ngày xử lý xong", "Ngày hoàn thành", "Ngày có kết quả"),
    "returned_at": ("Ngày trả", "Ngày trả kết quả", "Ngày trả thực tế"),
    "changed_at": ("Ngày cập nhật", "Thời điểm cập nhật", "Cập nhật lúc", "Ngày thay đổi"),
    "pause_from": ("Ngày yêu cầu bổ sung", "Ngày bổ sung", "Ngày tạm dừng", "Tạm dừng từ"),
    "pause_to": ("Ngày tiếp nhận bổ sung", "Ngày nhận bổ sung", "Tạm dừng đến", "Ngày tiếp tục"),
    "new_due_at": ("Ngày hẹn trả mới", "Hạn trả mới"),
    "due_precision": (),
    "pauses": (),
}

_NATIONAL = {
    **TEXTS,
    **MOMENTS,
    "unit_code": "MaDinhDanhDV",
    "pause_from": PAUSE["from"],
    "pause_to": PAUSE["to"],
    "new_due_at": NEW_DUE,
}

FIELDS = tuple(_VIETNAMESE)
REQUIRED = ("code", "procedure_code", "status", "received_at")


class FileError(BadData):
    """A file that cannot be taken at all; the text says why and what to do. Nothing of it is stored."""

    def __init__(self, message: str) -> None:
        """Name the field of the form."""
        super().__init__(message, {"file": [message]})


def key(heading: str) -> str:
    """Return a heading without case, marks, blanks and punctuation."""
    return re.sub(r"[^0-9a-z]", "", search_key(heading))


@cache
def _known() -> dict[str, str]:
    names: dict[str, str] = {}
    for name, words in _VIETNAMESE.items():
        for heading in (name, *words, *([_NATIONAL[name]] if name in _NATIONAL else [])):
            names[key(heading)] = name
    return names


def columns(cells: Sequence[object]) -> dict[str, int]:
    """Return which column holds which field; of two columns for one field the first counts."""
    found: dict[str, int] = {}
    for position, cell in enumerate(cells):
        name = _known().get(key(cell)) if isinstance(cell, str) and len(cell) <= 100 else None
        if name is not None:
            found.setdefault(name, position)
    return found


def is_heading_row(found: Mapping[str, int]) -> bool:
    """Say whether a row holds every heading that is needed."""
    return all(name in found for name in REQUIRED)


def missing(best: Mapping[str, int]) -> FileError:
    """Return the error of a file without its headings: which are needed, and which were found."""
    needed = ", ".join(f"{_VIETNAMESE[name][0]} ({name})" for name in REQUIRED)
    lacking = ", ".join(f"{_VIETNAMESE[name][0]} ({name})" for name in REQUIRED if name not in best)
    seen = ", ".join(_title(name) for name in best) or "không có cột nào (none)"
    return FileError(
        f"Thiếu cột (missing headings): {lacking}. Cần (needed): {needed}. Đã thấy (found): {seen}."
        f" Hàng tiêu đề phải ở trong {TITLE_ROWS} dòng đầu (within the first {TITLE_ROWS} rows)"
    )


def _title(name: str) -> str:
    words = _VIETNAMESE[name]
    return f"{words[0]} ({name})" if words else name


def titled(name: str) -> str:
    """Return a field's Vietnamese heading, for a reason that a clerk reads."""
    return _VIETNAMESE[name][0] if _VIETNAMESE.get(name) else name
