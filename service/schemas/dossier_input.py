"""A dossier as the API takes it in: each record is validated alone, so that a bad one never spoils a batch."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from service.domain.dossier.events import DossierEvent, ProgressEvent, Rejection
from service.domain.dossier.snapshot import Pause, ProgressStep, Snapshot
from service.domain.dossier.statuses import BY_API_NAME, CHANNEL_BY_NAME, NEEDS_RECEIPT
from service.schemas.fast_lane import FastLane
from service.schemas.fields import (
    NOT_OBJECT,
    Choice,
    Coded,
    Counted,
    InputSchema,
    Moment,
    Text,
    UnitCode,
    messages_by_field,
)

MAX_CODE = 64
MAX_NAME = 300
MAX_PAUSES = 200


class PauseSchema(InputSchema):
    """A time in which the citizen was asked for something; without `to` it is still open."""

    start = Moment(required=True, data_key="from")
    end = Moment(data_key="to", load_default=None, allow_none=True)


_NOT_TOO_MANY = validate.Length(max=MAX_PAUSES, error="Tối đa {max} phần tử (at most {max} items)")


class DossierSchema(InputSchema):
    """One dossier (hồ sơ), whole: a field that is left out has no value any more."""

    code = Text(MAX_CODE, required=True)
    unit_code = UnitCode(required=True)
    procedure_code = Text(MAX_CODE, required=True)
    status = Coded(BY_API_NAME, required=True)
    received_at = Moment(allow_none=True)
    unit_name = Text(MAX_NAME, cut=True, allow_none=True)
    procedure_name = Text(MAX_NAME, cut=True, allow_none=True)
    national_code = Text(MAX_CODE, allow_none=True)
    field_code = Text(MAX_CODE, allow_none=True)
    field_name = Text(MAX_NAME, cut=True, allow_none=True)
    channel = Coded(CHANNEL_BY_NAME, allow_none=True)
    submitted_at = Moment(allow_none=True)
    due_at = Moment(allow_none=True)
    due_precision = Choice("day", "instant", allow_none=True)
    finished_at = Moment(allow_none=True)
    returned_at = Moment(allow_none=True)
    pauses = Counted(fields.Nested(PauseSchema), allow_none=True, validate=_NOT_TOO_MANY)
    changed_at = Moment(allow_none=True)


class StepSchema(InputSchema):
    """One progress step (tiến độ) of a dossier that is known already."""

    code = Text(MAX_CODE, required=True)
    status = Coded(BY_API_NAME, required=True)
    moment = Moment(required=True)


_SCHEMA = DossierSchema()
_STEP_SCHEMA = StepSchema()
_LANE = FastLane(_SCHEMA, unique=frozenset({"code"}))


def read_record(
    item: Any, load: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
) -> DossierEvent | Rejection:
    """Validate one decoded record; a rejection says which fields are wrong and what to send instead."""
    if not isinstance(item, dict):
        return Rejection(None, {"record": [NOT_OBJECT]})
    try:
        data = load(item) if load else _LANE.load(item) or _SCHEMA.load(item)
        _check_together(data, item)
    except ValidationError as error:
        return Rejection(printable_code(item), messages_by_field(error))
    return DossierEvent(_snapshot(data), data.get("unit_name"), data.get("procedure_name"))


def read_step(item: Any) -> ProgressEvent | Rejection:
    """Validate one decoded progress step: code, status, moment."""
    if not isinstance(item, dict):
        return Rejection(None, {"record": [NOT_OBJECT]})
    try:
        data = _STEP_SCHEMA.load(item)
    except ValidationError as error:
        return Rejection(printable_code(item), messages_by_field(error))
    return ProgressEvent(data["code"], ProgressStep(data["moment"], data["status"]))


def _check_together(data: Mapping[str, Any], item: Mapping[str, Any]) -> None:
    if data["status"] in NEEDS_RECEIPT and data.get("received_at") is None:
        raise ValidationError(
            "Trạng thái này cần ngày tiếp nhận (this status needs received_at)", field_name="received_at"
        )
    if data.get("due_precision") == "instant" and data.get("due_at") and len(item["due_at"]) == 10:
        raise ValidationError(
            "due_precision=instant cần giờ cụ thể, không chỉ ngày (instant needs a time, not a bare date)",
            field_name="due_at",
        )


def _snapshot(data: dict[str, Any]) -> Snapshot:
    get = data.get
    pauses = get("pauses")
    return Snapshot(
        data["code"],
        data["unit_code"],
        data["procedure_code"],
        data["status"],
        get("channel") or 1,
        get("field_code"),
        get("field_name"),
        get("submitted_at"),
        get("received_at"),
        get("due_at"),
        get("due_precision") == "instant" and get("due_at") is not None,
        get("finished_at"),
        get("returned_at"),
        tuple(Pause(pause["start"], pause["end"]) for pause in pauses) if pauses else (),
        get("changed_at"),
        get("national_code"),
    )


def printable_code(item: Mapping[str, Any]) -> str | None:
    """Return the record's code, to name it in an answer; None if it cannot be printed."""
    code = item.get("code")
    return code if isinstance(code, str) and 0 < len(code) <= MAX_CODE and code.isprintable() else None
