"""However large or strange a file is, its import takes a bounded memory: of the command and the child that reads it.

CSV_LINES=1000000 reads as many lines of a .csv (minutes).
"""

import csv
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from service.store import migrations
from service.store.database import Database
from tests.ops.processes import Running
from tests.ops.test_stop import add_source
from tests.support.register_files import COLUMNS, row

MOST_MB = 400
CSV_LINES = int(os.environ.get("CSV_LINES", "100000"))
TABLE = [*COLUMNS, "Thủ tục", "Lĩnh vực", "Chủ hồ sơ", "Ghi chú"]


def rows(count: int) -> Iterator[list[Any]]:
    """Yield rows of which nearly every cell is another."""
    for number in range(count):
        clock = f"{number // 60 % 24:02}:{number % 60:02}"
        moments = {"received": f"02/10/2023 {clock}", "due": f"06/10/2023 {clock}"}
        yield [
            *row(f"H23.45-231002-{number:07}", **moments),
            f"Thủ tục {number % 500}",
            "Đất đai",
            f"Ông {number}",
            "x",
        ]


def many_rows(sheet: Worksheet) -> None:
    for at, cells in enumerate(rows(100_000), start=1):
        sheet.write_row(at, 0, cells)


def styled_rows(sheet: Worksheet) -> None:
    sheet.write_row(1, 0, row())
    for at in range(2, 1_000_000):
        sheet.set_row(at, 15)


def a_cell_far_away(row_number: int, column: int) -> Callable[[Worksheet], None]:
    def write(sheet: Worksheet) -> None:
        sheet.write_row(1, 0, row())
        sheet.write(row_number, column, 1)

    return write


def write_workbook(path: Path, fill: Callable[[Worksheet], None]) -> None:
    with Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, TABLE)
        fill(sheet)


def imported(path: Path, folder: Path) -> tuple[str, float]:
    """Import a file by the command; return what it said, and the most memory of it and its child together."""
    url = f"sqlite:///{folder / 'tthc.sqlite3'}"
    migrations.upgrade(Database(url))
    add_source(url)
    command = ["-m", "flask", "--app", "wsgi", "dossiers", "import", str(path), "--source", "mot-cua"]
    running = Running(command, url, folder / "log")
    peaks: dict[int, float] = {}
    while running.process.poll() is None:
        peaks |= running.peaks_mb()
        time.sleep(0.05)
    return running.text(), sum(peaks.values())


@pytest.mark.parametrize(
    ("fill", "says"),
    [
        (many_rows, "created       100000"),
        (styled_rows, "created            1"),
        (a_cell_far_away(1_048_575, 16_383), "quá lớn"),
        (a_cell_far_away(1_048_575, 19), "quá lớn"),
        (a_cell_far_away(200_000, 3), "created            1"),
    ],
    ids=["100,000 rows", "a million styled rows", "XFD1048576", "T1048576", "D200001"],
)
def test_a_workbook_takes_a_bounded_memory(tmp_path: Path, fill: Callable[[Worksheet], None], says: str) -> None:
    write_workbook(tmp_path / "so.xlsx", fill)
    told, most = imported(tmp_path / "so.xlsx", tmp_path)
    assert says in told
    assert most < MOST_MB


def test_a_text_file_takes_a_bounded_memory(tmp_path: Path) -> None:
    with (tmp_path / "so.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(TABLE)
        csv.writer(file).writerows(rows(CSV_LINES))
    told, most = imported(tmp_path / "so.csv", tmp_path)
    assert f"created   {CSV_LINES:>10}" in told
    assert most < MOST_MB
