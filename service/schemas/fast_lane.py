"""A fast lane for valid records: the schema's own fields without the rest of marshmallow.

It only accepts. A record that it is not sure of goes to the schema, which alone rejects and words the errors.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from marshmallow import Schema, ValidationError

from service.schemas.fields import AFTER_LAST, FIRST_MOMENT, InputField, Moment

_KEPT = 8192
_LONGEST = 64
"""A longer text is not remembered: what is kept stays small, whatever is sent."""

Read = Callable[[Any], Any]


class FastLane:
    """Reads records field by field; codes and names, which come again and again, are read once."""

    def __init__(self, schema: Schema, *, unique: frozenset[str] = frozenset()) -> None:
        """Take a schema without hooks. unique: texts that do not come again."""
        fields = schema.load_fields.items()
        self._readers = {field.data_key or name: (name, _reader(field, name in unique)) for name, field in fields}
        self._nullable = frozenset(name for name, field in fields if field.allow_none)
        self._required = frozenset(name for name, field in fields if field.required)

    def load(self, item: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what the schema would load of a record, None when that is not sure."""
        data: dict[str, Any] = {}
        readers = self._readers
        try:
            for key, value in item.items():
                if key in readers:
                    name, read = readers[key]
                    if value is not None:
                        data[name] = read(value)
                    elif name not in self._nullable:
                        return None
        except ValidationError:
            return None
        return data if data.keys() >= self._required else None


def _reader(field: Any, unique: bool) -> Read:
    if not isinstance(field, InputField) or field.validators:
        return cast("Read", field.deserialize)
    if isinstance(field, Moment):
        return _reading_moments(field.read)
    return field.read if unique else _remembering(field.read)


_DAY = len("2023-10-04")
_LOCAL_TIME = len("2023-10-04T13:37:34+07:00")


def _reading_moments(read: Read) -> Read:
    """Remember days, and read times that are written as nearly all are; other ones as the field does."""
    day = lru_cache(_KEPT)(read)

    def read_moment(value: Any) -> Any:
        if type(value) is not str:
            return read(value)
        if len(value) == _LOCAL_TIME and value[4::3] == "--T::+:":  # what stands between the digits
            try:
                moment = datetime.fromisoformat(value).astimezone(UTC)
            except (ValueError, OverflowError):
                return read(value)
            return moment if FIRST_MOMENT <= moment < AFTER_LAST else read(value)
        return day(value) if len(value) == _DAY else read(value)

    return read_moment


def _remembering(read: Read) -> Read:
    """Remember short texts and whole numbers. Nothing else: True and 1.0 are the same key as 1."""
    kept = lru_cache(_KEPT)(read)

    def look_up(value: Any) -> Any:
        if (type(value) is str and len(value) <= _LONGEST) or type(value) is int:
            return kept(value)
        return read(value)

    return look_up
