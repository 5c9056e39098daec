"""The child process that reads a workbook: `python -m service.formats.workbook_child FILE [SHEET]`.

It writes one JSON line a sheet, {"sheet", "state"}, and one a row that is not blank, [number, cells]. Dates
travel as [text]; a cell that has no value to read as {"bad", "formula"}.

calamine reads `#N/A` and formulas that were never calculated as empty cells. So the XML of each sheet is looked
through for them, piece by piece.
"""

import re
import resource
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import orjson

MEGABYTE = 1024 * 1024
CHILD_MEMORY = 1024 * MEGABYTE
CHILD_SECONDS = 120
MAX_COLUMNS = 200
"""Further right nothing is read: a register has some dozens of columns. What stands there is told as one cell more."""

BROKEN, PASSWORD, NO_SUCH_SHEET = "broken workbook", "password", "no such sheet"
READ, HIDDEN, NO_TABLE = "read", "hidden", "no table"
_PIECE = 4 * MEGABYTE
_HALF_A_SECOND = timedelta(microseconds=500_000)
_SUSPECT = (b'"e"', b"'e'", b"<f", b":f")
"""What stands in the XML of a cell of type e, or with a formula, whatever the prefix of its elements."""
_CELL = re.compile(
    rb"""<(?:\w+:)?c\b(?P<attributes>[^>]*[^>/])>\s*
    (?:<(?:\w+:)?f\b[^>]*?(?P<formula>/>|>[^<]*</(?:\w+:)?f>)\s*)?
    (?:<(?:\w+:)?v\b[^>]*?(?:/>|>(?P<value>[^<]*)</(?:\w+:)?v>))?""",
    re.VERBOSE,
)
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_ERROR_TYPE, _TEXT_TYPE = (re.compile(rb"""\bt=["']%s["']""" % kind) for kind in (b"e", b"str"))
Bad = dict[str, Any]


def main(path: str, wanted: str | None) -> None:
    """Write every visible sheet, or the one that is wanted."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CHILD_SECONDS, CHILD_SECONDS))
    try:
        book = CalamineWorkbook.from_path(path)
        if wanted is not None and wanted not in book.sheet_names:
            sys.exit(f"{NO_SUCH_SHEET}{orjson.dumps(book.sheet_names).decode()}")
        parts = sheet_parts(path) if zipfile.is_zipfile(path) else {}
        for sheet in book.sheets_metadata:
            chosen = sheet.name == wanted or (wanted is None and sheet.visible is SheetVisibleEnum.Visible)
            is_table = sheet.typ is SheetTypeEnum.WorkSheet
            state = READ if chosen and is_table else NO_TABLE if chosen else HIDDEN
            if wanted is not None and not chosen:
                state = "not chosen"
            write({"sheet": sheet.name, "state": state})
            if state == READ:
                write_rows(book.get_sheet_by_name(sheet.name), bad_cells(path, parts.get(sheet.name)))
    except PasswordError:
        sys.exit(PASSWORD)
    except (CalamineError, IndexError, zipfile.BadZipFile, ElementTree.ParseError, KeyError):
        sys.exit(BROKEN)


def write(value: Any) -> None:
    """Write one JSON line."""
    sys.stdout.buffer.write(orjson.dumps(value, for_json, orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE))


def write_rows(sheet: Any, bad: dict[int, dict[int, Bad]]) -> None:
    """Write the rows that are not blank, with what is bad in them."""
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if len(cells) > MAX_COLUMNS:
            beyond = ["…"] if any(cell not in ("", None) for cell in cells[MAX_COLUMNS:]) else []
            cells = [*cells[:MAX_COLUMNS], *beyond]
        put_bad(cells, bad.pop(number, {}))
        if cells.count("") < len(cells):
            write([number, cells])
    for number in sorted(bad):
        cells = []
        put_bad(cells, bad[number])
        write([number, cells])


def put_bad(cells: list[Any], bad: dict[int, Bad]) -> None:
    """Put what is bad in its place in a row."""
    for column, cell in bad.items():
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = cell


def for_json(value: Any) -> Any:
    """Return what JSON does not know as it travels; a moment is rounded to the second that Excel shows."""
    if isinstance(value, datetime):
        return [(value + _HALF_A_SECOND).isoformat(timespec="seconds")]
    return [value.isoformat()] if isinstance(value, date) else str(value)


def sheet_parts(path: str) -> dict[str, str]:
    """Return which part of the archive holds the sheet of each name."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            return {}
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - limited by the parent
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    found = {}
    for element in book.iter():
        link = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
        if element.tag.endswith("}sheet") and link in targets:
            target = targets[link]
            found[element.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return {name: part for name, part in found.items() if part in names}


def bad_cells(path: str, part: str | None) -> dict[int, dict[int, Bad]]:
    """Return the cells of a sheet that hold an error or a formula without a value: by row, by column from 0."""
    found: dict[int, dict[int, Bad]] = defaultdict(dict)
    for rows in _suspect_rows(path, part) if part else ():
        for cell in _CELL.finditer(rows):
            attributes, formula, value = cell["attributes"], cell["formula"], cell["value"]
            error = _ERROR_TYPE.search(attributes) is not None
            missing = formula is not None and not value and not _TEXT_TYPE.search(attributes)
            if not (error or missing):
                continue
            reference = _REFERENCE.search(attributes)
            if reference is None:
                sys.exit(BROKEN)
            column = _position(reference[1].decode())
            if column < MAX_COLUMNS:
                shown = (value or b"").decode(errors="replace")[:20]
                found[int(reference[2])][column] = {"bad": shown, "formula": not error}
    return found


def _suspect_rows(path: str, part: str) -> Iterator[bytes]:
    """Yield whole rows of a sheet's XML, some megabytes at a time, where something bad may stand."""
    rest = b""
    with zipfile.ZipFile(path) as archive, archive.open(part) as file:
        while piece := file.read(_PIECE):
            rows, end, rest = (rest + piece).rpartition(b"row>")
            if any(sign in rows for sign in _SUSPECT):
                yield rows + end
    yield rest


def _position(letters: str) -> int:
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - 64
    return position - 1


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    sys.stdout.flush()
