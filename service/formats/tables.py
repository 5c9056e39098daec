"""What every kind of table is read as: sheets of rows of cells, in a stream."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from service.domain.errors import BadData


class BadCell(NamedTuple):
    """A cell without a value that could be read: `#N/A` and its like, or a formula never calculated."""

    shown: str
    formula: bool = False


Cell = str | int | float | bool | date | datetime | BadCell | None


class TableRow(NamedTuple):
    """A row that is not blank: its number as the program that made it shows it, and its cells.

    merged: the columns that show the value of a merged cell above.
    """

    number: int
    cells: Sequence[Cell]
    merged: Sequence[int] = ()


@dataclass(slots=True)
class Sheet:
    """A sheet of a workbook, or the one table of a text file.

    rows: to be read before the next sheet is asked for. unread: why there is nothing to read (a hidden sheet).
    old_letters: the encoding of the time before Unicode in which its text is written. merged: areas of cells merged
    downwards, of which only the first has a value: last row and column, by first row.
    """

    name: str | None
    rows: Iterator[TableRow]
    unread: str | None = None
    old_letters: str | None = None
    merged: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    _shown: dict[int, tuple[int, Cell]] = field(default_factory=dict)

    def as_shown(self, row: TableRow, code: int) -> TableRow:
        """Return a row as Excel shows it: merged cells have the value of the first. code: the column that stays."""
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
    """A file that cannot be taken at all; each line says what is wrong and what to do. Nothing of it is stored."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines), {"file": list(lines)})


def place(sheet: str | None, row: int | None = None) -> str:
    """Return where something stands, for a message: the sheet where there are several, and the row."""
    parts = [f"trang (sheet) “{sheet}”" if sheet else "", f"dòng (row) {row}" if row else ""]
    return ", ".join(part for part in parts if part)
