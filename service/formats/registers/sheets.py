"""Sheets of a register: the headings are looked for, the rows under them read, and what is left unread is noted."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_col_to_name

from service.formats.encodings import old_letters
from service.formats.messages import told
from service.formats.registers import heading_rows
from service.formats.registers.heading_rows import ENOUGH, TITLE_ROWS, BadHeadings, Columns
from service.formats.registers.headings import Exactness, key, lost_letters, meaning, named
from service.formats.registers.passed_over import Kind, RowKinds, is_dossier, resembles_dossier
from service.formats.registers.rows import FileRow, RowReader
from service.formats.registers.understanding import Understanding
from service.formats.tables import FileError, Sheet, TableRow, place

NO_HEADING = "(không có tiêu đề / no heading)"
LISTED = 1000
"""How many unread rows and columns an answer lists; the counts are of all."""
KEPT = 100_000
"""How many runs of passed-over rows are kept: the command names them all."""


class PassedOver(NamedTuple):
    """A run of rows of one kind, from the first to the last, inclusive."""

    sheet: str | None
    first: int
    last: int
    kind: str


@dataclass
class ReadingReport:
    """What of a file was read, and what was not.

    columns: those left unread. rows: those passed over. headings: keys of settled headings that the file has. notes:
    what was assumed or doubted about a sheet or a column as a whole. is_cut: columns or notes were left out of their
    list.
    """

    sheets: list[dict[str, Any]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[PassedOver] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    status_derived: bool = False
    notes: list[str] = field(default_factory=list)
    headings: set[str] = field(default_factory=set)
    is_cut: bool = False

    def pass_over(self, sheet: str | None, number: int, kind: Kind) -> None:
        self.passed_over[kind.value] += 1
        before = self.rows[-1] if self.rows else None
        if before and (before.sheet, before.last, before.kind) == (sheet, number - 1, kind.value):
            self.rows[-1] = before._replace(last=number)
        elif len(self.rows) < KEPT:
            self.rows.append(PassedOver(sheet, number, number, kind.value))

    def leave_columns(self, sheet: str | None, unread_columns: Mapping[int, str]) -> None:
        for at, text in sorted(unread_columns.items()):
            self._list(self.columns, {"sheet": sheet, "column": xl_col_to_name(at), "heading": text})

    def note(self, *texts: str) -> None:
        """Note what was assumed or doubted, each once."""
        for text in texts:
            self._list(self.notes, text)

    def _list(self, entries: list[Any], entry: Any) -> None:
        if entry in entries:
            return
        if len(entries) < LISTED:
            entries.append(entry)
        else:
            self.is_cut = True

    def as_dict(self) -> dict[str, Any]:
        rows = (
            {"sheet": passed.sheet, "row": number, "kind": passed.kind}
            for passed in self.rows
            for number in range(passed.first, passed.last + 1)
        )
        unread = {
            "sheets": [sheet for sheet in self.sheets if sheet["unread"]],
            "columns": self.columns,
            "rows": list(islice(rows, LISTED)),
        }
        truncated = {"truncated": True} if self.is_cut or self.passed_over.total() > LISTED else {}
        return {
            **truncated,
            "sheets": [sheet["name"] for sheet in self.sheets if not sheet["unread"] and sheet["name"] is not None],
            "passed_over": self.passed_over.total(),
            "status_derived": self.status_derived,
            "notes": self.notes,
            "unread": unread,
        }


class SheetReader:
    """Reads the sheets of a file one after the other; `finish` refuses a file that has no usable headings."""

    def __init__(self, understanding: Understanding, report: ReadingReport) -> None:
        self._known = understanding
        self._report = report
        self._best: heading_rows.Headings | None = None
        self._problems: dict[str, str] = {}
        self._found_headings = False
        self._read = 0

    def read(self, sheet: Sheet) -> Iterator[FileRow]:
        """Yield the rows of a sheet; a sheet without headings, or without rows below them, is noted as unread."""
        if sheet.unread:
            rows = [resembles_dossier(row.cells) for row in sheet.rows]
            self._note(sheet, sheet.unread, len(rows) or None, "hidden_dossiers" if any(rows) else "")
            return
        table = _Table(sheet, self._known, self._report)
        try:
            for row in table.rows():
                if self._problems:  # nothing will be stored; of further sheets only the headings are read
                    return
                yield row
        except BadHeadings as error:
            for problem in error.problems:
                self._problems.setdefault(problem, error.where)
            return
        if table.reader:
            self._found_headings = True
            self._read += table.count
            self._note(sheet, "" if table.count else told("sheet_of_headings"))
            return
        self._best = max(filter(None, (self._best, table.best)), key=lambda each: len(each.fields), default=None)
        _refuse_old_letters(sheet, table.first_rows)
        for first in table.first_rows:
            lost = [cell for cell in first.cells if lost_letters(cell)]
            if len(lost) >= 2:
                raise FileError(told("letters_lost", where=place(sheet.name, first.number), example=lost[0]))
        advice = "copy_headings" if any(resembles_dossier(row.cells) for row in table.first_rows) else ""
        is_bare = table.best is None or not table.best.fields
        absent = "" if table.best is None else ", ".join(map(named, heading_rows.lacking(table.best)))
        reason = told("sheet_without_headings") if is_bare else f"thiếu cột (missing headings): {absent}"
        self._note(sheet, reason, table.unread, advice)

    def unknown_headings(self) -> list[str]:
        """Return the headings that are not understood, without those that a person said to ignore."""
        headings = (column["heading"] for column in self._report.columns)
        return [text for text in dict.fromkeys(headings) if meaning(text, self._known.headings) is None]

    def _note(self, sheet: Sheet, unread: str, rows: int | None = None, advice: str = "") -> None:
        counted = f"{unread}, {told('rows_unread', rows=rows)}" if rows else unread
        reason = f"{counted}. {told(advice)}" if advice else counted
        self._report.sheets.append({"name": sheet.name, "unread": reason, "rows": rows, "dossiers": bool(advice)})

    def finish(self) -> None:
        """Raise FileError when a heading must be settled, no sheet has headings, or no sheet has a row below them."""
        if self._problems:
            lines = (f"{where}: {problem}" for problem, where in self._problems.items())
            raise FileError(*lines, told("settled_once"))
        if not self._found_headings:
            seen = self._report.sheets
            if self._best is None and not any(sheet["rows"] for sheet in seen):
                raise FileError(told("empty_file"))
            raise FileError(*heading_rows.missing(self._best))
        if absent := [field for heading, field in self._known.mapped.items() if heading not in self._report.headings]:
            unread = "; ".join(column["heading"] for column in self._report.columns[:20])
            raise FileError(told("no_mapped_heading", named=", ".join(map(named, absent)), unread=unread))
        if not self._read:
            raise FileError(told("headings_only"))


class _Table:
    """The rows of one sheet as a stream; it looks one row ahead, for headings in two lines."""

    def __init__(self, sheet: Sheet, known: Understanding, report: ReadingReport) -> None:
        self._sheet = sheet
        self._known = known
        self._report = report
        self._kinds = RowKinds(known.words)
        self.reader: RowReader | None = None
        self._columns: Columns | None = None
        self.best: heading_rows.Headings | None = None
        self.first_rows: list[TableRow] = []
        self.count = 0
        self.unread = 0

    def rows(self) -> Iterator[FileRow]:
        skip_to = 0
        for row, following in pairwise(chain(self._sheet.rows, (None,))):
            if row is None or row.number <= skip_to:
                continue
            if self.reader is None or self._columns is None:
                self.unread += 1
                if row.number <= TITLE_ROWS:
                    skip_to = self._look_for_headings(row, following)
            elif is_dossier(row.cells, self._columns.fields):
                self.count += 1
                yield self.reader.read(self._sheet.as_shown(row, self._columns.fields["code"]))
            elif self._may_be_headings(row) and len((headings := self._headings(row, following)).fields) >= ENOUGH:
                skip_to = self._use(headings, row)
            elif kind := self._kinds.of(row.cells, self._columns.fields):
                self._report.pass_over(self._sheet.name, row.number, kind)
            else:
                self.count += 1
                yield self.reader.read(self._sheet.as_shown(row, self._columns.fields["code"]))
        self._close_reader()

    def _close_reader(self) -> None:
        """Add to the report the notes about the columns, and the columns that had values but no heading."""
        if self.reader is not None:
            unread = dict.fromkeys(self.reader.filled_without_heading, NO_HEADING)
            self._report.leave_columns(self._sheet.name, unread)
            self._report.note(*self.reader.notes())

    def _look_for_headings(self, row: TableRow, following: TableRow | None) -> int:
        headings = self._headings(row, following)
        if heading_rows.lacking(headings):  # in three lines, cells of the row above may be merged downwards
            above = self.first_rows[-1] if self.first_rows else None
            headings = self._headings(heading_rows.with_those_above(row, above, self._known.headings), following)
        self.first_rows.append(row)
        if not heading_rows.lacking(headings):
            for title in self.first_rows[:-1]:
                self._report.pass_over(self._sheet.name, title.number, Kind.TITLE)
            return self._use(headings, row)
        self.best = max(filter(None, (self.best, headings)), key=lambda each: len(each.fields))
        return 0

    def _headings(self, row: TableRow, following: TableRow | None) -> heading_rows.Headings:
        return heading_rows.find_headings(row, following, self._known.headings, self._known.mapped)

    def _use(self, headings: heading_rows.Headings, row: TableRow) -> int:
        """Use these headings for the rows below; return the number of their last row."""
        if absent := heading_rows.lacking(headings):
            needed = ", ".join(map(named, absent))
            raise BadHeadings(place(self._sheet.name, row.number), [told("second_headings_lack", needed=needed)])
        columns = heading_rows.choose_columns(headings, self._sheet.name, row.number)
        if self._columns is None:
            _refuse_old_letters(self._sheet, [row])
        for number in range(row.number, row.number + columns.lines):
            if self._columns is not None:
                self._report.pass_over(self._sheet.name, number, Kind.HEADING)
        self._columns = columns
        self._close_reader()
        self._report.leave_columns(self._sheet.name, columns.unread)
        parts = {key(part) for text in headings.texts.values() for part in (text, *text.split(" – "))}
        self._report.headings |= parts & self._known.mapped.keys()
        for at, (name, exactness) in headings.meanings.items():
            message = "heading_settled" if name else "heading_ignored"
            if exactness is Exactness.GIVEN:
                self._report.note(told(message, heading=headings.texts[at], named=named(name)))
        self._report.note(*(told("heading_outdone", named=named(name)) for name in sorted(headings.outdone)))
        if "status" not in columns.fields:
            ends = [named(name) for name in ("finished_at", "returned_at") if name in columns.fields]
            taken = told("status_by_end", ends=", ".join(ends)) if ends else told("status_open")
            self._report.status_derived = True
            self._report.note(f"{place(self._sheet.name, row.number)}: {taken}")
        if columns.return_is_unsure:
            where, heading = place(self._sheet.name, row.number), headings.texts[columns.fields["returned_at"]]
            self._report.note(told("return_assumed", where=where, heading=heading))
        self.reader = RowReader(columns, self._known, self._sheet.name)
        return row.number + columns.lines - 1

    def _may_be_headings(self, row: TableRow) -> bool:
        """Say whether a row may repeat the headings: in the column of the code it has a text without a digit."""
        assert self._columns is not None
        at = self._columns.fields["code"]
        cell = row.cells[at] if at < len(row.cells) else None
        if isinstance(cell, str) and any(letter.isdigit() for letter in cell):
            return " " in cell.strip() and meaning(cell, self._known.headings) is not None
        return cell is None or isinstance(cell, str)


def _refuse_old_letters(sheet: Sheet, rows: list[TableRow]) -> None:
    texts = [cell for row in rows for cell in row.cells if isinstance(cell, str)]
    if name := sheet.old_letters or old_letters(texts):
        where = f"{place(sheet.name)}: " if sheet.name else ""
        raise FileError(told("old_letters", where=where, name=name))
