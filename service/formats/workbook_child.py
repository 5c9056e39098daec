"""The child process that reads a workbook: `python -m service.formats.workbook_child FILE [SHEET]`.

It writes a JSON line for each sheet, {"sheet", "state", "merged"}, and one for each row that is not blank, [number,
cells]. In these a date is [text], and a cell without a readable value {"bad", "formula"}.

calamine reads `#N/A` and formulas that were never calculated as empty cells; unreadable_cells.py finds these.
"""

import resource
import sys
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import xlrd

from service.formats.json_records.text import MEGABYTE
from service.formats.tables import cut_row
from service.formats.unreadable_cells import UNREADABLE, Bad, BadCells, bad_cells_of

CHILD_MEMORY = 288 * MEGABYTE
"""100,000 rows of 30 columns take 280; together with the process that files them, an import takes some 400."""
CHILD_OUTPUT = 512 * MEGABYTE
CHILD_SECONDS, SECONDS_A_MEGABYTE = 10, 1
"""Of a processor, and more for each megabyte of the file: 60,000 rows of 30 columns have 8 MB, and take 3 seconds."""
BROKEN, PASSWORD, NO_SUCH_SHEET = "broken workbook", "password", "no such sheet"
READ, HIDDEN, NO_TABLE = "read", "sheet_hidden", "sheet_of_a_chart"
_HALF_A_SECOND = timedelta(microseconds=500_000)


def main(path: str, wanted: str | None) -> None:
    """Write the rows of every visible sheet, or of the wanted one; of hidden sheets too, for the reader to count."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    seconds = CHILD_SECONDS + SECONDS_A_MEGABYTE * (Path(path).stat().st_size // MEGABYTE)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHILD_OUTPUT, CHILD_OUTPUT))
    try:
        book = CalamineWorkbook.from_path(path)
        if wanted is not None and wanted not in book.sheet_names:
            sys.exit(f"{NO_SUCH_SHEET}{orjson.dumps(book.sheet_names).decode()}")
        bad_cells = bad_cells_of(path)
        for sheet in book.sheets_metadata:
            chosen = sheet.name == wanted or (wanted is None and sheet.visible is SheetVisibleEnum.Visible)
            is_table = sheet.typ is SheetTypeEnum.WorkSheet
            state = READ if chosen and is_table else NO_TABLE if chosen else HIDDEN
            if wanted is not None and not chosen:
                state = "sheet_not_chosen"
            table = book.get_sheet_by_name(sheet.name) if state in (READ, HIDDEN) and is_table else None
            write({"sheet": sheet.name, "state": state, "merged": merged_down(table) if table else []})
            if table:
                write_rows(table, bad_cells(sheet.name))
    except PasswordError:
        sys.exit(PASSWORD)
    except (CalamineError, IndexError, *UNREADABLE):
        sys.exit(PASSWORD if is_encrypted(path) else BROKEN)


def merged_down(sheet: Any) -> list[tuple[int, int, int]]:
    """Return the areas of cells merged downwards, at most a hundred thousand: first row, last row, column."""
    areas = ((first + 1, last + 1, column) for (first, column), (last, _) in sheet.merged_cell_ranges or ())
    return list(islice((area for area in areas if area[0] < area[1]), 100_000))


def is_encrypted(path: str) -> bool:
    """Say whether a workbook has a password; calamine looks for one only in files named .xlsx."""
    if "EncryptedPackage".encode("utf-16-le") in Path(path).read_bytes():
        return True
    try:
        xlrd.open_workbook(path, sys.stderr, on_demand=True)
    except UNREADABLE as error:
        return str(error) == "Workbook is encrypted"
    return False


def write(value: Any) -> None:
    """Write one JSON line."""
    sys.stdout.buffer.write(orjson.dumps(value, for_json, orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE))


def write_rows(sheet: Any, bad: BadCells) -> None:
    """Write the rows that are not blank, with their bad cells."""
    for number, cells in enumerate(map(cut_row, sheet.iter_rows()), start=1):
        put_bad(cells, bad.pop(number, {}))
        if cells.count("") < len(cells):
            write([number, cells])
    for number in sorted(bad):
        cells = []
        put_bad(cells, bad[number])
        write([number, cells])


def put_bad(cells: list[Any], bad: dict[int, Bad]) -> None:
    """Put bad cells in their places in a row."""
    for column, cell in bad.items():
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = cell


def for_json(value: Any) -> Any:
    """Return a value as JSON can hold it; a moment is rounded to the second, as Excel shows it."""
    if isinstance(value, datetime):
        return [(value + _HALF_A_SECOND).isoformat(timespec="seconds")]
    return [value.isoformat()] if isinstance(value, date) else str(value)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    sys.stdout.flush()
