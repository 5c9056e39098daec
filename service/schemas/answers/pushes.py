"""Answers to a push: what became of one dossier, of a batch, of a file."""

from marshmallow import fields

from service.domain.dossier.data_warnings import READING_WARNINGS, WARNINGS
from service.schemas.answers.parts import answer, by_name, each, flag, inner, integer, listed, one_of, text

RESULTS = ("created", "updated", "unchanged", "stale")

WarningSchema = answer("WarningSchema", "Data look wrong, and are counted all the same; what to do.")(
    kind=one_of((*WARNINGS, *READING_WARNINGS)), field=text(), message=text("in Vietnamese (and English)")
)


UNREAD = by_name(
    text(null=True),
    "up to 20 names that no field bears, each with the nearest known one (dueAt: due_at) or null",
    optional=True,
)


Receipt = answer("Receipt", "What became of one dossier.")(
    code=text(), result=one_of(RESULTS), warnings=listed(WarningSchema), unknown_fields=UNREAD
)

Deleted = answer("Deleted", "A dossier that was taken back.")(code=text(), result=one_of(("deleted",)))
Heard = answer("Heard", "What became of heartbeats.")(heard=integer("units"))

RecordRejection = answer("RecordRejection", "A record that is not stored: its place in the batch, and what is wrong.")(
    index=integer("place in the batch, from 0"),
    code=text(null=True),
    errors=by_name(fields.List(fields.Str()), "messages by field"),
)

RecordWarnings = answer("RecordWarnings", "The warnings of a record that is stored.")(
    index=integer("place in the batch, from 0"), code=text(null=True), warnings=listed(WarningSchema)
)

CountedRecords = answer("CountedRecords", "What became of the records; lists hold the first 1,000, counts are of all.")(
    **each(integer, "received", "created", "updated", "unchanged", "stale", "rejected"),
    warnings=listed(RecordWarnings),
    truncated=flag("only true: a list holds no more than the first 1,000", optional=True),
)

Summary = answer("Summary", "What became of a batch.", CountedRecords)(
    rejections=listed(RecordRejection), unknown_fields=UNREAD
)

RejectedFile = answer("RejectedFile", "The rejected rows as an .xlsx file with the reasons, to mend and send again.")(
    **each(text, "name", "media_type"), encoding=one_of(["base64"]), content=text()
)

RowPlace = answer("RowPlace", "Where a row stands in a file.")(
    row=integer("the row's number as a spreadsheet shows it"), sheet=text("its sheet, in a workbook", optional=True)
)

RowRejection = answer("RowRejection", "A row that is not stored.", RecordRejection, RowPlace)()
RowWarnings = answer("RowWarnings", "The warnings of a row that is stored.", RecordWarnings, RowPlace)()

UnreadSheet = answer("UnreadSheet", "A sheet that was not read, and why.")(
    name=text(null=True),
    unread=text("in Vietnamese (and English)"),
    rows=integer("how many rows it has; null: not looked at", null=True),
    dossiers=flag("some look like dossiers: they are NOT imported, for want of headings"),
)

UnreadColumn = answer("UnreadColumn", "A column that was not read.")(
    sheet=text(null=True), column=text("its letters, as a spreadsheet shows them"), heading=text()
)

UnreadRow = answer("UnreadRow", "A row that is no dossier and was passed over.")(
    sheet=text(null=True), row=integer(), kind=one_of(["title", "heading", "total", "signature", "empty"])
)

Unread = answer("Unread", "What of the file was left unread; the lists hold the first 1,000.")(
    sheets=listed(UnreadSheet), columns=listed(UnreadColumn), rows=listed(UnreadRow)
)

ImportSummary = answer("ImportSummary", "What became of a file.", Summary)(
    rejections=listed(RowRejection),
    warnings=listed(RowWarnings),
    dry_run=flag(),
    sheets=listed(fields.Str(), "the sheets that were read"),
    passed_over=integer("rows that are no dossiers: titles, totals, signatures, repeated headings"),
    status_derived=flag("there was no column for the status: the dates told it"),
    notes=listed(fields.Str(), "what was assumed or doubted of a sheet or a column as a whole"),
    unread=inner(Unread),
    rejected_file=inner(RejectedFile, null=True),
)
