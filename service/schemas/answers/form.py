"""The form II.06a as JSON."""

from service.schemas.answers.parts import Answer, SchemaClass, inner, integer, listed, moment, text
from service.schemas.answers.statistics import GroupKey, NamedUnit, Period

_CELLS = (
    "received_total", "received_online", "received_direct_and_postal", "carried_over", "resolved_total", "early",
    "on_time", "late", "in_progress_total", "in_time", "overdue",
)  # fmt: skip
_WITHOUT_COLUMN = ("withdrawn", "stopped", "no_deadline", "paused", "open_no_deadline")

FormColumns: SchemaClass = Answer.from_dict({name: text() for name in _CELLS}, name="FormColumns")
FormWithoutColumn: SchemaClass = Answer.from_dict(
    {name: integer() for name in _WITHOUT_COLUMN}, name="FormWithoutColumn"
)
_Cells: SchemaClass = Answer.from_dict({name: integer() for name in _CELLS}, name="FormCells")


class FormRow(_Cells):  # type: ignore[misc, valid-type]
    """A field, or the total, with columns (3) to (13)."""

    number = integer(null=True)
    field = inner(GroupKey)


class Form(Answer):
    """The form's content; `columns` has the numbers that the law gives its columns."""

    form = text()
    title = text()
    unit = inner(NamedUnit)
    period = inner(Period)
    calendar = text()
    as_of = moment()
    columns = inner(FormColumns)
    rows = listed(FormRow)
    total = inner(FormRow)
    without_column = inner(FormWithoutColumn, "counts that the form has no column for")
    notes = listed(text())
