"""Fields of answers. Each is always there unless it says otherwise, and null only where it says so.

An answer is described exactly: the tests refuse a key that no schema names.
"""

from collections.abc import Iterable
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

SchemaClass = type[Schema]
PERCENT = r"^\d+(\.\d{1,2})?$"
FieldOrSchema = SchemaClass | fields.Field[Any]


class Answer(Schema):
    """The base of all answers: no key but those that it names."""

    class Meta:
        unknown = RAISE


class AnyOf(fields.Field[Any]):
    """A value that has one of several shapes."""

    def __init__(self, *choices: FieldOrSchema, **options: Any) -> None:
        super().__init__(**options)
        self.choices = [as_field(choice) for choice in choices]


def as_field(shape: FieldOrSchema) -> fields.Field[Any]:
    """Return a field for a schema; a field is returned as it is."""
    return shape if isinstance(shape, fields.Field) else fields.Nested(shape)


def _options(
    about: str = "", *, null: bool = False, optional: bool = False, key: str | None = None, **metadata: Any
) -> dict[str, Any]:
    """Return the options of a field: what it is, whether it may be null or absent, and its key in JSON."""
    described = {**({"description": about} if about else {}), **metadata}
    return {"required": not optional, "allow_none": null, "data_key": key, "metadata": described}


def text(about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe a text."""
    return fields.Str(**_options(about, **options))


def one_of(values: Iterable[str], about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe a text that is one of a few."""
    return fields.Str(validate=validate.OneOf(list(values)), **_options(about, **options))


def integer(about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe a whole number."""
    return fields.Int(**_options(about, **options))


def number(about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe a number that may have a half."""
    return fields.Float(**_options(about, **options))


def flag(about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe true or false."""
    return fields.Bool(**_options(about, **options))


def moment(about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe a moment: RFC 3339 with Viet Nam's offset."""
    return text(about, format="date-time", **options)


def day(about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe a local day."""
    return text(about, format="date", **options)


def percentage(**options: Any) -> fields.Field[Any]:
    """Describe a rate as text; null without a denominator."""
    return text("percent, as many decimals as were asked for", null=True, pattern=PERCENT, **options)


def inner(schema: SchemaClass, about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe an object inside."""
    return fields.Nested(schema, **_options(about, **options))


def listed(shape: FieldOrSchema, about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe a list."""
    return fields.List(as_field(shape), **_options(about, **options))


def by_name(shape: FieldOrSchema, about: str = "", **options: Any) -> fields.Field[Any]:
    """Describe an object whose keys are names that no schema can list."""
    return fields.Dict(keys=fields.Str(), values=as_field(shape), **_options(about, **options))


class NamedUnit(Answer):
    """A unit by code and name."""

    code = text()
    name = text(null=True)
