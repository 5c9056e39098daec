"""Files of dossiers: registers (.csv, .xlsx, .xls) and JSON, as rows for ingest."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from service.domain.dossier.events import Rejection
from service.formats.csv_files import Understood, read_csv
from service.formats.json_records.records import NOT_JSON, BadLine, read_array, read_lines
from service.formats.json_records.text import MEGABYTE, JsonLimits, OtherJson
from service.formats.messages import told
from service.formats.national import WORDS, to_record
from service.formats.registers.heading_words import FIELDS
from service.formats.registers.headings import count_known, meaning, nearest_field
from service.formats.registers.rows import FileRow
from service.formats.registers.sheets import ReadingReport, SheetReader
from service.formats.registers.understanding import Understanding
from service.formats.tables import MAX_COLUMNS, FileError, Sheet, TableRow
from service.formats.workbook import read_sheets
from service.schemas.unknown_fields import NAMED, RecordReader

TABLES = (".csv", ".xlsx", ".xls", ".xlsm")
KINDS = (*TABLES, ".ndjson", ".json")
_PIECE = 64 * 1024
_ARCHIVE, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WEB_PAGE = tuple(b"<!doctype <html <table <meta <head <?xml <style <body <div mime-version:".split())


class FileLimits(NamedTuple):
    """unpacked_mb: how large a workbook may be when unpacked. json: the limits of a JSON file."""

    unpacked_mb: int
    json: JsonLimits


@dataclass(frozen=True)
class FileToImport:
    """A file, and what the person who sends it says about it.

    kind: its extension. sheet: the only one to read. headings: which field a heading (by its key) names. strict: a
    record with an unknown field is rejected, and a table with an unknown heading is refused.
    """

    path: Path
    kind: str
    sheet: str | None = None
    headings: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False


class FileReader:
    """Reads a file of dossiers; after its rows were read, `report` and `unknown` say what was left unread."""

    def __init__(
        self, file: FileToImport, limits: FileLimits, known: Understanding, go_on: Callable[[], None] = lambda: None
    ) -> None:
        """Take a file. go_on: called for each row of a table, also one that is no record; it may raise."""
        self._file = file
        self._go_on = go_on
        self._limits = limits
        self._known = known
        self.report = ReadingReport()
        self.unknown: dict[str, str | None] = {}
        """Unknown fields and headings, each with the nearest known one."""

    def rows(self) -> Iterator[FileRow]:
        """Yield the rows; FileError when the file cannot be taken at all."""
        if self._file.kind == ".ndjson":
            return self._from_objects(read_lines(_pieces(self._file.path)))
        if self._file.kind == ".json":
            return self._from_objects(_array(self._file.path, self._limits.json))
        return self._from_tables()

    def _from_tables(self) -> Iterator[FileRow]:
        reader = SheetReader(self._known, self.report)
        for sheet in open_table(self._file.path, self._file.kind, self._limits.unpacked_mb, self._file.sheet):
            sheet.rows = self._timed(sheet.rows)
            yield from reader.read(sheet)
        reader.finish()
        unknown = reader.unknown_headings()
        self.unknown.update((heading, nearest_field(heading)) for heading in unknown[:NAMED])
        if self._file.strict and unknown:
            raise FileError(told("unknown_headings", named="; ".join(unknown[:NAMED])))

    def _timed(self, rows: Iterator[TableRow]) -> Iterator[TableRow]:
        for row in rows:
            self._go_on()
            yield row

    def _from_objects(self, items: Iterable[Any]) -> Iterator[FileRow]:
        api = RecordReader(self._file.strict, unknown=self.unknown)
        national = RecordReader(self._file.strict, WORDS, to_record, self.unknown)
        for number, item in enumerate(items, start=1):
            if item is BadLine:
                yield FileRow(number, {}, Rejection(None, {"record": [NOT_JSON]}))
                continue
            reader = national if isinstance(item, dict) and "MaHoSo" in item else api
            yield FileRow(number, _of_object(item) if isinstance(item, dict) else {}, reader.read(item))


def open_table(
    path: Path, kind: str, unpacked_mb: int, wanted: str | None = None, understood: Understood = count_known
) -> Iterable[Sheet]:
    """Return the sheets of a table; its first bytes say how to read it. FileError when it is no table."""
    if kind not in TABLES:
        raise FileError(told("kinds_of_files", kinds=", ".join(KINDS)))
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise FileError(told("empty_file"))
    if head.startswith((_ARCHIVE, _COMPOUND)):
        return read_sheets(path, unpacked_mb * MEGABYTE, wanted)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_WEB_PAGE):
        raise FileError(told("web_page", kind=kind))
    if kind != ".csv":
        raise FileError(told("no_workbook", kind=kind))
    if wanted is not None:
        raise FileError(told("no_sheets"))
    return [read_csv(path, understood)]


def _of_object(item: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of an object by field; an object may use any name of a field."""
    names = islice(item, MAX_COLUMNS)
    known = {heading.field: item[name] for name in names if (heading := meaning(name, {}))}
    shown = {name: str(value) for name, value in known.items() if isinstance(value, str | int | float)}
    return {name: shown.get(name, "") for name in FIELDS if name != "pauses"}


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _array(path: Path, limits: JsonLimits) -> Iterator[Any]:
    try:
        yield from read_array(_pieces(path), limits, within="data")
    except OtherJson:
        raise FileError(told("no_array")) from None
