"""The lines of a catalogue file: cells read and checked; a file is taken whole or not at all."""

from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from marshmallow import ValidationError
from xlsxwriter.utility import xl_col_to_name

from service.domain.dossier.data_warnings import READING_WARNINGS
from service.domain.json_beside import json_beside
from service.domain.vietnamese_text import search_key
from service.formats.catalogue_files import CatalogueRow, Headings, read_catalogue
from service.formats.messages import told
from service.formats.registers import cells
from service.formats.registers.moments import moment
from service.formats.tables import Cell, FileError, place
from service.schemas.fields import clean_text

WORDS = json_beside(__file__, "words.json")
"""For each catalogue the columns that a file must have, and the words for each heading; also the words in cells."""
_YES, _NO = (set(map(search_key, WORDS[answer])) for answer in ("yes", "no"))
_CODES = ("code", "unit_code", "parent_code", "field_code", "procedure_code")
_MOST_TOLD = 50
Made = TypeVar("Made")


class Imported(NamedTuple):
    """How many lines were imported, what was not understood, passed over or mended, and the procedures in them."""

    lines: int
    notes: list[str]
    codes: Collection[str] = ()


class CatalogueLine(NamedTuple):
    """A line of a catalogue file, whose methods read and check its cells; they add to `notes` what they mended."""

    row: CatalogueRow
    headings: Headings
    notes: list[str]

    def at(self, text: object) -> str:
        """Return a text with the line that it speaks of."""
        return f"{place(self.row.sheet, self.row.number)}: {text}"

    def wrong(self, name: str, message: str, **parts: object) -> ValueError:
        """Return the error for a cell: its place and heading, its content, and what to do."""
        return self._blamed(name, told(message, **parts))

    def _blamed(self, name: str, reason: object) -> ValueError:
        cell = self.row.cells.get(name)
        text = "".join(letter if letter.isprintable() else " " for letter in str(cell)[:40])
        shown = f" “{text}”" if isinstance(cell, str | float | int) and cell != "" else ""
        at = self.row.columns.get(name)
        where = "" if at is None else f"Ô (cell) {xl_col_to_name(at)}{self.row.number}: "
        return ValueError(f"{where}{self.headings.titled(name)}{shown}: {reason}")

    def _read(self, name: str, read: Callable[[Cell], Made]) -> Made:
        try:
            return read(self.row.cells.get(name))
        except (cells.BadValue, ValidationError) as error:
            raise self._blamed(name, error) from None

    def text(self, name: str, limit: int = 300) -> str | None:
        """Return a cell as clean text, None when it is empty."""
        is_code = name in _CODES
        text = self._read(name, lambda cell: clean_text(cells.code(cell).value if is_code else cells.plain(cell)))
        if len(text) > limit:
            raise self.wrong(name, "too_long", limit=limit)
        return text or None

    def required(self, name: str, limit: int = 300) -> str:
        text = self.text(name, limit)
        if text is None:
            raise self.wrong(name, "must_be_filled")
        return text

    def procedure_code(self, name: str) -> str:
        """Return a procedure's code; one in a number cell gets the zeros back that it has lost."""
        self.required(name, 64)
        code, warning = self._read(name, cells.procedure_code)
        if warning:
            self.notes.append(self.at(READING_WARNINGS[warning].as_dict()["message"]))
        return str(code)

    def yes_or_no(self, name: str) -> bool | None:
        word = search_key(self._read(name, cells.text))
        if word and word not in _YES | _NO:
            raise self.wrong(name, "yes_or_no")
        return word in _YES if word else None

    def day(self, name: str) -> date | None:
        if not (written := self._read(name, cells.text)):
            return None
        try:
            return date.fromisoformat(moment(written)[:10])
        except cells.BadValue as error:
            raise self._blamed(name, error) from None
        except ValueError:
            raise self.wrong(name, "not_a_day") from None


class CatalogueFile(NamedTuple):
    """A file to import: where it is, and what a workbook may unpack to."""

    path: Path
    unpacked_mb: int

    def lines(self, catalogue: str) -> tuple[list[CatalogueLine], list[str]]:
        """Return the lines of a file of this catalogue, and notes about what was not understood.

        FileError when a required cell is empty. If its whole column is empty, that is noted instead.
        """
        headings = Headings(**WORDS["headings"][catalogue])
        rows, unread = read_catalogue(self.path, headings, self.unpacked_mb)
        lines = [CatalogueLine(row, headings, unread) for row in rows]
        errors = []
        for name in headings.required:
            gaps = [line for line in lines if line.row.cells[name] in (None, "")]
            if lines and len(gaps) == len(lines):
                unread.append(told("column_empty", named=headings.titled(name)))
            elif name == "limit_amount":
                unread.extend(line.at(told("no_limit", shown="trống")) for line in gaps)
            else:
                errors += [line.at(line.wrong(name, "must_be_filled")) for line in gaps]
        refuse(errors)
        return lines, unread


def make_each(
    lines: list[CatalogueLine], make: Callable[[CatalogueLine], Made], key: Callable[[Made], str]
) -> list[tuple[CatalogueLine, Made]]:
    """Read every line with `make`; refuse them all if one is wrong or two have the same key."""
    made: list[tuple[CatalogueLine, Made]] = []
    errors: list[str] = []
    seen: dict[str, CatalogueLine] = {}
    for line in lines:
        try:
            one = make(line)
        except ValueError as error:
            errors.append(line.at(error))
            continue
        if (before := seen.setdefault(key(one), line)) is not line:
            errors.append(line.at(told("line_twice", named=key(one), before=place(*before.row[:2]))))
        made.append((line, one))
    refuse(errors)
    return made


def period(line: CatalogueLine) -> tuple[date | None, date | None]:
    """Return the days from which and to which a line holds."""
    first, last = line.day("valid_from"), line.day("valid_to")
    if first and last and last < first:
        raise line.wrong("valid_to", "ends_before")
    return first, last


def refuse(errors: list[str]) -> None:
    """Raise FileError if there are errors."""
    if errors:
        more = [told("more_lines", number=len(errors) - _MOST_TOLD)] if len(errors) > _MOST_TOLD else []
        raise FileError(*errors[:_MOST_TOLD], *more)
