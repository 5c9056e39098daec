"""The rules of docs/imports.md one by one, read from small workbooks and text files: what is taken, and what is not."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from service.domain.dossier.events import DossierEvent, Rejection
from service.domain.dossier.snapshot import Snapshot
from service.domain.dossier.status_words import status_words
from service.formats.files import FileLimits, FileReader, FileToImport
from service.formats.json_records.text import JsonLimits
from service.formats.registers.rows import FileRow
from service.formats.registers.understanding import Understanding
from service.formats.tables import FileError
from tests.support.register_files import COLUMNS, as_csv, as_xlsx, row

DATES = COLUMNS[:2] + COLUMNS[3:]


class Read:
    """What a reader made of a file."""

    def __init__(self, path: Path) -> None:
        limits, known = FileLimits(64, JsonLimits(32, 1000)), Understanding({}, status_words(), {})
        reader = FileReader(FileToImport(path, path.suffix), limits, known)
        self.rows: list[FileRow] = list(reader.rows())
        self.report = reader.report

    def dossier(self) -> Snapshot:
        """Return the one dossier of the file."""
        (only,) = self.rows
        assert isinstance(only.news, DossierEvent), only.news
        return only.news.snapshot

    def errors(self) -> dict[str, list[str]]:
        """Return why its one row is rejected, by heading."""
        (only,) = self.rows
        assert isinstance(only.news, Rejection), only.news
        return only.news.errors


def read(folder: Path, *lines: list[Any]) -> Read:
    path = folder / "so.xlsx"
    path.write_bytes(as_xlsx(*lines))
    return Read(path)


def test_a_file_of_headings_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="chỉ có hàng tiêu đề"):
        read(tmp_path, ["SỔ"], COLUMNS)


def test_two_columns_of_the_return_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="hai cột cho Ngày trả"):
        read(tmp_path, [*COLUMNS, "Ngày trả", "Ngày trả thực tế"], [*row(), "06/10/2023", "09/10/2023"])


UNSURE = "Ngày nhận KQ, Ngày ký nhận, Ngày lấy KQ, Ngày giao trả, Ngày công dân nhận, Ngày xong, Trả thực tế, Thực tế"


@pytest.mark.parametrize("heading", [*UNSURE.split(", "), "Ngày phải trả", "Dự kiến trả"])
def test_a_date_that_may_be_the_end_or_the_promise_is_asked_about(tmp_path: Path, heading: str) -> None:
    known = [name for name in COLUMNS if not name.startswith(("Ngày hẹn", "Ngày kết thúc", "Ngày trả"))]
    values = [value for name, value in zip(COLUMNS, row(), strict=True) if name in known]
    with pytest.raises(FileError, match=heading):
        read(tmp_path, [*known, heading], [*values, "06/10/2023"])


@pytest.mark.parametrize("second", ["Ngày hẹn trả", "NgayHenTra", "due_at"])
def test_two_exact_headings_for_one_field_refuse_the_file(tmp_path: Path, second: str) -> None:
    with pytest.raises(FileError, match="hai cột cho Ngày hẹn trả"):
        read(tmp_path, [*COLUMNS, second], [*row(), "06/10/2023"])


def test_a_row_with_more_cells_than_headings_is_rejected(tmp_path: Path) -> None:
    errors = read(tmp_path, COLUMNS, [*row(), None, "x"]).errors()
    assert "ô H2 không có tiêu đề" in errors["dòng (row)"][0]


@pytest.mark.parametrize("code", ["2.02E+13", 2.02e15, 1e300, True, datetime(2023, 10, 2)])
def test_a_code_that_is_no_text_any_more_is_rejected(tmp_path: Path, code: Any) -> None:
    assert list(read(tmp_path, COLUMNS, row(code)).errors()) == ["Mã hồ sơ"]


@pytest.mark.parametrize(
    ("dates", "status"),
    [
        (["02/10/2023", "06/10/2023", None], 4),
        (["02/10/2023", "06/10/2023", "04/10/2023"], 9),
    ],
)
def test_a_file_without_a_status_is_told_by_its_dates(tmp_path: Path, dates: list[Any], status: int) -> None:
    register = read(tmp_path, DATES, ["H23.45-231002-0001", "1.004873", *dates])
    assert (register.dossier().status, register.report.as_dict()["status_derived"]) == (status, True)


def test_an_empty_status_beside_others_is_rejected(tmp_path: Path) -> None:
    assert "trống (empty)" in read(tmp_path, COLUMNS, row(status=None)).errors()["Trạng thái"][0]


def test_a_fraction_of_a_second_is_rounded_to_what_excel_shows(tmp_path: Path) -> None:
    """17:00:00 as Excel keeps it, a few microseconds early or late, is 17:00:00."""
    for shown in (datetime(2023, 10, 2, 16, 59, 59, 999_999), datetime(2023, 10, 2, 17, 0, 0, 3)):
        received = read(tmp_path, COLUMNS, row(received=shown)).dossier().received_at
        assert received is not None
        assert f"{received:%H:%M:%S.%f}" == "10:00:00.000000"


def test_a_hidden_sheet_is_named_as_unread(tmp_path: Path) -> None:
    book = Workbook()
    for name in ("Hiện", "Ẩn"):
        sheet = book.create_sheet(name)
        sheet.append(COLUMNS)
        sheet.append(row())
    book["Ẩn"].sheet_state = "hidden"
    book.save(tmp_path / "so.xlsx")
    report = Read(tmp_path / "so.xlsx").report.as_dict()
    assert report["sheets"] == ["Hiện"]
    assert [(sheet["name"], "ẩn" in sheet["unread"]) for sheet in report["unread"]["sheets"]][-1] == ("Ẩn", True)


def test_a_web_page_saved_as_csv_is_named(tmp_path: Path) -> None:
    (tmp_path / "so.csv").write_text("\n<HTML><table><tr><td>Mã hồ sơ</td></tr></table>", "utf-8")
    with pytest.raises(FileError, match="trang web"):
        Read(tmp_path / "so.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_text_is_read_with_every_separator(tmp_path: Path, separator: str, encoding: str) -> None:
    text = as_csv(COLUMNS, row()).decode().replace(",", separator)
    (tmp_path / "so.csv").write_bytes(text.encode(encoding))
    assert Read(tmp_path / "so.csv").dossier().code == "H23.45-231002-0001"


@pytest.mark.parametrize("heading", ["Hạn cuối", "Ngày kết thúc dự án", "Hẹn", "HOÀN THÀNH", "Trả kết quả đợt 1"])
def test_a_heading_that_may_be_a_needed_date_refuses_the_file(tmp_path: Path, heading: str) -> None:
    with pytest.raises(FileError, match="--map"):
        read(tmp_path, [*COLUMNS, heading], [*row(), "06/10/2023"])


def test_every_other_unread_column_is_listed(tmp_path: Path) -> None:
    columns = read(tmp_path, ["TT", *COLUMNS, "Ghi chú"], [1, *row(), "x"]).report.as_dict()["unread"]["columns"]
    assert [(column["column"], column["heading"]) for column in columns] == [("A", "TT"), ("H", "Ghi chú")]


def test_utf_8_that_was_taken_for_latin_letters_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="UTF-8 đọc nhầm"):
        read(tmp_path, [heading.encode().decode("latin-1") for heading in COLUMNS], row())


@pytest.mark.parametrize(
    "name", ["UBND xÃ£ Má»™t", "UBND xã Đông".encode().decode("latin-1"), "UBND x· Mét", "UÛy ban xaõ Moät"]
)
def test_a_name_in_other_letters_rejects_its_row(tmp_path: Path, name: str) -> None:
    assert list(read(tmp_path, [*COLUMNS, "Đơn vị"], [*row(), name]).errors()) == ["Đơn vị xử lý"]


@pytest.mark.parametrize("name", ["UBND xã Hòa", "Sở Y tế", "Café São", "ĐÀ NẴNG", "m² · Đất"])
def test_a_name_in_unicode_is_taken(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, [*COLUMNS, "Đơn vị"], [*row(), name]).dossier().code == "H23.45-231002-0001"


@pytest.mark.parametrize(
    ("code", "warned"),
    [
        ("TTHC 1.001193", ("procedure_code_inside",)),
        ("1.001193.000.00.00.H23", ()),
        ("1.00119", ("procedure_code_short",)),
    ],
)
def test_a_procedure_code_of_another_shape_is_warned_about(tmp_path: Path, code: str, warned: tuple[str, ...]) -> None:
    (only,) = read(tmp_path, COLUMNS, row(procedure=code)).rows
    assert tuple(warning.kind for warning in only.warnings) == warned


def test_all_headings_to_settle_are_told_at_once_each_with_its_own_way_out(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        read(tmp_path, [*COLUMNS, "Hạn nội bộ", "Ngày trả", "Ngày trả thực tế"], [*row(), "06/10/2023"])
    lines = str(refused.value).splitlines()
    assert ["hai cột cho Ngày trả" in lines[0], "--ignore 'Hạn nội bộ'" in lines[1]] == [True, True]
    assert "tệp đã có Ngày hẹn trả ở cột E" in lines[1]
    assert len(lines) == 3  # the last one says once what is common to all


@pytest.mark.parametrize(
    ("heading", "suggested"),
    [("Hạn cuối", "Ngày hẹn trả"), ("Ngày hoàn thành bước 1", "Ngày kết thúc xử lý"), ("Ngày lấy KQ", "Ngày trả")],
)
def test_the_suggested_map_names_the_field_that_the_heading_speaks_of(
    tmp_path: Path, heading: str, suggested: str
) -> None:
    with pytest.raises(FileError, match=f"--map '{heading}={suggested}'"):
        read(tmp_path, [*COLUMNS[:4], heading], [*row()[:4], "06/10/2023"])


def test_a_missing_heading_is_told_with_the_words_that_are_accepted_and_its_own_map(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        read(tmp_path, ["Mã hồ sơ", "Tên TTHC", "Ngày tiếp nhận", "Hạn cuối"], ["H23.45-1", "x", "02/10/2023", None])
    text = str(refused.value)
    assert "Mã thủ tục hành chính" in text and "=Mã TTHC'" in text
    assert "tên thủ tục mà không có mã" in text and "--map 'Hạn cuối=Ngày hẹn trả'" in text


OFFICIAL: list[list[Any]] = [
    ["TT", "Mã hồ sơ", "Mã TTHC", "Ngày, tháng, năm", None, None, "Trả kết quả", None, None],
    [None, None, None, "Nhận hồ sơ", "Hẹn trả kết quả", "Nhận kết quả từ cơ quan giải quyết", "Ngày, tháng, năm",
     "Phương thức nhận kết quả", "Ký nhận"],
    [1, "H23.45-231002-0001", "1.004873", "02/10/2023", "06/10/2023", "04/10/2023", "09/10/2023", "Trực tiếp"],
]  # fmt: skip


def test_the_template_register_is_read_without_a_question(tmp_path: Path) -> None:
    dossier = read(tmp_path, *OFFICIAL).dossier()
    assert [f"{moment:%d/%m}" for moment in (dossier.finished_at, dossier.returned_at) if moment] == ["03/10", "08/10"]


def test_a_day_month_and_year_before_a_heading_is_a_date(tmp_path: Path) -> None:
    headings = ["Mã hồ sơ", "Mã TTHC", "Ngày, tháng, năm tiếp nhận hồ sơ", "Ngày, tháng, năm hẹn trả kết quả"]
    assert read(tmp_path, headings, ["H23.45-1", "1.004873", "02/10/2023", "06/10/2023"]).dossier().due_at


def sheets(folder: Path, **named: list[list[Any]]) -> Read:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, lines in named.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(folder / "so.xlsx")
    return Read(folder / "so.xlsx")


def test_rows_of_a_sheet_without_headings_are_counted_and_known_for_dossiers(tmp_path: Path) -> None:
    register = sheets(
        tmp_path, T9=[COLUMNS, row()], T10=[row("H23.45-2"), row("H23.45-3")], Note=[["Ghi chú"], ["x"], ["y"]]
    )
    unread = register.report.as_dict()["unread"]["sheets"]
    assert [(sheet["name"], sheet["rows"], sheet["dossiers"]) for sheet in unread] == [
        ("T10", 2, True),
        ("Note", 3, False),
    ]
    assert "chép hàng tiêu đề" in unread[0]["unread"]


def test_one_heading_on_every_sheet_is_asked_about_once(tmp_path: Path) -> None:
    month = [[*COLUMNS, "Hạn cuối"], [*row(), None]]
    with pytest.raises(FileError) as refused:
        sheets(tmp_path, T9=month, T10=month, T11=[[*COLUMNS, "Hạn nội bộ"], [*row(), None]])
    text = str(refused.value)
    assert (text.count("--ignore 'Hạn cuối'"), text.count("--ignore 'Hạn nội bộ'")) == (1, 1)


def test_the_accepted_statuses_are_listed_once_a_file(tmp_path: Path) -> None:
    register = read(
        tmp_path, COLUMNS, row("H23.45-1", status=None), row("H23.45-2", status="Lạ"), row("H23.45-3", status="x")
    )
    told = [each.news.errors["Trạng thái"][0] for each in register.rows if isinstance(each.news, Rejection)]
    assert ["Đã xử lý xong (9)" in text for text in told] == [True, False, False]
    assert "xóa cả cột" in told[0] and "ô sai đầu tiên" in told[1]


@pytest.mark.parametrize("words", ["Chưa trả", "chưa có kết quả", "CHƯA XONG", "Không có", "Đang xử lý"])
def test_words_for_not_yet_in_the_cell_of_an_end_are_no_end_and_told(tmp_path: Path, words: str) -> None:
    register = read(tmp_path, COLUMNS, row(finished=words))
    assert register.dossier().finished_at is None
    assert [warning.kind for warning in register.rows[0].warnings] == ["not_yet"]


def test_other_words_in_the_cell_of_an_end_are_rejected(tmp_path: Path) -> None:
    assert "để trống" in read(tmp_path, COLUMNS, row(finished="hôm qua")).errors()["Ngày kết thúc xử lý"][0]


@pytest.mark.parametrize("written", ["h23.45", "H 23.45", "H23. 45"])
def test_a_unit_in_small_letters_or_with_blanks_is_read_and_told(tmp_path: Path, written: str) -> None:
    register = read(tmp_path, [*COLUMNS, "Mã đơn vị"], [*row("1"), written])
    kinds = [warning.kind for warning in register.rows[0].warnings]
    assert (register.dossier().unit_code, kinds) == ("H23.45", ["unit_code_mended"])


def test_an_empty_cell_says_what_to_write(tmp_path: Path) -> None:
    errors = read(tmp_path, [*COLUMNS, "Mã đơn vị"], [*row("1", procedure=None), None]).errors()
    assert "ví dụ 1.001193" in errors["Mã TTHC"][0] and "ví dụ H23.45" in errors["Mã đơn vị"][0]


def test_a_reason_names_the_heading_as_the_file_has_it(tmp_path: Path) -> None:
    headings = [*COLUMNS[:4], "Hẹn trả KQ"]
    assert "(cột “Hẹn trả KQ”)" in read(tmp_path, headings, [*row()[:4], "x"]).errors()["Ngày hẹn trả"][0]


def test_only_statuses_and_channels_have_a_list_that_is_told_once(tmp_path: Path) -> None:
    register = read(tmp_path, COLUMNS, row("0001"), row("0002"))
    told = [each.news.errors["Mã hồ sơ"][0] for each in register.rows if isinstance(each.news, Rejection)]
    assert ["Không thấy mã đơn vị" in text for text in told] == [True, True]
