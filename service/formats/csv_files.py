"""CSV in the encodings that Vietnamese office software writes, row by row.

UTF-8 with or without its mark, UTF-16, windows-1258. Bytes that do not fit become broken characters,
which the schema refuses: a row in another encoding is rejected alone.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from service.formats.headings import FileError, columns

_SAMPLE = 256 * 1024
_MAX_CELL = 131_072
_FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "−")
"""Signs that begin a formula; spreadsheets of East Asia take the full-width ones too, after blanks as well."""
_CONTROLS = ("\t", "\r", "\n")
_DELIMITERS = ",;\t|"


def safe_cell(cell: str | int | None) -> str | int | None:
    """Return a cell that can be written as UTF-8, and that no spreadsheet takes for a formula."""
    if not isinstance(cell, str):
        return cell
    printable = cell.encode("utf-8", "replace").decode()
    return f"'{printable}" if printable.lstrip().startswith(_FORMULA_SIGNS) or printable[:1] in _CONTROLS else printable


def write_csv(rows_to_write: Iterable[Iterable[str | int | None]]) -> bytes:
    """Return a table as CSV with the mark by which Excel knows UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([safe_cell(cell) for cell in row] for row in rows_to_write)
    return text.getvalue().encode("utf-8-sig")


def rows(path: Path, understood: Callable[[list[str]], int] = lambda row: len(columns(row))) -> Iterator[list[str]]:
    """Yield the rows of a CSV file; FileError when it is none.

    understood: how many headings of a row are known; the separator under which most are is taken.
    """
    with path.open("rb") as file:
        encoding = _encoding(file.read(_SAMPLE))
    with io.open(path, encoding=encoding, errors="surrogateescape", newline="") as text:  # noqa: UP020
        try:
            delimiter = _delimiter(text, understood)
            text.seek(0)
            yield from csv.reader(text, delimiter=delimiter)
        except (csv.Error, UnicodeError):
            raise FileError(
                f"Tệp .csv bị hỏng hoặc có ô dài quá {_MAX_CELL} ký tự, có thể thiếu dấu ngoặc kép đóng"
                " (broken CSV; perhaps a quotation mark is not closed)"
            ) from None


def _encoding(sample: bytes) -> str:
    """Tell the encoding by its mark, else by what most lines with marked letters are."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if sample[:200].count(0) * 4 >= len(sample[:200]) > 0:
        return "utf-16-le" if sample[1:200:2].count(0) >= sample[0:200:2].count(0) else "utf-16-be"
    marked = [line for line in sample.split(b"\n") if not line.isascii()][: -1 if len(sample) == _SAMPLE else None]
    utf8 = sum(_is_utf8(line) for line in marked)
    if utf8 * 2 >= len(marked):
        return "utf-8-sig"
    best = from_bytes(sample, cp_isolation=["cp1258", "cp1252", "utf_16_le", "utf_16_be"]).best()
    # Vietnamese in cp1252 has no marks beyond those that cp1258 writes alike.
    return "cp1258" if best is None or best.encoding == "cp1252" else best.encoding


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: io.TextIOBase, understood: Callable[[list[str]], int]) -> str:
    """Return the delimiter under which the first lines hold the most known headings."""
    lines = [text.readline(_MAX_CELL) for _ in range(60)]

    def most(delimiter: str) -> int:
        return max((understood(row) for row in csv.reader(lines, delimiter=delimiter)), default=0)

    return max(_DELIMITERS, key=most)
