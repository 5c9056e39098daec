"""A fast lane for valid records: it reads them with the schema's own fields, without the rest of marshmallow.

It rejects nothing. A record that it cannot read goes to the schema, which says what is wrong.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from marshmallow import Schema, ValidationError

from service.schemas.fields import AFTER_LAST, FIRST_MOMENT, InputField, Moment

_KEPT = 8192
_LONGEST = 64
"""Longer texts are not remembered, so that memory stays small."""
Read = Callable[[Any], Any]


class FastLane:
    """Reads records field by field, and remembers what codes and names mean, as these repeat."""

    def __init__(self, schema: Schema, *, unique: frozenset[str] = frozenset()) -> None:
        """Take a schema without hooks. unique: fields whose values do not repeat."""
        fields = schema.load_fields.items()
        self._readers = {field.data_key or name: (name, _reader(field, name in unique)) for name, field in fields}
        self._nullable = frozenset(name for name, field in fields if field.allow_none)
        self._required = frozenset(name for name, field in fields if field.required)

    def load(self, item: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what the schema would load; None if the schema must decide."""
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
        except (ValidationError, ValueError, OverflowError):
            return None
        return data if data.keys() >= self._required else None


def _reader(field: Any, unique: bool) -> Read:
    if not isinstance(field, InputField) or field.validators:
        return cast("Read", field.deserialize)
    if isinstance(field, Moment):
        return _reading_times(field.read)
    return field.read if unique else _remembering(field.read)


def _reading_times(read: Read) -> Read:
    """Read times in the usual form without a regular expression; days and other forms are remembered."""
    remembered = _remembering(read)

    def read_time(value: Any) -> Any:
        if type(value) is str and len(value) == 25 and value[4::3] == "--T::+:":  # 2023-10-04T13:37:34+07:00
            moment = datetime.fromisoformat(value).astimezone(UTC)
            if FIRST_MOMENT <= moment < AFTER_LAST:
                return moment
        return remembered(value)

    return read_time


def _remembering(read: Read) -> Read:
    """Remember short texts and whole numbers, but no other types: True and 1.0 would have the key of 1."""
    kept = lru_cache(_KEPT)(read)

    def look_up(value: Any) -> Any:
        if (type(value) is str and len(value) <= _LONGEST) or type(value) is int:
            return kept(value)
        return read(value)

    return look_up
