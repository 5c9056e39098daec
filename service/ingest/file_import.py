"""Import a file: the same road as a push, in one transaction, with the refused rows written out."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from service.components import Components
from service.domain.dossier.data_warnings import reading_warning
from service.domain.dossier.events import IngestResult, Rejection
from service.domain.dossier.status_words import status_words
from service.domain.errors import BadQuestion
from service.formats.files import FileLimits, FileReader, FileToImport
from service.formats.json_records.text import JsonLimits
from service.formats.messages import told
from service.formats.registers.heading_words import FIELDS
from service.formats.registers.headings import IGNORED, MAX_HEADING, field_named, key, named, titled
from service.formats.registers.rows import FileRow
from service.formats.registers.sheets import ReadingReport
from service.formats.registers.understanding import KnownCodes, Understanding
from service.formats.rejected_rows import RejectedRows
from service.formats.tables import FileError
from service.ingest.batch import Clock, Summary, ingest
from service.ingest.sender import Sender
from service.schemas.unknown_fields import News
from service.store import catalogue, sources


class ImportSummary(NamedTuple):
    """What became of the rows, and what of the file was left unread."""

    counts: Summary
    reading: ReadingReport
    unknown_fields: Mapping[str, str | None]

    def as_dict(self) -> dict[str, Any]:
        unknown = {"unknown_fields": self.unknown_fields} if self.unknown_fields else {}
        return {**self.counts.as_dict(), **self.reading.as_dict(), **unknown}


def settled_headings(mapped: list[str], ignored: list[str]) -> dict[str, str]:
    """Return the field of each heading that a person mapped (`HEADING=FIELD`) or ignored; BadQuestion if it cannot."""
    settled = {key(heading)[:MAX_HEADING]: IGNORED for heading in ignored}
    for text in mapped:
        heading, _, name = text.rpartition("=")
        known = field_named(name.strip())
        if not key(heading) or known is None:
            message = told("bad_map", text=text[:100], fields=", ".join(map(named, FIELDS)))
            raise BadQuestion(message, {"map": [message]})
        settled[key(heading)[:MAX_HEADING]] = known
    return settled


def import_file(
    parts: Components,
    sender: Sender,
    file: FileToImport,
    clock: Clock,
    rejected: RejectedRows,
    *,
    dry_run: bool,
    limit: int | None = None,
    progress: Any = None,
    on_row: Callable[[IngestResult], None] | None = None,
) -> ImportSummary:
    """File the rows of a file in order, in one transaction; memory holds a chunk of them. A dry run stores nothing.

    limit: the most rows; FileError beyond it, and nothing is stored. progress: a bar that yields the rows it is given.
    """
    settings = parts.settings
    with parts.database.reading() as session:
        headings = {**sources.headings(session, sender.source_id), **file.headings}
        units = catalogue.units_by_bare_code(session)
        procedures, agencies = map(KnownCodes, catalogue.imported_names(session))
    mapped = {heading: name for heading, name in file.headings.items() if name != IGNORED}
    known = Understanding(headings, status_words(settings.register_words), units, mapped, procedures, agencies)
    limits = FileLimits(settings.max_unpacked_mb, JsonLimits(settings.max_array_mb, settings.max_records))
    reader = FileReader(file, limits, known, sender.go_on)
    tracker = _Tracker(rejected)
    rows = reader.rows()
    events = tracker.events(progress(rows) if progress else rows, limit)
    summary = ingest(parts, sender, events, clock, dry_run=dry_run, on_result=on_row, read_from=tracker.placed)
    if file.headings and not dry_run:
        with parts.database.writing(sender.lock_seconds) as session:
            sources.keep_headings(session, sender.source_id, file.headings)
    return ImportSummary(summary, reader.report, reader.unknown)


class _Tracker:
    """Follows each row from the file to what became of it."""

    def __init__(self, rejected: RejectedRows) -> None:
        self._rejected = rejected
        self._waiting: deque[FileRow] = deque()
        self._seen: set[int] = set()

    def events(self, rows: Iterator[FileRow], limit: int | None) -> Iterator[News]:
        for count, row in enumerate(rows):
            if limit is not None and count >= limit:
                raise FileError(f"Tối đa {limit} dòng một tệp; hãy chia nhỏ (too many rows; split the file)")
            self._waiting.append(compared := self._compared(row))
            yield compared.news

    def _compared(self, row: FileRow) -> FileRow:
        """Refuse a row without a state when its code had a row with one; warn of any other second row of a code."""
        if isinstance(row.news, Rejection):
            return row
        with_state, without = (hash((row.news.code, tells)) in self._seen for tells in (True, False))
        self._seen.add(hash((row.news.code, row.tells_state)))
        if with_state and not row.tells_state:
            return row._replace(news=Rejection(row.news.code, {titled("code"): [told("state_kept")]}))
        is_repeated = with_state or without
        return row._replace(warnings=(*row.warnings, reading_warning("repeated_code"))) if is_repeated else row

    def placed(self, result: IngestResult) -> IngestResult:
        """Add to a result its row, and what was mended or doubted there; a refused row is written out."""
        row = self._waiting.popleft()
        place = {"row": row.number, **({"sheet": row.sheet} if row.sheet else {})}
        if result.errors:
            self._rejected.add(row, result.errors)
            return result._replace(place=place)
        repeats = "due_removed_after_passing" if "due_left_out" in result.taken_back else ""  # told already
        kinds = tuple(kind for kind in result.warnings if kind != repeats)
        read = (*row.warnings, *map(reading_warning, result.taken_back))
        return result._replace(place=place, read=read, warnings=kinds)
