"""Files of catalogues (units, procedures, decisions on days): tables read as registers are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name

from service.domain.dossier.status_words import StatusWords
from service.formats.files import open_table
from service.formats.messages import told
from service.formats.registers.heading_rows import TITLE_ROWS
from service.formats.registers.headings import key, keys
from service.formats.registers.passed_over import KINDS_VI, Kind, RowKinds
from service.formats.tables import Cell, FileError, Sheet, place


class Headings(NamedTuple):
    """The columns of a catalogue: other words for the name of each, and the names that a file must have."""

    words: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]

    def columns(self, row: Sequence[object]) -> dict[str, int]:
        """Return the position of each column that a row of headings names; of two with one name, that of the first."""
        known = {key(word): name for name, words in self.words.items() for word in (name, *words)}
        positions: dict[str, int] = {}
        for position, cell in enumerate(row):
            for form in keys(cell) if isinstance(cell, str) else ():
                if form in known:
                    positions.setdefault(known[form], position)
        return positions

    def are_in(self, columns: Mapping[str, int]) -> bool:
        return all(name in columns for name in self.required)

    def titled(self, name: str) -> str:
        """Return a column's Vietnamese word and its name, for a message."""
        words = self.words[name]
        return f"{words[0]} ({name})" if words else name


class CatalogueRow(NamedTuple):
    """A row of the file: its sheet, its number in the spreadsheet, its cells by column, and the columns' positions."""

    sheet: str | None
    number: int
    cells: Mapping[str, Cell]
    columns: Mapping[str, int]


def read_catalogue(path: Path, headings: Headings, unpacked_mb: int) -> tuple[list[CatalogueRow], list[str]]:
    """Read every visible sheet that has the headings; FileError when none has, or a row has too many cells.

    Returns the rows, and what was left unread: headings, sheets, rows that are no lines.
    """
    rows: list[CatalogueRow] = []
    unread: list[str] = []
    best: dict[str, int] = {}
    is_found = False
    for sheet in open_table(path, path.suffix.lower(), unpacked_mb, understood=lambda row: len(headings.columns(row))):
        columns = {} if sheet.unread else _read_sheet(sheet, headings, rows, unread)
        is_found |= headings.are_in(columns)
        best = max(best, columns, key=len)
        if not headings.are_in(columns):
            unread.append(f"trang (sheet) {sheet.name}")
    if not is_found:
        missing = {name: ", ".join((*headings.words[name], name)) for name in headings.required if name not in best}
        raise FileError(*(told("no_column", named=headings.titled(name), words=missing[name]) for name in missing))
    return rows, unread


def _read_sheet(sheet: Sheet, headings: Headings, into: list[CatalogueRow], unread: list[str]) -> dict[str, int]:
    """Add the rows below the headings, which may stand below titles; return the columns, or the best that were seen."""
    columns: dict[str, int] = {}
    kinds = RowKinds(StatusWords())
    is_found, length, width, headed_at = False, 0, 0, 0
    for row in sheet.rows:
        if not is_found:
            candidate = headings.columns(row.cells)
            columns = max(columns, candidate, key=len)
            if headings.are_in(candidate):
                columns, is_found, headed_at = candidate, True, row.number
                headed = [at for at, cell in enumerate(row.cells) if cell not in (None, "")]
                length, width = len(row.cells), max(headed) + 1
                unread += [f"cột “{row.cells[at]}”" for at in headed if at not in columns.values()]
            elif row.number >= TITLE_ROWS:
                break
        elif kind := _passed_over(row.cells, columns, headings, kinds):
            unread.append(f"{place(sheet.name, row.number)}: {KINDS_VI[kind]}")
        elif len(row.cells) > length or any(cell not in (None, "") for cell in row.cells[width:]):
            raise FileError(f"{place(sheet.name, row.number)}: {told('cells_beyond')}")
        else:
            cells = {name: row.cells[at] if at < len(row.cells) else None for name, at in columns.items()}
            into.append(CatalogueRow(sheet.name, row.number, cells, columns))
    below = ((a, b, at) for a, areas in sheet.merged.items() if a > headed_at > 0 for b, at in areas)
    if merged := [area for area in below if area[2] in columns.values()]:
        where, named = place(sheet.name), xl_col_to_name
        raise FileError(*(told("merged_down", where=where, column=named(at), first=a, last=b) for a, b, at in merged))
    return columns


def _passed_over(cells: Sequence[Cell], columns: Mapping[str, int], headings: Headings, kinds: RowKinds) -> str | None:
    """Return the kind of a row that repeats the headings, or of a title or total that lacks a required cell, else None.

    A row with nothing but a name, in the column of names, is a line of the catalogue: its code was forgotten.
    """
    if headings.are_in(headings.columns(cells)):
        return Kind.HEADING
    kind = kinds.of(cells, columns)
    filled = [at for at, cell in enumerate(cells) if cell not in (None, "")]
    if kind is Kind.TITLE and filled == [columns.get("name")]:
        return None
    is_whole = all(columns[name] in filled for name in headings.required)
    return kind if kind is Kind.HEADING or not is_whole else None
