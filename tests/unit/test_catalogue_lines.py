"""The cells of a catalogue file: what each must be, how a refusal names it, and that a file is taken whole or not."""

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from service.formats.tables import BadCell, Cell, FileError
from service.ingest.catalogues.lines import CatalogueFile, CatalogueLine, make_each, period, refuse
from tests.support.catalogue_lines import made_line, reason

PROCEDURES = "code;name;field_code;field_name;limit_amount"


# Cells


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("x!", " “x!”"),
        (7, " “7”"),
        (1.5, " “1.5”"),
        ("A" * 41, f" “{'A' * 40}”"),
        ("", ""),
        (None, ""),
        (date(2023, 7, 1), ""),
    ],
)
def test_a_refusal_names_the_cell_its_heading_and_what_stands_there(cell: Cell, shown: str) -> None:
    refused = made_line("units", name="A", code=cell).wrong("code", "must_be_filled")
    assert str(refused) == f"Ô (cell) B2: Mã đơn vị (code){shown}: Không được để trống (must not be empty)"


def test_of_a_column_that_the_file_lacks_no_cell_is_named() -> None:
    refused = made_line("units", code="H23").wrong("level", "must_be_filled")
    assert str(refused) == "Cấp (level): Không được để trống (must not be empty)"


@pytest.mark.parametrize(
    ("cell", "text"), [("  Sở  Một ", "Sở Một"), (12, "12"), (12.0, "12"), ("", None), (None, None)]
)
def test_a_cell_is_read_as_a_person_sees_it(cell: Cell, text: str | None) -> None:
    assert made_line("units", name=cell).text("name") == text


@pytest.mark.parametrize("name", ["code", "unit_code", "parent_code", "field_code", "procedure_code"])
def test_a_code_that_is_a_number_without_all_its_digits_is_refused(name: str) -> None:
    line = made_line("procedures" if name == "field_code" else "units", code="", parent_code="", field_code="")
    cells = {**line.row.cells, name: 2.02e15}
    words = {**line.headings.words, name: ("Mã",)}
    read = line._replace(row=line.row._replace(cells=cells), headings=line.headings._replace(words=words))
    assert "đã mất chữ số" in reason(lambda: read.text(name))


def test_a_name_may_be_a_long_number() -> None:
    assert made_line("units", name=2.02e15).text("name") == "2020000000000000.0"


def test_a_long_dash_in_a_code_is_a_hyphen() -> None:
    assert made_line("procedures", field_code="HT–1").text("field_code") == "HT-1"


def test_a_long_dash_in_a_name_stays() -> None:
    assert made_line("units", name="Sở–Một").text("name") == "Sở–Một"


@pytest.mark.parametrize("cell", [True, date(2023, 7, 1)])
def test_a_date_or_a_boolean_is_no_name(cell: Cell) -> None:
    assert reason(lambda: made_line("units", name=cell).text("name")).startswith(
        "Ô (cell) A2: Tên đơn vị (name)" + (" “True”" if cell is True else "") + ": Phải là chữ"
    )


def test_an_error_in_a_cell_is_refused_with_its_place() -> None:
    said = reason(lambda: made_line("units", name=BadCell("#REF!")).text("name"))
    assert said.startswith("Ô (cell) A2: Tên đơn vị (name): Ô báo lỗi #REF!")


@pytest.mark.parametrize(
    ("catalogue", "name", "heading"),
    [
        ("units", "name", "Tên đơn vị (name)"),
        ("units", "code", "Mã đơn vị (code)"),
    ],
)
def test_a_text_that_cannot_be_printed_is_refused_with_its_place(catalogue: str, name: str, heading: str) -> None:
    said = reason(lambda: made_line(catalogue, **{name: "Sở\x07Một"}).text(name))
    assert said.startswith(f"Ô (cell) A2: {heading} “Sở Một”: Có ký tự điều khiển")


def test_a_text_has_three_hundred_letters_at_most() -> None:
    assert made_line("units", name="A" * 300).text("name") == "A" * 300


def test_a_longer_text_is_refused_with_the_limit() -> None:
    said = reason(lambda: made_line("units", name="A" * 301).text("name"))
    assert said.endswith(f"Tên đơn vị (name) “{'A' * 40}”: Dài quá 300 ký tự (longer than 300 characters)")


def test_a_needed_text_has_three_hundred_letters_at_most() -> None:
    assert made_line("units", name="A" * 300).required("name") == "A" * 300


