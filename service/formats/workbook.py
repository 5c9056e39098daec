"""Excel workbooks (.xlsx, .xls), read in a child process with a memory limit: a hostile one ends only that process.

The reader holds a whole sheet in memory, and a few bytes can claim a sheet of 17 thousand million cells. So the sizes
that the file states are checked first; where they are wrong, the memory limit ends the child.
"""

import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from errno import ENOSPC
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import orjson

from service.formats import workbook_child as child
from service.formats.messages import told
from service.formats.tables import BadCell, Cell, FileError, Sheet, TableRow

MAX_ENTRIES = 1000
_ROOT = Path(__file__).resolve().parents[2]
_REFUSALS = {child.BROKEN: "broken_workbook", child.PASSWORD: "locked"}


def check_sizes(path: Path, limit: int) -> None:
    """Refuse a workbook whose parts unpack to more than `limit` bytes, or that is no workbook; FileError."""
    try:
        with zipfile.ZipFile(path) as parts:
            sizes = {part.filename: part.file_size for part in parts.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise FileError(told("broken_workbook")) from None
    if len(sizes) > MAX_ENTRIES or sum(sizes.values()) > limit:
        raise FileError(told("too_large"))
    if "xl/workbook.xml" not in sizes:
        raise FileError(told("other_kind"))


def read_sheets(path: Path, limit: int, wanted: str | None = None) -> Iterator[Sheet]:
    """Yield the sheets in their order; FileError when the file is broken or too large. wanted: the only one to read.

    A file of Excel 97 to 2003 is no archive and states no sizes; there the memory limit is the only bound.
    """
    if zipfile.is_zipfile(path):
        check_sizes(path, limit)
    elif path.stat().st_size > limit:
        raise FileError(told("too_large"))
    name = [] if wanted is None else [wanted.replace("\0", "?")[:200]]  # sheet names are shorter
    command = [sys.executable, "-m", child.__name__, str(path.absolute()), *name]
    with TemporaryFile() as errors, TemporaryFile() as lines:
        # The child ends before the first row is filed: no lock is held in the minutes that it may take.
        if subprocess.run(command, stdout=lines, stderr=errors, cwd=_ROOT, check=False).returncode != 0:  # noqa: S603
            raise _refusal(errors)
        lines.seek(0)
        yield from _sheets(lines)


def _sheets(lines: IO[bytes]) -> Iterator[Sheet]:
    head = next(lines, None)
    while head is not None:
        sheet = orjson.loads(head)
        unread = None if sheet["state"] == child.READ else told(sheet["state"])
        following: list[bytes] = []
        merged: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for first, last, column in sheet["merged"]:
            merged[first].append((last, column))
        yield Sheet(sheet["sheet"], _rows(lines, following), unread, merged=merged)
        head = following[0] if following else next((line for line in lines if line.startswith(b"{")), None)


def _rows(lines: IO[bytes], following: list[bytes]) -> Iterator[TableRow]:
    for line in lines:
        if line.startswith(b"{"):
            following.append(line)
            return
        number, cells = orjson.loads(line)
        yield TableRow(number, [_cell(value) if isinstance(value, list | dict) else value for value in cells])


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        return BadCell(value["bad"], value["formula"])
    written: str = value[0]
    return datetime.fromisoformat(written) if len(written) > 10 else date.fromisoformat(written)


def _refusal(errors: IO[bytes]) -> Exception:
    errors.seek(0)
    *_, last = ["", *errors.read().decode(errors="replace").strip().splitlines()]
    if "No space left on device" in last:
        return OSError(ENOSPC, "No space left on device")
    if last.startswith(child.NO_SUCH_SHEET):
        names = ", ".join(orjson.loads(last.removeprefix(child.NO_SUCH_SHEET)))
        return FileError(f"Không có trang tên đó; có (no such sheet; there are): {names}")
    return FileError(told(_REFUSALS.get(last, "too_large")))
