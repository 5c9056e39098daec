"""Import a file: the same road as a push, in one transaction, with the refused rows written out."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.components import Components
from service.domain.dossier.data_warnings import READING_WARNINGS
from service.domain.dossier.events import IngestResult
from service.domain.dossier.status_words import status_words
from service.domain.errors import BadQuestion
from service.formats.files import FileLimits, FileReader, FileToImport
from service.formats.json_records import JsonLimits
from service.formats.registers.headings import IGNORED, MAX_HEADING, field_named, key
from service.formats.registers.rows import FileRow
from service.formats.registers.sheets import ReadingReport, Understanding
from service.formats.rejected_rows import RejectedRows
from service.formats.tables import FileError
from service.ingest.batch import LISTED, Clock, Summary, ingest
from service.ingest.sender import Sender
from service.schemas.unknown_fields import News
from service.store import catalogue, sources

OnRow = Callable[[IngestResult, Mapping[str, Any], list[dict[str, str]]], None]
"""Called with what became of a row, where it stands in the file, and what was mended or doubted in reading it."""


@dataclass
class ImportSummary:
    """What became of the rows, and what of the file was left unread."""

    counts: Summary
    reading: ReadingReport
    unknown_fields: Mapping[str, str | None]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as an answer carries it."""
        unknown = {"unknown_fields": self.unknown_fields} if self.unknown_fields else {}
        return {**self.counts.as_dict(), **self.reading.as_dict(), **unknown}


def settled_headings(mapped: list[str], ignored: list[str]) -> dict[str, str]:
    """Return what a person settled of headings: `HEADING=FIELD`, and those to ignore; BadQuestion for a bad one."""
    settled = {key(heading)[:MAX_HEADING]: IGNORED for heading in ignored}
    for text in mapped:
        heading, equals, name = text.rpartition("=")
        known = field_named(name.strip()) if equals else None
        if not key(heading) or known is None:
            message = f"map: viết 'TIÊU ĐỀ=trường', ví dụ 'Ngày hẹn=due_at'; không hiểu (not understood): {text[:100]}"
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
    dry_run: bool = False,
    limit: int | None = None,
    progress: Any = None,
    on_row: OnRow | None = None,
) -> ImportSummary:
    """File the rows of a file in order, in one transaction; memory holds a chunk of them. A dry run stores nothing.

    limit: the most rows; FileError beyond it, so that nothing is half-applied. progress: is given the rows, and
    yields them again.
    """
    settings = parts.settings
    with parts.database.reading() as session:
        headings = {**sources.headings(session, sender.source_id), **file.headings}
        units = catalogue.units_by_bare_code(session)
    mapped = {heading: name for heading, name in file.headings.items() if name != IGNORED}
    known = Understanding(headings, status_words(settings.register_words), units, mapped)
    limits = FileLimits(settings.max_unpacked_mb, JsonLimits(settings.max_array_mb, settings.max_records))
    reader = FileReader(file, limits, known)
    tracker = _Tracker(rejected, on_row)
    rows = reader.rows()
    events = tracker.events(progress(rows) if progress else rows, limit)
    summary = ingest(parts, sender, events, clock, dry_run=dry_run, on_result=tracker.take)
    tracker.complete(summary)
    if file.headings and not dry_run:
        with parts.database.writing(sender.lock_seconds) as session:
            sources.keep_headings(session, sender.source_id, file.headings)
    return ImportSummary(summary, reader.report, reader.unknown)


class _Tracker:
    """Follows each row from the file to what became of it."""

    def __init__(self, rejected: RejectedRows, on_row: OnRow | None) -> None:
        self._rejected = rejected
        self._on_row = on_row
        self._truncated = False
        self._waiting: deque[FileRow] = deque()
        self._where: list[FileRow] = []
        self._warned: dict[int, tuple[FileRow, str | None, tuple[str, ...]]] = {}
        self._seen: set[int] = set()
        self._count = 0

    def events(self, rows: Iterator[FileRow], limit: int | None) -> Iterator[News]:
        for count, row in enumerate(rows):
            if limit is not None and count >= limit:
                raise FileError(f"Tối đa {limit} dòng một tệp; hãy chia nhỏ (too many rows; split the file)")
            self._waiting.append(row)
            yield row.news

    def take(self, result: IngestResult) -> None:
        row = self._waiting.popleft()
        warnings = row.warnings
        if result.errors:
            self._rejected.add(row, result.errors)
            if len(self._where) < LISTED:
                self._where.append(row._replace(cells={}))
        elif result.code is not None:
            mark = hash(result.code)
            if mark in self._seen:
                warnings = (*warnings, "repeated_code")
            self._seen.add(mark)
        if (warnings or result.warnings) and not result.errors:
            if len(self._warned) < LISTED:
                self._warned[self._count] = (row._replace(cells={}), result.code, warnings)
            else:
                self._truncated = True
        if self._on_row is not None:
            self._on_row(result, _place(row), [READING_WARNINGS[kind].as_dict() for kind in warnings])
        self._count += 1

    def complete(self, summary: Summary) -> None:
        """Say in which row each rejection stands, and what was mended or doubted while reading."""
        for rejection, row in zip(summary.rejections, self._where, strict=False):
            rejection.update(_place(row))
        by_index = {warning["index"]: warning for warning in summary.warnings}
        for index, (row, code, kinds) in self._warned.items():
            entry = by_index.setdefault(index, {"index": index, "code": code, "warnings": []})
            entry.update(_place(row))
            entry["warnings"] += [READING_WARNINGS[kind].as_dict() for kind in kinds]
        summary.warnings = [by_index[index] for index in sorted(by_index)][:LISTED]
        summary.truncated |= self._truncated


def _place(row: FileRow) -> dict[str, Any]:
    return {"row": row.number, **({"sheet": row.sheet} if row.sheet else {})}