def test_a_longer_needed_text_is_refused() -> None:
    assert "Dài quá 300 ký tự" in reason(lambda: made_line("units", name="A" * 301).required("name"))


def test_a_needed_text_may_have_a_limit_of_its_own() -> None:
    assert "Dài quá 35 ký tự" in reason(lambda: made_line("units", code="A" * 36).required("code", 35))


def test_a_needed_cell_that_is_empty_is_refused() -> None:
    said = reason(lambda: made_line("units", name=" ").required("name"))
    assert said == "Ô (cell) A2: Tên đơn vị (name) “ ”: Không được để trống (must not be empty)"


@pytest.mark.parametrize(
    ("cell", "code", "note"),
    [
        (1.00119, "1.001190", "đã thêm số 0"),
        ("1,001193", "1.001193", "viết dấu phẩy"),
        ("1.00119", "1.00119", "có vẻ thiếu số 0"),
        ("TTHC 1.001193", "TTHC 1.001193", "có chữ đứng trước mã"),
    ],
)
def test_a_procedures_code_that_was_mended_or_is_doubtful_is_noted(cell: Cell, code: str, note: str) -> None:
    line = made_line("procedures", code=cell)
    assert line.procedure_code("code") == code
    assert line.notes[0].startswith("dòng (row) 2: Mã TTHC ")
    assert note in line.notes[0]


def test_a_procedures_code_that_is_plain_is_not_noted() -> None:
    line = made_line("procedures", code="1.001193")
    assert (line.procedure_code("code"), line.notes) == ("1.001193", [])


def test_a_procedure_needs_a_code() -> None:
    assert "Không được để trống" in reason(lambda: made_line("procedures", code=None).procedure_code("code"))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("Có", True), ("X", True), (1, True), ("Làm bù", True), ("no", False), (0, False), ("NGHỈ", False), ("", None)],
)
def test_a_cell_says_yes_or_no_or_nothing(cell: Cell, expected: bool | None) -> None:
    assert made_line("days", working=cell).yes_or_no("working") is expected


def test_another_word_for_yes_or_no_is_refused() -> None:
    said = reason(lambda: made_line("days", working="có lẽ").yes_or_no("working"))
    assert said.startswith("Ô (cell) A2: Làm việc (working) “có lẽ”: Ghi có hoặc không")


@pytest.mark.parametrize(
    "cell", ["2023-07-01", "01/07/2023", "1.7.2023", "ngày 1 tháng 7 năm 2023", "01/07/2023 08:30", date(2023, 7, 1)]
)
def test_a_cell_is_a_day(cell: Cell) -> None:
    assert made_line("days", date=cell).day("date") == date(2023, 7, 1)


def test_an_empty_cell_is_no_day() -> None:
    assert made_line("days", date="").day("date") is None


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("31/02/2023", "Phải là ngày có thật"),
        ("mai", "Phải là ngày có thật"),
        ("10/13/2023", "Phải là ngày có thật"),
        ("01/07/23", "Năm chỉ có hai chữ số"),
        ("Thứ hai, 01/07/2023", "Thứ không khớp với ngày"),
    ],
)
def test_a_cell_that_is_no_certain_day_is_refused_with_the_reason(cell: str, said: str) -> None:
    refused = reason(lambda: made_line("days", date=cell).day("date"))
    assert refused.startswith(f"Ô (cell) A2: Ngày (date) “{cell}”: {said}")


# Days from which and to which a line holds


@pytest.mark.parametrize(
    ("first", "last"),
    [("2023-07-01", "2023-07-01"), ("2023-07-01", "2023-07-02"), ("2023-07-01", ""), ("", "2023-07-01"), ("", "")],
)
def test_a_line_holds_between_two_days_that_may_be_open(first: str, last: str) -> None:
    days = tuple(date.fromisoformat(day) if day else None for day in (first, last))
    assert period(made_line("units", valid_from=first, valid_to=last)) == days


def test_a_line_cannot_end_before_it_begins() -> None:
    said = reason(lambda: period(made_line("units", valid_from="2023-07-02", valid_to="2023-07-01")))
    assert said.startswith("Ô (cell) B2: Hiệu lực đến (valid_to) “2023-07-01”: Ngày này trước Hiệu lực từ")


# Files


def file_of(folder: Path, *lines: str) -> CatalogueFile:
    path = folder / "dm.csv"
    path.write_text("\n".join(lines), "utf-8")
    return CatalogueFile(path, 1)


