"""A quotation mark that is not closed swallows rows: the file is refused, yet a cell of several lines is read."""

from pathlib import Path

import pytest

from service.formats.csv_files import read_csv
from service.formats.tables import FileError

CODE, NEXT, THIRD = (f"H23.45-231002-0000{number}" for number in (1, 2, 3))
WIDE = "Mã hồ sơ;Mã TTHC;Ngày tiếp nhận;Chủ hồ sơ;Hạn trả;Trạng thái;Ngày kết thúc xử lý;Ngày trả;Địa chỉ;Lệ phí"
SWALLOWED = {
    "rows of fewer cells than the headings": (
        f'{WIDE}\n{CODE};1.004873;02/10/2023;"Sao Mai\n{NEXT};1.004873;03/10/2023;B\n{THIRD};1.004873;02/10/2023;Mai"'
    ),
    "one row, as far as its name": (
        f'{WIDE}\n{CODE};1.004873;02/10/2023;"Sao Mai\n{NEXT};1.004873;03/10/2023;Mai";06/10/2023;Đang xử lý'
    ),
    "one row, as far as its code": f'{WIDE}\n{CODE};1.004873;02/10/2023;"Sao\n{NEXT}";1.004873;03/10/2023;B',
    "the name comes first": (
        f'Chủ hồ sơ;{WIDE}\n"Sao Mai;{CODE};1.004873;02/10/2023\nMai";{NEXT};1.004873;02/10/2023;C;06/10/2023'
    ),
    "the number and the name come first": (
        f'STT;Chủ hồ sơ;{WIDE}\n1;"Sao Mai;{CODE};1.004873;02/10/2023\n2;Mai";{NEXT};1.004873;02/10/2023;C'
    ),
    "a code without letters": (
        f'STT;{WIDE}\n8;0007/2023;Khai sinh;02/10/2023;"Sao\n9;0008/2023;Khai sinh;03/10/2023;Mai";06/10/2023'
    ),
    "most of the row's separators": f'{WIDE}\n{CODE};"Sao\nB;C;D;E;F;G;H;I;K"',
}
SEVERAL_LINES = {
    "an address with separators": f'{WIDE}\n{CODE};1.004873;02/10/2023;"A\nThôn 1; xã B; huyện C; tỉnh D";06/10/2023;x',
    "an address between dates": f'{WIDE}\n{CODE};1.004873;02/10/2023;"A\nxã B";12.000;06/10/2023;06/10/2023;06/10/2023',
    "telephones between dates": f'STT;{WIDE}\n123;02/10/2023;{CODE};1.004873;"091\n098";04/10/2023;06/10/2023;x',
    "codes that are meant": f'{WIDE}\n{CODE};1.004873;02/10/2023;"Xem\n{NEXT}; lần 2; 3 tờ\n{THIRD}";06/10/2023',
    "codes and dates that are meant": (
        f'Mã hồ sơ;Ngày tiếp nhận;Hạn trả;{WIDE}\n{CODE};02/10/2023;06/10/2023;"Xem\n{NEXT}; 03/10/2023";1.004873'
    ),
    "a list of dates": f'STT;{WIDE}\n1;{CODE};1.004873;02/10/2023;"Hẹn\n2; 02/10/2023; 1 lần; 05/10/2023";06/10/2023',
    "a heading": f'{WIDE};"Ghi chú\n(1); (2)"\n{CODE};1.004873;02/10/2023;B',
}


def rows(folder: Path, text: str) -> int:
    path = folder / "so.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return sum(1 for _ in read_csv(path).rows)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", SWALLOWED.values(), ids=SWALLOWED)
def test_rows_that_a_quotation_mark_swallows_refuse_the_file(tmp_path: Path, text: str, ending: str) -> None:
    with pytest.raises(FileError, match="Dòng 2: dấu ngoặc kép"):
        rows(tmp_path, text.replace("\n", ending))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", SEVERAL_LINES.values(), ids=SEVERAL_LINES)
def test_a_cell_of_several_lines_is_read(tmp_path: Path, text: str, ending: str) -> None:
    assert rows(tmp_path, text.replace("\n", ending)) == 2
