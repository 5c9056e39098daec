"""Fields that refuse what nobody can mean: control characters, times without an offset, years out of range.

Messages say what to send instead, and never repeat the value, as it may be personal.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from service.domain.calendar.local_time import day_start
from service.domain.json_beside import json_beside
from service.domain.units import is_code, normalise
from service.domain.vietnamese_text import composed

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufffe\uffff]")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MAX_LOOKED_UP = 100
"""A code that is looked up is cut to this length, which no stored code has."""
MAX_READ = 1000
"""A text is cut to this length before its marks are composed; no field takes more."""
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
FIRST_MOMENT = day_start(date(_FIRST_YEAR, 1, 1))
AFTER_LAST = day_start(date(_LAST_YEAR + 1, 1, 1))
_TOLD = json_beside(__file__)
_OF_VALUES: dict[str, str] = _TOLD["of_values"]
NOT_TEXT, NOT_PRINTABLE, NOT_MOMENT = (_OF_VALUES[name] for name in ("not_text", "not_printable", "not_moment"))
OUT_OF_RANGE, NOT_OBJECT, NOT_LIST = (_OF_VALUES[name] for name in ("out_of_range", "not_object", "not_list"))
USE_ONE_OF = _OF_VALUES["use_one_of"]
_MESSAGES: dict[str, str] = _TOLD["of_fields"]
_MOST_TOLD = 100
_MESSAGES_OF_KIND: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.List: {"invalid": NOT_LIST},
    fields.Nested: {"type": NOT_OBJECT},
    fields.Str: {"invalid": NOT_TEXT, "invalid_utf8": NOT_TEXT},
}


class InputSchema(Schema):
    """The base of what comes in: unknown keys are dropped, and all fields, nested ones too, have the same messages."""

    class Meta:
        unknown = EXCLUDE

    error_messages = {"type": NOT_OBJECT}  # noqa: RUF012 - marshmallow's own attribute

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Give a field, and the field inside a list, the common messages."""
        field_obj.error_messages.update(_MESSAGES)
        for kind, messages in _MESSAGES_OF_KIND.items():
            if isinstance(field_obj, kind):
                field_obj.error_messages.update(messages)
        if isinstance(field_obj, fields.List):
            self.on_bind_field(field_name, field_obj.inner)


def messages_by_field(error: ValidationError) -> dict[str, list[str]]:
    """Return marshmallow's messages as a list for each field, of a hundred at most; a nested one: pauses.0.from."""
    by_field: dict[str, list[str]] = {}
    error.__traceback__ = None  # its frames hold the error itself, and so the whole record, until a garbage collection

    def walk(path: str, messages: Any) -> None:
        if isinstance(messages, dict):
            for key, inner in messages.items():
                # "_schema" is marshmallow's key for errors of a whole object; the sender knows no such field.
                walk(path if path and key == "_schema" else f"{path}.{key}".lstrip("."), inner)
        elif path in by_field or len(by_field) < _MOST_TOLD:
            by_field.setdefault(path, []).extend(messages)

    walk("", error.messages if isinstance(error.messages, dict) else {error.field_name: error.messages})
    return by_field


def clean_text(value: Any) -> str:
    """Return a text in NFC without outer blanks; ValidationError when it is no printable text."""
    if not isinstance(value, str):
        raise ValidationError(NOT_TEXT)
    if value.isascii() and value.isprintable():
        return value.strip()
    if _UNPRINTABLE.search(value):
        raise ValidationError(NOT_PRINTABLE)
    return composed(value.strip()[:MAX_READ]).strip()


def clean_code(value: Any) -> str | None:
    """Return a code to look up as it would have been stored; None for what cannot be one."""
    try:
        return clean_text(value)[:MAX_LOOKED_UP] or None
    except ValidationError:
        return None


def parse_moment(text: str) -> datetime:
    """Read an RFC 3339 time, or a bare date as the beginning of that local day; the result is in UTC.

    Seconds may be left out (13:37+07:00), and a leap second (:60) is the second before it.
    """
    try:
        if _MOMENT.fullmatch(text):
            if ":60" in text:
                text = _LEAP_SECOND.sub(":59", text)
            moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
        elif _DAY.fullmatch(text):
            moment = day_start(date.fromisoformat(text))
        else:
            raise ValidationError(NOT_MOMENT)
    except (ValueError, OverflowError):
        in_range = _FIRST_YEAR <= int(text[:4]) <= _LAST_YEAR
        raise ValidationError(NOT_MOMENT if in_range else OUT_OF_RANGE) from None
    if not FIRST_MOMENT <= moment < AFTER_LAST:
        raise ValidationError(OUT_OF_RANGE)
    return moment


class InputField(fields.Field[Any]):
    """A field whose value depends on nothing but what was sent in it."""

    def read(self, value: Any) -> Any:
        """Return what a value that is not null means."""
        raise NotImplementedError

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        return self.read(value)


class Counted(fields.List[Any]):
    """A list whose length is looked at before its items: 13,800 pauses took a second, to be refused as over 200."""

    def _deserialize(self, value: Any, *place: Any, **options: Any) -> list[Any]:
        if isinstance(value, list):
            self._validate(value)
        return super()._deserialize(value, *place, **options)


class Text(InputField):
    """Printable text; an empty one counts as missing. Longer than `limit`: refused, or cut when `cut`."""

    def __init__(self, limit: int, *, cut: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit = limit
        self.cut = cut

    def read(self, value: Any) -> str | None:
        text = clean_text(value)
        if len(text) > self.limit:
            if not self.cut:
                raise ValidationError(f"Dài quá {self.limit} ký tự (longer than {self.limit} characters)")
            text = text[: self.limit].rstrip()
        if not text and self.required:
            raise ValidationError("Không được để trống (must not be empty)")
        return text or None


class UnitCode(InputField):
    """An agency code in either style, normalised to left to right."""

    def read(self, value: Any) -> str:
        text = clean_text(value)
        if not is_code(text):
            raise ValidationError(_TOLD["not_a_unit"])
        return normalise(text)


class Moment(InputField):
    """An RFC 3339 time with offset, or a bare date (the beginning of that local day), in UTC."""

    def read(self, value: Any) -> datetime | None:
        if value == "" and not self.required:
            return None
        if not isinstance(value, str) or len(value) > 40:
            raise ValidationError(NOT_MOMENT)
        return parse_moment(value)


class Choice(Text):
    """One of a few words; an empty one counts as missing."""

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        super().__init__(max(map(len, choices)), **kwargs)
        self.choices = choices

    def read(self, value: Any) -> str | None:
        text = clean_text(value)
        if text and text not in self.choices:
            raise ValidationError(USE_ONE_OF + ", ".join(self.choices))
        return text or None


class Coded(InputField):
    """A national code given as a number, as digits, or by its API name; an empty one counts as missing."""

    def __init__(self, names: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = dict(names)
        self.known = {**{str(code): int(code) for code in names.values()}, **self.names}

    def read(self, value: Any) -> int | None:
        if value == "" and not self.required:
            return None
        key = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(value, float) and value.is_integer() and abs(value) < 100:
            key = str(int(value))
        code = self.known.get(key) if isinstance(key, str) and len(key) < 40 else None
        if code is None:
            choices = ", ".join(f"{name} ({int(number)})" for name, number in self.names.items())
            raise ValidationError(f"Không có giá trị này; dùng một trong (unknown; use one of): {choices}")
        return int(code)
