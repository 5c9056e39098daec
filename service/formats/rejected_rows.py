"""Rejected rows, given back as a workbook: the cells as they were, as text, each reason beside its cell."""

from collections.abc import Iterator, Mapping
from math import inf
from tempfile import SpooledTemporaryFile
from typing import IO

import orjson
from xlsxwriter import Workbook

from service.domain.errors import in_one_line
from service.formats.csv_files import write_csv
from service.formats.messages import told
from service.formats.registers.heading_words import FIELDS
from service.formats.registers.headings import titled
from service.formats.registers.rows import FileRow

REASON = "Lý do từ chối"
ROW = "Dòng trong tệp"
_IN_MEMORY = 1024 * 1024
_MOST_ROWS = 1_000_000
"""A sheet has 1,048,576 rows."""


class RejectedRows:
    """Keeps refused rows until the import is over; only cells of known columns."""

    def __init__(self, most: float = inf) -> None:
        """Keep up to `most` bytes; the rows beyond them are counted."""
        self.count = self.left_out = 0
        self._most = most
        self._spool: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._names: list[str] = []
        self._blamed: set[str] = set()

    def add(self, row: FileRow, errors: Mapping[str, list[str]]) -> None:
        """Keep one refused row, with its errors by heading."""
        self.count += 1
        if self._spool.tell() > self._most or self.count > _MOST_ROWS:
            self.left_out += 1
            return
        self._names += [name for name in (row.shown or FIELDS) if name not in self._names]
        self._blamed.update(errors)
        where = f"{row.sheet}, {row.number}" if row.sheet else str(row.number)
        printable = {name: text.encode("utf-8", "replace").decode() for name, text in row.shown.items()}
        self._spool.write(orjson.dumps([where, printable, errors]) + b"\n")

    def close(self) -> None:
        """Delete the rows."""
        self._spool.close()

    def _rows(self) -> Iterator[tuple[str, dict[str, str], dict[str, list[str]]]]:
        self._spool.seek(0)
        yield from map(orjson.loads, self._spool)
        if self.left_out:
            yield "…", {}, {ROW: [told("rejected_left_out", rows=self.left_out)]}

    def write_workbook(self, file: IO[bytes]) -> None:
        """Write the rows to a workbook; every cell is text, so that Excel changes no code and runs no formula."""
        book = Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        text = book.add_format({"num_format": "@"})
        wrong = book.add_format({"num_format": "@", "bg_color": "#FFE0B2"})
        reason = book.add_format({"font_color": "#B71C1C"})
        bold = book.add_format({"bold": True})
        columns = self._columns()
        sheet = book.add_worksheet(REASON)
        sheet.freeze_panes(1, 0)
        for at, (heading, _) in enumerate(columns):
            sheet.write_string(0, at, heading, bold)
            sheet.set_column(at, at, 50 if heading.startswith(REASON) else 18)
        for number, (where, shown, errors) in enumerate(self._rows(), start=1):
            for at, (heading, name) in enumerate(columns):
                value = _value(heading, name, where, shown, errors)
                style = reason if heading.startswith(REASON) else wrong if titled(name) in errors else text
                if value:
                    sheet.write_string(number, at, value[:32_000], style)
        book.close()

    def as_csv(self) -> bytes:
        columns = self._columns()
        table = ([_value(heading, name, *row) for heading, name in columns] for row in self._rows())
        return write_csv([[heading for heading, _ in columns], *table])

    def _columns(self) -> list[tuple[str, str]]:
        """Return headings and fields: after a column with errors one for their reasons; last one for all reasons."""
        columns: list[tuple[str, str]] = []
        for name in self._names:
            columns.append((titled(name), name))
            if titled(name) in self._blamed:
                columns.append((f"{REASON}: {titled(name)}", name))
        return [*columns, (ROW, ""), (REASON, "")]


def _value(heading: str, name: str, where: str, shown: Mapping[str, str], errors: Mapping[str, list[str]]) -> str:
    if heading == REASON:
        return in_one_line(errors)
    if heading == ROW:
        return where
    return " ".join(errors.get(titled(name), ())) if heading.startswith(REASON) else shown.get(name, "")
