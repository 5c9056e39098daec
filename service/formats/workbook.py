"""Excel workbooks, read in a child process under a memory limit: a broken or hostile one ends there.

The reader holds a whole sheet in memory, and a few bytes can claim a sheet of 17 thousand million cells.
So the sizes inside the file are checked first, and what they do not show is stopped by the limit.
`python -m service.formats.workbook FILE` writes one JSON line a row.
"""

import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import orjson

from service.formats.cells import Cell
from service.formats.headings import FileError
from service.formats.json_records import MEGABYTE

MAX_ENTRIES = 1000
CHILD_MEMORY = 1024 * MEGABYTE
CHILD_SECONDS = 120
MAX_COLUMNS = 200
"""Further right nothing is read: a register has some dozens of columns."""

_ROOT = Path(__file__).resolve().parents[2]
_BROKEN = "Không đọc được tệp .xlsx; hãy mở bằng Excel, lưu lại rồi gửi (not a readable workbook; save it again)"

_TOO_LARGE = (
    "Tệp .xlsx quá lớn hoặc có vùng ô quá rộng; hãy chia nhỏ hoặc dùng .csv, .ndjson"
    " (the workbook is too large; split it, or use CSV or NDJSON)"
)


def check_sizes(path: Path, limit: int) -> None:
    """Refuse a workbook whose parts unpack to more than `limit` bytes, or that is no workbook; FileError."""
    try:
        with zipfile.ZipFile(path) as parts:
            sizes = [part.file_size for part in parts.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise FileError(_BROKEN) from None
    if len(sizes) > MAX_ENTRIES or sum(sizes) > limit:
        raise FileError(_TOO_LARGE)


def rows(path: Path, limit: int) -> Iterator[list[Cell]]:
    """Yield the rows of the first visible sheet; FileError when it is broken or too large."""
    check_sizes(path, limit)
    command = [sys.executable, "-m", "service.formats.workbook", str(path.resolve())]
    with (
        TemporaryFile() as told,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, cwd=_ROOT) as child,  # noqa: S603
    ):
        assert child.stdout is not None
        try:
            for line in child.stdout:
                yield [_cell(value) for value in orjson.loads(line)]
            if child.wait() != 0:
                told.seek(0)
                raise FileError(_BROKEN if b"broken workbook" in told.read() else _TOO_LARGE)
        finally:
            with suppress(ProcessLookupError):
                child.kill()


def _cell(value: Any) -> Cell:
    """Return a cell from JSON; dates travel as [text]."""
    if isinstance(value, list):
        written: str = value[0]
        return datetime.fromisoformat(written) if len(written) > 10 else date.fromisoformat(written)
    cell: Cell = value
    return cell


def _for_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return [value.isoformat()]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _write_rows(path: str) -> None:
    """Write the rows of a workbook to stdout; the child's whole work."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CHILD_SECONDS, CHILD_SECONDS))
    try:
        book = CalamineWorkbook.from_path(path)
        visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        sheet = book.get_sheet_by_name((visible or book.sheet_names)[0])
    except (CalamineError, IndexError):
        sys.exit("broken workbook")
    for row in sheet.iter_rows():
        sys.stdout.buffer.write(orjson.dumps([_for_json(cell) for cell in row[:MAX_COLUMNS]]) + b"\n")


if __name__ == "__main__":
    _write_rows(sys.argv[1])
