"""The form in which every kind of table is read: sheets, rows, cells, as a stream."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from service.domain.errors import BadData

MAX_COLUMNS = 200
"""Columns further right are not read: a register has some dozens."""


class BadCell(NamedTuple):
    """A cell without a readable value: an error such as `#N/A`, or a formula that was never calculated."""

    shown: str
    formula: bool = False


Cell = str | int | float | bool | date | datetime | BadCell | None


def cut_row(cells: list[Any]) -> list[Any]:
    """Return at most MAX_COLUMNS cells of a row; if anything stands beyond, one more cell says so."""
    beyond = any(cell not in ("", None) for cell in cells[MAX_COLUMNS:])
    return [*cells[:MAX_COLUMNS], *["…"] * beyond]


class TableRow(NamedTuple):
    """A row that is not blank: its number in the spreadsheet, and its cells.

    merged: positions of the cells that have their value from a merged cell above.
    """

    number: int
    cells: Sequence[Cell]
    merged: Sequence[int] = ()


@dataclass(slots=True)
class Sheet:
    """A sheet of a workbook, or the one table of a text file.

    rows: to be read before the next sheet is asked for. unread: why the sheet is not read (it is hidden). old_letters:
    the encoding from before Unicode in which its text is written. merged: areas of cells that are merged downwards, of
    which only the first cell has a value: last row and column, by first row.
    """

    name: str | None
    rows: Iterator[TableRow]
    unread: str | None = None
    old_letters: str | None = None
    merged: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    _shown: dict[int, tuple[int, Cell]] = field(default_factory=dict)

    def as_shown(self, row: TableRow, code: int) -> TableRow:
        """Return a row with the values of merged cells in all their rows, but for the column of the code."""
        if not self.merged:
            return row
        reaching = {at: value for at, (last, value) in self._shown.items() if row.number <= last and at != code}
        width = max((len(row.cells), *(at + 1 for at in reaching)))
        cells = [*row.cells, *[None] * (width - len(row.cells))]
        for at, value in reaching.items():
            cells[at] = value
        for last, at in self.merged.get(row.number, ()):
            self._shown[at] = last, cells[at] if at < width else None
        return TableRow(row.number, cells, tuple(at for at, value in reaching.items() if value not in (None, "")))


class FileError(BadData):
    """A file of which nothing can be stored; each line says what is wrong and what to do."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines), {"file": list(lines)})


def place(sheet: str | None, row: int | None = None) -> str:
    """Return a place for a message: the sheet, if it has a name, and the row."""
    parts = [f"trang (sheet) “{sheet}”" if sheet else "", f"dòng (row) {row}" if row else ""]
    return ", ".join(part for part in parts if part)
