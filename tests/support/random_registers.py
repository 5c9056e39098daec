"""Random registers as clerks keep them, with the row in which each dossier stands."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

import xlsxwriter
from hypothesis import strategies as st

from service.domain.calendar.local_time import VIETNAM
from tests.support.register_files import in_encoding

Cells = list[Any]
DATES = {
    "received_at": (("Ngày tiếp nhận", "received_at", "NgayTiepNhan", "Thời điểm tiếp nhận"), "Tiếp nhận"),
    "due_at": (("Ngày hẹn trả", "Hẹn trả kết quả", "Hạn xử lý", "NGÀY HẸN TRẢ (dd/mm/yyyy)"), "Hẹn trả"),
    "finished_at": (("Ngày kết thúc xử lý", "ngay hoan thanh", "9. Ngày xử lý xong"), "Kết thúc xử lý"),
}
WORDS = {
    "code": ("Mã hồ sơ", "Mã số\nhồ sơ", "MaHoSo", "Số biên nhận"),
    "procedure_code": ("Mã TTHC", "ma thu tuc", "Mã số TTHC"),
    "status": ("Trạng thái", "TÌNH TRẠNG HỒ SƠ"),
    "number": ("TT", "STT"),
    "person": ("Chủ hồ sơ", "Người nộp"),
    "note": ("Ghi chú",),
}
GROUPS = ("Ngày, tháng, năm", "Thời gian")
NOTES = ("", "x", "hai\ndòng", 'nói "được", rồi; thôi', "Tổng hợp sau", "1, 2; 3")
TITLES: tuple[Cells, ...] = (
    ["UBND XÃ MỘT"], [], ["SỔ THEO DÕI HỒ SƠ"], [None, "Từ ngày 01/10/2023 đến ngày 31/10/2023"], ["Cộng hòa xã hội"],
)  # fmt: skip
BETWEEN: tuple[Cells, ...] = (
    [],
    [],
    ["I", "Lĩnh vực đất đai"],
    ["Tổng cộng", None, 2],
    ["Cộng:", 3],
    [None, "II. Hộ tịch"],
)
SIGNED: tuple[Cells, ...] = (
    ["Người lập biểu", None, None, "THỦ TRƯỞNG ĐƠN VỊ"],
    [],
    ["(Ký, ghi rõ họ tên)"],
    [None, "Lê A"],
)
WRITTEN = ("%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%H:%M:%S %d/%m/%Y", "%Y%m%d%H%M%S", "%d.%m.%Y, %H:%M:%S")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258")
STATUSES = (("Đang xử lý", 4), ("Đã trả kết quả", 10), ("10", 10), ("Đã giải quyết đúng hạn", 9))


class Found(NamedTuple):
    """A dossier, and where it stands."""

    sheet: str | None
    row: int
    code: str
    moments: tuple[datetime | None, ...]
    status: int


@dataclass
class RandomSheet:
    """Lines of cells; dossiers: by the line in which each stands. headings: how many lines the first ones take."""

    name: str
    lines: list[Cells] = field(default_factory=list)
    dossiers: dict[int, Found] = field(default_factory=dict)
    headings: int = 1
    hidden: bool = False

    @property
    def written(self) -> int:
        """Return how many lines are not blank."""
        return sum(any(cell not in (None, "") for cell in line) for line in self.lines)


def moments() -> st.SearchStrategy[datetime]:
    return st.integers(0, 90 * 24 * 3600).map(lambda seconds: datetime(2023, 8, 1) + timedelta(seconds=seconds))


@st.composite
def headings(draw: st.DrawFn) -> tuple[list[str], list[Cells]]:
    """Draw an order of columns, and their headings in one line or two."""
    dates = draw(st.permutations(list(DATES)))
    others = draw(st.permutations(list(WORDS)))
    cut = draw(st.integers(0, len(others)))
    before, after = others[:cut], others[cut:]
    named = {name: draw(st.sampled_from(words)) for name, words in WORDS.items()}
    columns = [*before, *dates, *after]
    if draw(st.booleans()):
        return columns, [[named.get(name) or draw(st.sampled_from(DATES[name][0])) for name in columns]]
    upper = [named.get(name) for name in columns]
    upper[cut] = draw(st.sampled_from(GROUPS))
    return columns, [upper, [DATES[name][1] if name in DATES else None for name in columns]]


def in_three_lines(upper: Cells, lower: Cells) -> list[Cells]:
    """Put a heading over the group's, as the official form has it; the first line counts as a title."""
    group = next(text for text in upper if text in GROUPS)
    top = ["Nhận và trả kết quả" if text == group else text for text in upper]
    return [top, [text if text == group else None for text in upper], lower]