def told(folder: Path, *lines: str) -> tuple[str, ...]:
    """Return what a file of procedures is refused for, or what is noted about it."""
    try:
        return tuple(file_of(folder, PROCEDURES, *lines).lines("procedures")[1])
    except FileError as error:
        return tuple(str(error).splitlines())


def test_every_gap_in_a_needed_column_is_refused_at_once(tmp_path: Path) -> None:
    said = told(tmp_path, "1.1;A;G;Đ;5 ngày", ";A;G;Đ;5 ngày", "1.3;;G;Đ;5 ngày", "1.4;A;G;;5 ngày")
    assert [text.partition(": Không được để trống")[0] for text in said] == [
        "dòng (row) 3: Ô (cell) A3: Mã TTHC (code)",
        "dòng (row) 4: Ô (cell) B4: Tên TTHC (name)",
        "dòng (row) 5: Ô (cell) D5: Lĩnh vực (field_name)",
    ]


def test_a_needed_column_that_is_empty_is_noted_once(tmp_path: Path) -> None:
    assert told(tmp_path, "1.1;A;;Đ;5 ngày", "1.2;A;;Đ;5 ngày") == (
        "Cột Mã lĩnh vực (field_code) trống cả cột: không có giá trị nào được nhập từ cột này"
        " (the whole column is empty: nothing of it is imported)",
    )


def test_a_column_of_limits_that_is_empty_is_noted_once(tmp_path: Path) -> None:
    [note] = told(tmp_path, "1.1;A;G;Đ;", "1.2;A;G;Đ;")
    assert note.startswith("Cột Thời hạn (limit_amount) trống cả cột")


def test_each_empty_limit_is_noted_with_its_line(tmp_path: Path) -> None:
    assert told(tmp_path, "1.1;A;G;Đ;", "1.2;A;G;Đ;5 ngày", "1.3;A;G;Đ;") == tuple(
        f"dòng (row) {number}: Thời hạn trống: được hiểu là không có thời hạn (read as no time limit)"
        for number in (2, 4)
    )


def test_a_file_with_headings_alone_has_no_lines_and_no_notes(tmp_path: Path) -> None:
    assert file_of(tmp_path, PROCEDURES).lines("procedures") == ([], [])


def test_the_lines_add_their_notes_to_those_of_the_file(tmp_path: Path) -> None:
    lines, notes = file_of(tmp_path, f"{PROCEDURES};Khác", "1.1;A;G;Đ;5 ngày;x").lines("procedures")
    lines[0].notes.append("mended")
    assert notes == ["cột “Khác”", "mended"]


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dm.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Mã đơn vị", "Tên đơn vị"])
        for number in range(1, 30):
            sheet.write_row(number, 0, [f"H23.{number}", "A" * 30_000 + str(number)])
    with pytest.raises(FileError, match="quá lớn"):
        CatalogueFile(path, 0).lines("units")
    assert len(CatalogueFile(path, 1).lines("units")[0]) == 29


def codes(*cells: str) -> list[CatalogueLine]:
    lines = [made_line("units", code=cell) for cell in cells]
    return [line._replace(row=line.row._replace(number=number)) for number, line in enumerate(lines, 2)]


def test_each_line_is_made_in_the_order_of_the_file() -> None:
    lines = codes("B", "A")
    assert make_each(lines, lambda line: line.required("code"), str) == [(lines[0], "B"), (lines[1], "A")]


def test_every_wrong_and_every_repeated_line_is_refused_at_once() -> None:
    with pytest.raises(FileError) as refused:
        make_each(codes("A", "", "A", "B", "A"), lambda line: line.required("code"), lambda code: f"<{code}>")
    assert str(refused.value).splitlines() == [
        "dòng (row) 3: Ô (cell) A3: Mã đơn vị (code): Không được để trống (must not be empty)",
        "dòng (row) 4: <A> đã có ở dòng (row) 2; giữ một dòng (a duplicate: keep one)",
        "dòng (row) 6: <A> đã có ở dòng (row) 2; giữ một dòng (a duplicate: keep one)",
    ]


def test_fifty_errors_are_all_told() -> None:
    with pytest.raises(FileError) as refused:
        refuse([str(number) for number in range(50)])
    assert str(refused.value).splitlines() == [*map(str, range(50))]


def test_of_more_errors_fifty_are_told_and_the_rest_counted() -> None:
    with pytest.raises(FileError) as refused:
        refuse([str(number) for number in range(53)])
    assert str(refused.value).splitlines() == [*map(str, range(50)), "… và 3 dòng sai nữa (and more lines)"]


def test_no_errors_refuse_nothing() -> None:
    refuse([])
