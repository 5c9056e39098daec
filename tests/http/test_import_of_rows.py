"""An import follows each row from the file to what became of it: its place, its doubts, its refusal."""

import csv
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from service.domain.dossier.events import IngestResult
from service.formats.files import FileToImport
from service.formats.rejected_rows import RejectedRows
from service.formats.tables import FileError
from service.ingest.file_import import ImportSummary, import_file
from service.ingest.sender import Sender
from tests.http.test_registers_as_they_come import row, workbook
from tests.http.test_sheets_of_a_register import SHORTER, two_sheets
from tests.support.client import Client
from tests.support.register_files import COLUMNS, as_csv


class Imports:
    """Imports files and keeps what is told row by row."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.path = app, folder / "so"
        self.told: list[IngestResult] = []
        self.refused: list[list[str]] = []

    def __call__(self, *rows: Any, kind: str = ".csv", dress: Any = None, **options: Any) -> ImportSummary:
        self.path.write_bytes(as_csv(COLUMNS, *rows) if kind == ".csv" else workbook(COLUMNS, *rows, dress=dress))
        options |= {"dry_run": False, "on_row": self.told.append}
        with closing(RejectedRows()) as refused:
            file, sender = FileToImport(self.path, kind), Sender(1, "test")
            summary = import_file(
                self.app.extensions["tthc"], sender, file, lambda: datetime.now(UTC), refused, **options
            )
            _, *self.refused = csv.reader(refused.as_csv().decode("utf-8-sig").splitlines())
        return summary


@pytest.fixture
def imports(app: Flask, client: Client, tmp_path: Path) -> Imports:
    return Imports(app, tmp_path)


def test_each_row_is_told_with_its_place_in_order(imports: Imports) -> None:
    imports(row(1), row(2, received="x"), row(3))
    places = [(result.result, dict(result.place)) for result in imports.told]
    assert places == [("created", {"row": 2}), ("rejected", {"row": 3}), ("created", {"row": 4})]


def test_a_row_of_a_workbook_is_told_with_its_sheet(imports: Imports) -> None:
    imports(row(1), row(2, received="x"), kind=".xlsx")
    assert [dict(result.place) for result in imports.told] == [{"row": at, "sheet": "Sheet"} for at in (2, 3)]


def test_a_refused_row_is_written_out_with_its_place(imports: Imports) -> None:
    imports(row(1), row(2, received="x"))
    assert [(line[0], line[-2]) for line in imports.refused] == [("H99.01-231002-0002", "3")]


def test_as_many_rows_as_are_allowed_are_taken(imports: Imports) -> None:
    assert imports(row(1), row(2), limit=2).counts.created == 2


def test_one_row_more_than_is_allowed_stores_nothing(imports: Imports, client: Client) -> None:
    with pytest.raises(FileError, match="Tối đa 2 dòng"):
        imports(row(1), row(2), row(3), limit=2)
    assert client.get("/api/v1/units").json == {"units": []}


def test_a_bar_yields_the_rows_that_are_filed(imports: Imports) -> None:
    def bar(rows: Iterator[Any]) -> Iterator[Any]:
        return (each for each in rows if each.number != 3)

    assert imports(row(1), row(2), row(3), progress=bar).counts.created == 2


@pytest.mark.parametrize("later", [row(1), row(1, status="Đã xử lý xong", finished="04/10/2023")])
def test_a_second_row_of_a_code_is_doubted(imports: Imports, later: Any) -> None:
    imports(row(1), row(2), later)
    assert [[warning.kind for warning in result.read] for result in imports.told] == [[], [], ["repeated_code"]]


def test_a_row_without_a_state_is_refused_under_its_code_after_one_with_it(imports: Imports) -> None:
    imports(row(1), kind=".xlsx", dress=two_sheets(SHORTER, [*row(1)[:2], "02/10/2023", "x"]))
    refused = imports.told[1]
    assert (refused.code, [*(refused.errors or ())]) == ("H99.01-231002-0001", ["Mã hồ sơ"])
