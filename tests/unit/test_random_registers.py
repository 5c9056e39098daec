"""Random registers: sheets, heading rows, separators, encodings, totals, blank rows; every dossier is found again."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.dossier.events import DossierEvent
from service.domain.dossier.status_words import status_words
from service.formats.files import FileLimits, FileReader, FileToImport
from service.formats.json_records.text import JsonLimits
from service.formats.registers.rows import FileRow
from service.formats.registers.sheets import ReadingReport
from service.formats.registers.understanding import Understanding
from service.formats.tables import FileError
from tests.support.random_registers import Found, RandomSheet, csv_files, workbooks, write_workbook
from tests.support.register_files import COLUMNS, as_csv

KNOWN = Understanding({}, status_words(), {})


def read(path: Path) -> tuple[list[Found], ReadingReport]:
    reader = FileReader(FileToImport(path, path.suffix), FileLimits(64, JsonLimits(32, 1000)), KNOWN)
    return [dossier_in(row) for row in reader.rows()], reader.report


def dossier_in(row: FileRow) -> Found:
    assert isinstance(row.news, DossierEvent), row
    snapshot = row.news.snapshot
    moments = (snapshot.received_at, snapshot.due_at, snapshot.finished_at)
    return Found(row.sheet, row.number, snapshot.code, moments, snapshot.status)


@given(csv_files())
def test_every_dossier_of_a_text_file_is_found_in_its_row(drawn: tuple[bytes, RandomSheet]) -> None:
    content, sheet = drawn
    with TemporaryDirectory() as folder:
        path = Path(folder) / "so.csv"
        path.write_bytes(content)
        rows, report = read(path)
    assert rows == list(sheet.dossiers.values())
    assert len(rows) + report.passed_over.total() + sheet.headings == sheet.written


@settings(max_examples=25, deadline=None)
@given(workbooks())
def test_every_dossier_of_a_workbook_is_found_in_its_sheet(drawn: list[RandomSheet]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "so.xlsx"
        write_workbook(path, drawn)
        rows, report = read(path)
    shown = [sheet for sheet in drawn if not sheet.hidden and sheet.dossiers]
    assert rows == [dossier for sheet in shown for dossier in sheet.dossiers.values()]
    assert [told["name"] for told in report.sheets if not told["unread"]] == [sheet.name for sheet in shown]
    passed_over = sum(sheet.written - sheet.headings - len(sheet.dossiers) for sheet in shown)
    assert report.passed_over.total() == passed_over


JUNK = st.sampled_from(
    (
        "", " ", "x", "1", "(1)", "1.001193", "1.2E+13", "H99.01-231002-0001", "#N/A", "02/10/2023", "13/14/2023",
        "Tổng cộng", "Đang xử lý", "Mã hồ sơ", "Ngày tiếp nhận", "Mã TTHC", "Người lập biểu", "hai\ndòng", "\u200b",
        '="5"', "\ufffd", "0" * 70,
    )
)  # fmt: skip


@given(st.lists(st.lists(JUNK, max_size=9), min_size=1, max_size=12))
def test_every_row_of_any_table_is_accounted_for_or_the_file_is_refused(lines: list[list[str]]) -> None:
    content = as_csv(["TT", *COLUMNS], ["1", "H99.01-231002-0009", "1.001193", "4", "02/10/2023"], *lines)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "so.csv"
        path.write_bytes(content)
        reader = FileReader(FileToImport(path, path.suffix), FileLimits(64, JsonLimits(32, 1000)), KNOWN)
        try:
            rows = list(reader.rows())
        except FileError:
            return
    assert len(rows) + reader.report.passed_over.total() == 1 + sum(map(any, lines))
