"""Fields that refuse what cannot be meant: control characters, naive times, years out of range.

Messages never repeat the value: it may be personal. They say what to send instead.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import ValidationError, fields

from service.domain.calendar.local_time import day_start
from service.domain.units import is_code, normalise

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MAX_LOOKED_UP = 100
"""Longer than any code: what is longer is not found."""
_FIRST_MOMENT = day_start(date(1990, 1, 1))
_AFTER_LAST = day_start(date(2101, 1, 1))
_LEAP_SECOND = re.compile(r"(T\d\d:\d\d):60")

NOT_TEXT = "Phải là chuỗi ký tự (must be a string)"
NOT_PRINTABLE = "Có ký tự điều khiển hoặc ký tự hỏng; hãy bỏ đi (control or broken characters; remove them)"
NOT_MOMENT = (
    "Phải là thời điểm RFC 3339 có múi giờ, ví dụ 2023-10-04T13:37:34+07:00, hoặc ngày 2023-10-04"
    " (must be an RFC 3339 time with an offset, or a date)"
)
OUT_OF_RANGE = "Năm phải từ 1990 đến 2100 (the year must be from 1990 to 2100)"


def clean_text(value: Any) -> str:
    """Return a text in NFC without outer blanks; ValidationError when it is no printable text."""
    if not isinstance(value, str):
        raise ValidationError(NOT_TEXT)
    if value.isascii() and value.isprintable():
        return value.strip()
    if _UNPRINTABLE.search(value):
        raise ValidationError(NOT_PRINTABLE)
    return unicodedata.normalize("NFC", value).strip()


def clean_code(value: Any) -> str | None:
    """Return a code to look up as it would have been stored; None for what cannot be one."""
    try:
        return clean_text(value)[:MAX_LOOKED_UP] or None
    except ValidationError:
        return None


def parse_moment(text: str) -> datetime:
    """Read an RFC 3339 time, or a bare date as the beginning of that local day; the result is in UTC."""
    try:
        if _MOMENT.fullmatch(text):
            whole = text.upper()
            if ":60" in whole:  # a leap second is taken as the one before it
                whole = _LEAP_SECOND.sub(r"\1:59", whole)
            moment = datetime.fromisoformat(whole).astimezone(UTC)
        elif _DAY.fullmatch(text):
            moment = day_start(date.fromisoformat(text))
        else:
            raise ValidationError(NOT_MOMENT)
    except (ValueError, OverflowError):
        raise ValidationError(OUT_OF_RANGE if text[:4] in ("0000", "9999") else NOT_MOMENT) from None
    if not _FIRST_MOMENT <= moment < _AFTER_LAST:
        raise ValidationError(OUT_OF_RANGE)
    return moment


class Text(fields.Field[str | None]):
    """Printable text; an empty one counts as missing. Longer than `limit`: refused, or cut when `cut`."""

    def __init__(self, limit: int, *, cut: bool = False, **kwargs: Any) -> None:
        """Take the greatest length in characters."""
        super().__init__(**kwargs)
        self.limit = limit
        self.cut = cut

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> str | None:
        text = clean_text(value)
        if len(text) > self.limit:
            if not self.cut:
                raise ValidationError(f"Dài quá {self.limit} ký tự (longer than {self.limit} characters)")
            text = text[: self.limit].rstrip()
        if not text and self.required:
            raise ValidationError("Không được để trống (must not be empty)")
        return text or None


class UnitCode(fields.Field[str]):
    """An agency code in either style, normalised to left to right."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> str:
        text = clean_text(value)
        if not is_code(text):
            raise ValidationError(
                "Mã đơn vị: tối đa 35 ký tự, các nhóm 0-9 A-Z cách nhau bởi dấu chấm, ví dụ H23.45"
                " (agency code: groups of 0-9 A-Z with dots)"
            )
        return normalise(text)


class Moment(fields.Field[datetime | None]):
    """An RFC 3339 time with offset, or a bare date (the beginning of that local day), in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> datetime | None:
        if value == "" and not self.required:
            return None
        if not isinstance(value, str) or len(value) > 40:
            raise ValidationError(NOT_MOMENT)
        return parse_moment(value)


class Coded(fields.Field[int]):
    """A national code given as a number, as digits, or by its API name."""

    def __init__(self, names: Mapping[str, int], **kwargs: Any) -> None:
        """Take the API names and the codes that they stand for."""
        super().__init__(**kwargs)
        self.names = dict(names)
        self.known = {**{str(code): int(code) for code in names.values()}, **self.names}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> int:
        key = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(value, float) and value.is_integer() and abs(value) < 100:
            key = str(int(value))
        code = self.known.get(key) if isinstance(key, str) and len(key) < 40 else None
        if code is None:
            choices = ", ".join(f"{name} ({int(number)})" for name, number in self.names.items())
            raise ValidationError(f"Không có trong danh mục; dùng (unknown; use one of): {choices}")
        return int(code)
