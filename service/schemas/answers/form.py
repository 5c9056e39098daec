"""The form II.06a as JSON."""

from service.schemas.answers.parts import Answer, NamedUnit, SchemaClass, inner, integer, listed, moment, text
from service.schemas.answers.statistics import GroupKey, Period

CELLS = (
    "received_total", "received_online", "received_direct_and_postal", "carried_over", "resolved_total", "early",
    "on_time", "late", "in_progress_total", "in_time", "overdue",
)  # fmt: skip
"""The names of columns (3) to (13)."""
_WITHOUT_COLUMN = (
    "withdrawn", "stopped", "no_deadline", "paused_in_time", "open_no_deadline", "paused_overdue", "paused",
)  # fmt: skip
FormColumns: SchemaClass = Answer.from_dict({name: text() for name in CELLS}, name="FormColumns")
FormWithoutColumn: SchemaClass = Answer.from_dict(
    {name: integer() for name in _WITHOUT_COLUMN}, name="FormWithoutColumn"
)
_Cells: SchemaClass = Answer.from_dict({name: integer() for name in CELLS}, name="FormCells")


class FormRow(_Cells):  # type: ignore[misc, valid-type]
    """A row, with columns (3) to (13): a field; or, without a number, the total or a level whose fields follow."""

    number = integer(null=True)
    field = inner(GroupKey)


class FormNote(Answer):
    """The counts of a row that have no column of their own."""

    field = inner(GroupKey)
    without_column = inner(FormWithoutColumn)
    note = text("the same in words")


class FormTable(Answer):
    """A table of the form: its title block, rows, notes, and who signs where and when."""

    title = text()
    lines = listed(text())
    rows = listed(FormRow)
    total = inner(FormRow)
    without_column = inner(FormWithoutColumn, "counts that the form has no column for")
    row_notes = listed(FormNote, "of each row that has any")
    notes = listed(text())
    place_and_date = text()


class Form(FormTable):
    """The form's content. columns: the numbers that the circular gives its columns."""

    form = text()
    unit = inner(NamedUnit)
    period = inner(Period)
    calendar = text()
    as_of = moment()
    columns = inner(FormColumns)
    consolidated = inner(FormTable, "of a province: rows by level, then by field", optional=True)
