"""CSV: read strictly, in the encodings and with the separators of Vietnamese office software; written for Excel.

Bytes that do not fit the encoding become broken characters, which the schema refuses; so a row in another encoding
is rejected alone. A quotation mark that is not closed would swallow rows, so the whole file is refused.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from service.formats.encodings import SAMPLE, encoding_of, old_letters
from service.formats.json_records.records import MAX_BLANK_LINES, MAX_LINE, TOO_BLANK
from service.formats.messages import told
from service.formats.registers.headings import count_known
from service.formats.tables import FileError, Sheet, TableRow, cut_row

BYTE_ORDER_MARK = "\ufeff"
_MAX_CELL = 131_072
_FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "−")
"""Signs that begin a formula, also after blanks; East Asian spreadsheets take the full-width signs, too."""
_CONTROLS = ("\t", "\r", "\n")
_DELIMITERS = ",;\t|"
_HEAD = 60
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_NO_CODE = re.compile("0+([ ,/.:-]+0+){2,}|0+")  # the shape of a number or a date
_AS_TEXT = re.compile(r'="([^"]*)"')
"""`="001"`: so programs keep Excel from reading a code as a number; Excel shows 001."""


def safe_cell(cell: str | int | None) -> str | int | None:
    """Return a cell as UTF-8 can hold it, with ' before it if a spreadsheet could take it for a formula."""
    if not isinstance(cell, str):
        return cell
    printable = cell.encode("utf-8", "replace").decode()
    return f"'{printable}" if printable.lstrip().startswith(_FORMULA_SIGNS) or printable[:1] in _CONTROLS else printable


def write_csv(rows_to_write: Iterable[Iterable[str | int | None]]) -> bytes:
    """Return a table as CSV, with the byte order mark by which Excel recognises UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([safe_cell(cell) for cell in row] for row in rows_to_write)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


Understood = Callable[[Sequence[object]], int]


def read_csv(path: Path, understood: Understood = count_known) -> Sheet:
    """Return the table of a CSV file; reading its rows raises FileError when it is broken.

    understood: counts the known headings of a row. The separator that gives most of them is taken.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    encoding = encoding_of(sample)
    first, shown = (sample.decode(each, "replace").splitlines()[:_HEAD] for each in ("latin-1", encoding))
    letters = None if encoding.startswith("utf") else old_letters(first, shown)
    return Sheet(None, _rows(path, encoding, understood), old_letters=letters)


def _rows(path: Path, encoding: str, understood: Understood) -> Iterator[TableRow]:
    with io.open(path, encoding=encoding, errors="surrogateescape", newline="") as text:  # noqa: UP020
        delimiter, width = _shape(text, understood)
        text.seek(0)
        number = blank = 0
        try:
            size = 0

            def lines() -> Iterator[str]:
                """Yield the lines; csv.Error for a row over MAX_LINE: a million commas would be a million cells."""
                nonlocal size
                for line in iter(partial(text.readline, MAX_LINE + 1), ""):
                    if (size := size + len(line)) > MAX_LINE:
                        raise csv.Error
                    yield line

            for number, cells in enumerate(map(cut_row, csv.reader(lines(), delimiter=delimiter, strict=True)), 1):
                size = 0
                if number == 1 and cells and _SEPARATOR_LINE.fullmatch(delimiter.join(cells)):
                    continue
                row = "".join(cells)
                if ("\n" in row or "\r" in row) and _holds_rows(cells, delimiter, width):
                    raise FileError(told("not_closed", number=number, most=_MAX_CELL))
                if '="' in row:
                    cells = [quoted[1] if (quoted := _AS_TEXT.fullmatch(cell)) else cell for cell in cells]
                blank += not row
                if blank > MAX_BLANK_LINES:
                    raise FileError(TOO_BLANK)
                if row:
                    yield TableRow(number, cells)
        except (csv.Error, UnicodeError):
            raise FileError(told("not_closed", number=number + 1, most=_MAX_CELL)) from None


def _holds_rows(cells: Sequence[str], delimiter: str, width: int) -> bool:
    """Say whether a cell holds lines of the table: with most of its separators, or a code and more like the row's."""
    inner = (line for cell in cells if len(lines := cell.splitlines()) > 1 for line in lines)
    first, *others = (shape.split(delimiter) for shape in re.sub(r"\d", "0", delimiter.join(cells)).splitlines())
    pairs = ([(a, b) for a, b in zip(first, other, strict=False) if "0" in a] for other in others)
    alike = ([a for a, b in line if a == b] for line in pairs if 2 * sum(a == b for a, b in line) >= max(6, len(line)))
    return any(line.count(delimiter) >= max(2, width - 2) for line in inner) or any(
        not all(map(_NO_CODE.fullmatch, same)) for same in alike
    )


def _shape(text: io.TextIOBase, understood: Understood) -> tuple[str, int]:
    """Return the separator, and how many cells the row of headings has with it.

    A first line `sep=;` names it. Else it is the one with which a row of the first lines has most known headings.
    """
    lines = list(islice(iter(lambda: text.readline(_MAX_CELL), ""), _HEAD))
    separator_line = _SEPARATOR_LINE.fullmatch(lines[0].lstrip(BYTE_ORDER_MARK)) if lines else None

    def best(delimiter: str) -> tuple[int, int]:
        try:
            return max(
                ((understood(cut_row(row)), len(row)) for row in csv.reader(lines, delimiter=delimiter)), default=(0, 0)
            )
        except csv.Error:
            return (0, 0)

    separators = [separator_line[1]] if separator_line else _DELIMITERS
    delimiter = max(separators, key=best)
    return delimiter, best(delimiter)[1]
