"""The lines of a catalogue file: cells read and checked; a file is taken whole or not at all."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from service.domain.errors import BadData
from service.domain.vietnamese_text import search_key
from service.formats.catalogue_files import CatalogueRow, Headings, read_catalogue
from service.formats.registers import cells
from service.formats.registers.moments import moment
from service.schemas.fields import clean_text

_HEADINGS = json.loads(Path(__file__).with_name("headings.json").read_text("utf-8"))
"""The headings of each catalogue: the columns that a file must have, and the words for each column."""
_YES, _NO = {"yes", "1", "true", "co", "x"}, {"no", "0", "false", "khong"}
_CODES = ("code", "unit_code", "parent_code", "field_code", "procedure_code")
Made = TypeVar("Made")


class ImportRefused(BadData):
    """A file that cannot be imported: a line of text for each thing that is wrong."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines), {"file": lines})


class Imported(NamedTuple):
    """How many lines were imported, and the headings that were not understood."""

    lines: int
    unread: list[str]


class CatalogueLine(NamedTuple):
    """A line of the file, and its cells as what they mean."""

    row: CatalogueRow

    @property
    def number(self) -> int:
        """Return the number of the line as a spreadsheet shows it."""
        return self.row.number

    def text(self, name: str, limit: int = 300) -> str | None:
        """Return a cell as clean text, None when it is empty."""
        cell = self.row.cells.get(name)
        text = clean_text(cells.code(cell).value if name in _CODES else cells.text(cell))
        if len(text) > limit:
            raise ValueError(f"{name}: dài quá {limit} ký tự (longer than {limit} characters)")
        return text or None

    def required(self, name: str, limit: int = 300) -> str:
        """Return a cell that must not be empty."""
        text = self.text(name, limit)
        if text is None:
            raise ValueError(f"{name}: không được để trống (must not be empty)")
        return text

    def procedure_code(self, name: str) -> str:
        """Return a procedure's code; one in a number cell gets the zeros back that it has lost."""
        code = self.required(name, 64)
        return cells.procedure_code(self.row.cells[name]).value or code

    def yes_or_no(self, name: str) -> bool | None:
        """Return a cell as a yes or a no, None when it is empty."""
        word = search_key(self.text(name) or "")
        if word and word not in _YES | _NO:
            raise ValueError(f"{name}: dùng có hoặc không (use yes or no)")
        return word in _YES if word else None

    def day(self, name: str) -> date | None:
        """Return a cell as a date."""
        if self.text(name) is None:
            return None
        try:
            cell = self.row.cells[name]
            written = cell if isinstance(cell, date) else cells.text(cell)
            return date.fromisoformat(moment(written)[:10])
        except ValueError as error:
            message = "phải là ngày có thật dạng 30/06/2025 hoặc 2025-06-30 (must be a real date, day first)"
            reason = error if isinstance(error, cells.BadValue) else message
            raise ValueError(f"{name}: “{str(self.row.cells[name])[:40]}”: {reason}") from None


class CatalogueFile(NamedTuple):
    """A file to import: where it is, and what a workbook may unpack to."""

    path: Path
    unpacked_mb: int

    def lines(self, catalogue: str) -> tuple[list[CatalogueLine], list[str]]:
        """Return the lines of a file of this catalogue, and the headings that were not understood."""
        table = read_catalogue(self.path, Headings(**_HEADINGS[catalogue]), self.unpacked_mb)
        return [CatalogueLine(row) for row in table.rows], table.unread


def make_each(
    lines: list[CatalogueLine], make: Callable[[CatalogueLine], Made], key: Callable[[Made], str]
) -> list[tuple[CatalogueLine, Made]]:
    """Make something of every line; refuse them all if one is wrong or comes twice."""
    made: list[tuple[CatalogueLine, Made]] = []
    errors: list[str] = []
    seen: dict[str, int] = {}
    for line in lines:
        try:
            one = make(line)
        except ValueError as error:  # a ValidationError of clean_text is one
            errors.append(at_line(line, str(error)))
            continue
        before = seen.setdefault(key(one), line.number)
        if before != line.number:
            errors.append(at_line(line, f"{key(one)} đã có ở dòng {before} (duplicate of line {before})"))
        made.append((line, one))
    refuse(errors)
    return made


def period(line: CatalogueLine) -> tuple[date | None, date | None]:
    """Return the days from which and to which a line holds."""
    first, last = line.day("valid_from"), line.day("valid_to")
    if first and last and last < first:
        raise ValueError("valid_to: trước valid_from (before valid_from)")
    return first, last


def at_line(line: CatalogueLine, text: str) -> str:
    """Return what is wrong, with the line."""
    return f"Dòng {line.number} (line {line.number}): {text}"


def refuse(errors: list[str]) -> None:
    """Refuse the file when anything is wrong."""
    if errors:
        raise ImportRefused(errors)
