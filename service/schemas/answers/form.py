"""The form II.06a as JSON."""

from service.schemas.answers.parts import NamedUnit, answer, each, inner, integer, listed, moment, text
from service.schemas.answers.statistics import GroupKey, Period

CELLS = (
    "received_total", "received_online", "received_direct_and_postal", "carried_over", "resolved_total", "early",
    "on_time", "late", "in_progress_total", "in_time", "overdue",
)  # fmt: skip
"""The names of columns (3) to (13)."""
_WITHOUT_COLUMN = (
    "withdrawn", "stopped", "no_deadline", "paused_in_time", "open_no_deadline", "paused_overdue", "paused",
)  # fmt: skip

FormColumns = answer("FormColumns", "The numbers that the circular gives columns (3) to (13).")(**each(text, *CELLS))
FormWithoutColumn = answer("FormWithoutColumn", "Counts that the form has no column for.")(
    **each(integer, *_WITHOUT_COLUMN)
)
_Cells = answer("FormCells", "Columns (3) to (13) of a row.")(**each(integer, *CELLS))

FormRow = answer("FormRow", "A row, with columns (3) to (13): a field; without a number a total or a level.", _Cells)(
    number=integer(null=True), field=inner(GroupKey)
)

FormNote = answer("FormNote", "The counts of a row that have no column of their own.")(
    field=inner(GroupKey), without_column=inner(FormWithoutColumn), note=text("the same in words")
)

FormTable = answer("FormTable", "A table of the form: its title block, rows, notes, and who signs where and when.")(
    title=text(),
    lines=listed(text()),
    rows=listed(FormRow),
    total=inner(FormRow),
    without_column=inner(FormWithoutColumn, "counts that the form has no column for"),
    row_notes=listed(FormNote, "of each row that has any"),
    notes=listed(text()),
    place_and_date=text(),
)

Form = answer("Form", "The form's content. columns: the numbers that the circular gives its columns.", FormTable)(
    form=text(),
    unit=inner(NamedUnit),
    period=inner(Period),
    calendar=text(),
    as_of=moment(),
    columns=inner(FormColumns),
    consolidated=inner(FormTable, "of a province: rows by level, then by field", optional=True),
)
