"""How this project's own marshmallow fields are described."""

from typing import Any

from apispec.ext.marshmallow.field_converter import FieldConverterMixin
from marshmallow import fields

from service.domain.units import MAX_CODE
from service.schemas.answers.parts import AnyOf
from service.schemas.fields import Choice, Coded, Moment, Text, UnitCode

_MOMENT = "RFC 3339 time with an offset (seconds may be left out), or a date: the beginning of that local day"


def describe_field(converter: FieldConverterMixin, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Describe a field that apispec does not know."""
    if isinstance(field, AnyOf):
        return {"anyOf": [converter.field2property(choice) for choice in field.choices]}
    if isinstance(field, Coded):
        return _coded(field)
    described = _text(field)
    if described and field.allow_none:
        described["type"] = ["string", "null"]
    return described


def _text(field: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(field, Moment):
        return {"type": "string", "description": _MOMENT, "examples": ["2023-10-04T13:37:34+07:00", "2023-10-04"]}
    if isinstance(field, Choice):
        return {"type": "string", "enum": [*field.choices, None] if field.allow_none else list(field.choices)}
    if isinstance(field, UnitCode):
        return {"type": "string", "maxLength": MAX_CODE, "examples": ["H23.45", "000.00.45.H23"]}
    if isinstance(field, Text):
        return {"type": "string"} if field.cut else {"type": "string", "maxLength": field.limit}
    return {}


def _coded(field: Coded) -> dict[str, Any]:
    """Describe a coded field one type at a time: generators make no class of an enum of mixed types."""
    numbers = sorted(int(code) for code in field.names.values())
    choices: list[dict[str, Any]] = [
        {"type": "string", "enum": list(field.names)},
        {"type": "integer", "enum": numbers},
        {"type": "string", "enum": [str(number) for number in numbers]},
    ]
    return {"anyOf": [*choices, {"type": "null"}] if field.allow_none else choices}
