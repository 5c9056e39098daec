"""What a register says in a way that could be taken for something else."""

import pytest

from service.domain.dossier.events import Rejection
from service.domain.dossier.status_words import status_words
from service.formats.messages import told
from service.formats.registers.cells import BadValue, code
from service.formats.registers.heading_rows import choose_columns, find_headings
from service.formats.registers.rows import FileRow
from service.formats.registers.sheets import NO_HEADING, ReadingReport, SheetReader
from service.formats.registers.understanding import Understanding
from service.formats.tables import FileError, Sheet, TableRow
from service.ingest.file_import import settled_headings

UPPER = ["Mã hồ sơ", "Mã TTHC", "Ngày tiếp nhận", "Ngày trả kết quả", "Trạng thái"]


def fields(over: str, left: str, right: str) -> dict[str, int]:
    upper = TableRow(1, [*UPPER[:3], over, None])
    lower = TableRow(2, [None, None, None, left, right])
    return choose_columns(find_headings(upper, lower, {}), "Sheet", 1).fields


@pytest.mark.parametrize(
    ("over", "left", "right"),
    [
        pytest.param("Ngày trả kết quả", "Dự kiến", "Thực tế", id="expected"),
        pytest.param("Ngày trả kết quả", "Theo quy định", "Thực tế", id="by the rule"),
        pytest.param("Ngày trả kết quả", "Hẹn trả", "Thực trả", id="promised"),
        pytest.param("Thời gian trả kết quả", "Dự kiến", "Thực tế", id="time"),
        pytest.param("Trả kết quả", "Ngày hẹn", "Ngày trả", id="dates below"),
    ],
)
def test_a_heading_over_the_promise_and_the_return_is_neither(over: str, left: str, right: str) -> None:
    columns = fields(over, left, right)
    assert (columns["due_at"], columns["returned_at"]) == (3, 4)


def test_a_date_over_headings_that_are_not_understood_is_refused() -> None:
    with pytest.raises(FileError, match="Ngày trả kết quả – Lần 1"):
        fields("Ngày trả kết quả", "Lần 1", "Lần 2")


def test_a_dossier_below_one_line_of_headings_is_no_heading() -> None:
    row = TableRow(2, ["H23.45-231001-0001", "1.004873", None, "chưa trả", "ghi chú"])
    assert choose_columns(find_headings(TableRow(1, UPPER), row, {}), "Sheet", 1).fields["returned_at"] == 3


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("H23.63-261110-0003, H23.63-261110-0004", id="comma"),
        pytest.param("H23.63-261110-0003\nH23.63-261110-0004", id="line break"),
        pytest.param("1.004873;1.001190", id="procedures"),
    ],
)
def test_several_codes_in_one_cell_are_not_one_code(cell: str) -> None:
    with pytest.raises(BadValue, match="nhiều mã"):
        code(cell)


def test_one_code_is_one_code() -> None:
    assert code("H23.45-231001-0001").value == "H23.45-231001-0001"
    assert code("1.004873.000.00.00.H23").value == "1.004873.000.00.00.H23"


def test_a_filled_column_without_a_heading_is_named() -> None:
    rows = [
        TableRow(1, ["Mã hồ sơ", "Mã TTHC", "Ngày tiếp nhận", None, "Trạng thái"]),
        TableRow(2, ["H23.45-231002-0001", "1.004873", "02/10/2023", None, "Đang xử lý"]),
        TableRow(3, ["H23.45-231002-0002", "1.004873", "02/10/2023", "09/10/2023", "Đang xử lý"]),
    ]
    report = ReadingReport()
    list(SheetReader(Understanding({}, status_words(), {}), report).read(Sheet("Sổ", iter(rows))))
    assert report.columns == [{"sheet": "Sổ", "column": "D", "heading": NO_HEADING}]


def test_a_heading_that_the_file_does_not_have_cannot_be_mapped() -> None:
    rows = [TableRow(1, UPPER), TableRow(2, ["H23.45-231002-0001", "1.004873", "02/10/2023", None, None])]
    mapped = settled_headings(["Không có cột này=due_at"], [])
    reader = SheetReader(Understanding(mapped, status_words(), {}, mapped), ReadingReport())
    list(reader.read(Sheet("Sổ", iter(rows))))
    with pytest.raises(FileError, match="due_at"):
        reader.finish()


def test_a_rejected_row_shows_the_zeros_of_its_procedure() -> None:
    row = FileRow(2, {"code": "A", "procedure_code": 1.00119}, Rejection("A", {}))
    assert row.shown == {"code": "A", "procedure_code": "1.001190"}


def test_a_unit_that_the_code_does_not_tell_is_a_fault_of_the_code() -> None:
    rows = [
        TableRow(1, ["Mã hồ sơ", "Mã TTHC", "Ngày tiếp nhận", "Ngày trả", "Trạng thái"]),
        TableRow(2, ["hồ sơ 12", "1.004873", "02/10/2023", None, "Đang xử lý"]),
    ]
    (row,) = SheetReader(Understanding({}, status_words(), {}), ReadingReport()).read(Sheet("Sổ", iter(rows)))
    assert isinstance(row.news, Rejection)
    assert row.news.errors == {"Mã hồ sơ": [f"Ô (cell) A2 “…”: {told('no_unit_in_code')}"]}
