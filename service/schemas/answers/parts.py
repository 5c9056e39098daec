"""Fields of answers. Unless it is described otherwise, a field is always there and never null.

Tests refuse a key that no schema names.
"""

from collections.abc import Callable, Iterable
from functools import partial
from types import new_class
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

SchemaClass = type[Schema]
PERCENT = r"^\d+(\.\d{1,2})?$"
FieldOrSchema = SchemaClass | fields.Field[Any]


class Answer(Schema):
    """The base of all answers: keys that the schema does not name are errors."""

    class Meta:
        unknown = RAISE


def answer(name: str, about: str, *bases: SchemaClass) -> Callable[..., SchemaClass]:
    """Begin to define an answer: its name, what it is, whose fields it has too; a call with its own fields ends it."""

    def with_fields(**own: fields.Field[Any]) -> SchemaClass:
        made: SchemaClass = new_class(name, bases or (Answer,), exec_body=lambda body: body.update(own, __doc__=about))
        return made

    return with_fields


class AnyOf(fields.Field[Any]):
    """A value that has one of several shapes."""

    def __init__(self, *choices: FieldOrSchema, **options: Any) -> None:
        super().__init__(**options)
        self.choices = [as_field(choice) for choice in choices]


def as_field(shape: FieldOrSchema) -> fields.Field[Any]:
    """Return a field for a schema; a field is returned as it is."""
    return shape if isinstance(shape, fields.Field) else fields.Nested(shape)


def _field(
    kind: Callable[..., fields.Field[Any]],
    about: str = "",
    *,
    null: bool = False,
    optional: bool = False,
    key: str | None = None,
    **metadata: Any,
) -> fields.Field[Any]:
    """Describe a field: what it is, whether it may be null or absent, and its key in JSON."""
    described = {**({"description": about} if about else {}), **metadata}
    return kind(required=not optional, allow_none=null, data_key=key, metadata=described)


text = partial(_field, fields.Str)
integer = partial(_field, fields.Int)
number = partial(_field, fields.Float)
flag = partial(_field, fields.Bool)
day = partial(text, format="date")
moment = partial(text, format="date-time")
"""RFC 3339 with Viet Nam's offset."""
percentage = partial(text, "percent, as many decimals as were asked for", null=True, pattern=PERCENT)
"""A rate as text; null without a denominator."""


def one_of(values: Iterable[str], **options: Any) -> fields.Field[Any]:
    """Describe a text that is one of a few."""
    return _field(partial(fields.Str, validate=validate.OneOf(list(values))), **options)


def inner(schema: SchemaClass, about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe an object inside."""
    return _field(partial(fields.Nested, schema), about, **options)


def listed(shape: FieldOrSchema, about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe a list."""
    return _field(partial(fields.List, as_field(shape)), about, **options)


def by_name(shape: FieldOrSchema, about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe an object with any keys, and values of one shape."""
    return _field(partial(fields.Dict, keys=fields.Str(), values=as_field(shape)), about, **options)


def each(kind: Callable[..., fields.Field[Any]], *names: str, **options: Any) -> dict[str, fields.Field[Any]]:
    """Describe several fields that differ by name only."""
    return {name: kind(**options) for name in names}


NamedUnit = answer("NamedUnit", "A unit by code and name.")(code=text(), name=text(null=True))
