"""Heartbeats as the API takes them in: a source says that it has nothing new of some units."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from marshmallow import ValidationError, fields, validate

from service.domain.calendar.local_time import day_start, local_day
from service.domain.errors import BadData, in_one_line
from service.schemas.fields import Counted, InputSchema, Moment, UnitCode, messages_by_field

MOST_UNITS = 20_000
_HOW_MANY = validate.Length(1, MOST_UNITS, error="Cần từ {min} đến {max} đơn vị ({min} to {max} units)")


class Until(Moment):
    """A moment up to which there is nothing new; a bare date is the end of that day."""

    def read(self, value: Any) -> datetime | None:
        moment = super().read(value)
        bare = isinstance(value, str) and len(value) == len("2023-10-04")
        return day_start(local_day(moment) + timedelta(days=1)) if moment and bare else moment


class HeartbeatSchema(InputSchema):
    """A unit of which nothing is new up to a moment."""

    unit_code = UnitCode(required=True)
    nothing_new_until = Until(required=True)


class HeartbeatsSchema(InputSchema):
    """The units of which a source has nothing new."""

    units = Counted(fields.Nested(HeartbeatSchema), required=True, validate=_HOW_MANY)


class Heartbeat(NamedTuple):
    """A unit of which nothing is new up to a moment."""

    unit_code: str
    nothing_new_until: datetime


_SCHEMA = HeartbeatsSchema()


def read_heartbeats(content: Any) -> list[Heartbeat]:
    """Read heartbeats; BadData names what is wrong by its place in the list."""
    try:
        return [Heartbeat(**unit) for unit in _SCHEMA.load(content)["units"]]
    except ValidationError as error:
        errors = messages_by_field(error)
        raise BadData(in_one_line(errors), errors) from None
