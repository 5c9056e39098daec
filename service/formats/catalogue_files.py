"""Files of catalogues (units, procedures, decisions on days): tables read as registers are, .csv or .xlsx."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from service.formats import csv_files, workbook
from service.formats.cells import Cell
from service.formats.headings import TITLE_ROWS, FileError, key
from service.formats.json_records import MEGABYTE

KINDS = (".csv", ".xlsx")


class Headings(NamedTuple):
    """The columns of a catalogue: their names, other words for each, and those that a file must have."""

    words: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]

    def columns(self, row: Sequence[object]) -> dict[str, int]:
        """Return which column of a row of headings holds what; the first of two counts."""
        known = {key(word): name for name, words in self.words.items() for word in (name, *words)}
        found: dict[str, int] = {}
        for position, cell in enumerate(row):
            name = known.get(key(cell)) if isinstance(cell, str) else None
            if name is not None:
                found.setdefault(name, position)
        return found

    def told(self, name: str) -> str:
        """Return a column as a clerk knows it: its Vietnamese word and its name."""
        words = self.words[name]
        return f"{words[0]} ({name})" if words else name


class CatalogueRow(NamedTuple):
    """A row of the file: its number as a spreadsheet shows it, and its cells by column."""

    number: int
    cells: Mapping[str, Cell]


class CatalogueTable(NamedTuple):
    """What a file holds, and the headings that were not understood."""

    rows: list[CatalogueRow]
    unread: list[str]


def read_catalogue(path: Path, headings: Headings, unpacked_mb: int) -> CatalogueTable:
    """Read the table below the row of headings; FileError when there is none, or a row has too many cells."""
    numbered = enumerate(_table(path, headings, unpacked_mb * MEGABYTE), start=1)
    columns, given = _headings(numbered, headings)
    rows = []
    for number, row in numbered:
        if len(row) > len(given):
            raise FileError(f"Dòng {number}: thừa ô so với hàng tiêu đề (line {number}: too many cells)")
        if any(cell not in (None, "") for cell in row):
            cells = {name: row[at] if at < len(row) else None for name, at in columns.items()}
            rows.append(CatalogueRow(number, cells))
    used = set(columns.values())
    return CatalogueTable(rows, [str(cell) for at, cell in enumerate(given) if cell and at not in used])


def _table(path: Path, headings: Headings, limit: int) -> Iterator[Sequence[Cell]]:
    kind = path.suffix.lower()
    if kind == ".csv":
        return csv_files.rows(path, lambda row: len(headings.columns(row)))
    if kind == ".xlsx":
        return workbook.rows(path, limit)
    raise FileError(f"Chỉ nhận {', '.join(KINDS)} (only these kinds of files are taken)")


def _headings(
    numbered: Iterator[tuple[int, Sequence[Cell]]], headings: Headings
) -> tuple[dict[str, int], Sequence[Cell]]:
    """Return the columns and the row of headings, which may stand below titles."""
    best: dict[str, int] = {}
    for number, row in numbered:
        columns = headings.columns(row)
        best = max(best, columns, key=len)
        if all(name in columns for name in headings.required):
            return columns, row
        if number >= TITLE_ROWS:
            break
    missing = ", ".join(headings.told(name) for name in headings.required if name not in best)
    raise FileError(f"Thiếu cột (missing columns): {missing}. Cột được hiểu (understood): {', '.join(headings.words)}")