@st.composite
def sheets(draw: st.DrawFn, name: str, *, as_text: bool) -> RandomSheet:
    """Draw a sheet: titles, headings, dossiers among what is none, perhaps other headings, signatures."""
    sheet = RandomSheet(name, draw(st.lists(st.sampled_from(TITLES), max_size=4)))
    columns, lines = draw(headings())
    sheet.headings = len(lines)
    sheet.lines += in_three_lines(*lines) if len(lines) == 2 and draw(st.booleans()) else lines
    if draw(st.booleans()):
        sheet.lines.append([f"({number})" for number in range(1, len(columns) + 1)])
    written = {at: draw(st.sampled_from(WRITTEN)) for at in DATES}
    for number in range(draw(st.integers(1, 8))):
        sheet.lines += draw(st.lists(st.sampled_from(BETWEEN), max_size=2))
        if draw(st.integers(0, 5)) == 0:
            columns, lines = draw(headings())
            sheet.lines += lines
        told = {at: draw(st.none() | moments()) for at in DATES} | {"received_at": draw(moments())}
        word, status = draw(st.sampled_from(STATUSES))
        code = f"H99.01-23{draw(st.integers(1000, 1231))}-{name[-1]}{number:04}"
        cells: dict[str, Any] = {
            "code": code, "procedure_code": "1.001193", "status": word, "number": number + 1, "person": "Lê Thị B",
            "note": draw(st.sampled_from(NOTES)),
        }  # fmt: skip
        cells |= {at: _cell(moment, written[at], as_text) for at, moment in told.items()}
        sheet.lines.append([cells[column] for column in columns])
        row = len(sheet.lines)
        instants = tuple(moment and moment.replace(tzinfo=VIETNAM).astimezone(UTC) for moment in told.values())
        sheet.dossiers[row] = Found(None if as_text else name, row, code, instants, status)
    sheet.lines += draw(st.sampled_from(((), SIGNED)))
    return sheet


def _cell(moment: datetime | None, form: str, as_text: bool) -> Any:
    return moment if moment is None or not (as_text or form == WRITTEN[0]) else moment.strftime(form)


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[bytes, RandomSheet]:
    """Draw a register as CSV, in an encoding and with a separator."""
    sheet = draw(sheets("S1", as_text=True))
    separator = draw(st.sampled_from(",;\t|"))
    text = io.StringIO()
    if draw(st.booleans()):
        text.write(f"sep={separator}\r\n")
        sheet.dossiers = {row + 1: dossier._replace(row=row + 1) for row, dossier in sheet.dossiers.items()}
    quoting: Literal[0, 1] = csv.QUOTE_ALL if draw(st.booleans()) else csv.QUOTE_MINIMAL
    ending = draw(st.sampled_from(("\r\n", "\n")))
    csv.writer(text, delimiter=separator, quoting=quoting, lineterminator=ending).writerows(sheet.lines)
    return in_encoding(text.getvalue(), draw(st.sampled_from(ENCODINGS))), sheet


@st.composite
def workbooks(draw: st.DrawFn) -> list[RandomSheet]:
    """Draw the sheets of a workbook: some hidden, some without headings, at least one to be read."""
    drawn = [draw(sheets(f"Tháng {number}", as_text=False)) for number in range(1, draw(st.integers(1, 3)) + 1)]
    for sheet in drawn[1:]:
        sheet.hidden = draw(st.booleans())
    return [
        *([RandomSheet("Bìa", [["SỔ THEO DÕI"], [], ["Năm 2023"]], headings=0)] if draw(st.booleans()) else []),
        *drawn,
    ]


def write_workbook(path: Path, drawn: Sequence[RandomSheet]) -> None:
    """Write the sheets with Excel's dates."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        for sheet in drawn:
            page = book.add_worksheet(sheet.name)
            for at, line in enumerate(sheet.lines):
                page.write_row(at, 0, line)
        for page, sheet in zip(book.worksheets(), drawn, strict=True):
            if sheet.hidden:
                page.hide()
