"""Form II.06a/VPCP/KSTT (Circular 01/2020/TT-VPCP): its content, from one report.

The form has no column for withdrawn, stopped, no-deadline and paused dossiers. As local practice is, (9) "on time"
takes in the first three, and (12) "in time" the paused ones; (13) those that were paused overdue. Each row's note says
how many these are.
In every row: (3) = (4) + (5) + (6) = (7) + (11), (7) = (8) + (9) + (10), (11) = (12) + (13).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy.orm import Session

from service.domain.calendar.local_time import local_clock, local_day
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.json_beside import json_beside
from service.domain.statistics.counts import Counts
from service.domain.statistics.questions import GroupCounts, Question, Report
from service.domain.units import Unit
from service.reporting.report import Counting
from service.reporting.report_json import coverage_text, overdue_text
from service.reporting.words.numbers import number

NO_FIELD = "Không ghi lĩnh vực"
TITLE = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT TTHC"
CONSOLIDATED_TITLE = "TỔNG HỢP TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TRÊN ĐỊA BÀN, THEO CẤP VÀ LĨNH VỰC"
FORM = "Biểu số II.06a/VPCP/KSTT"
LAW = "Ban hành theo Thông tư số 01/2020/TT-VPCP"
HIGHEST_OFFICE = "Văn phòng Chính phủ"
COLUMN_2 = "Lĩnh vực, công việc giải quyết theo cấp"
_TABLES = json_beside(__file__)
HEADER: Sequence[tuple[int, int, int, int, str]] = _TABLES["header"]
"""The cells of the three header rows: first row, first column, last row, last column, text."""
NUMBERS: Sequence[str] = _TABLES["numbers"]
"""The numbers that the circular gives the columns."""
WITHOUT_COLUMN: Sequence[tuple[str, int, str]] = _TABLES["without_column"]
"""Counts without a column in the form: the count, the column that takes it in, its name."""
LEVELS: Sequence[tuple[str, Sequence[str | None]]] = _TABLES["levels"]
"""The levels of the consolidated form, in its order, each with the levels of units that it takes in."""


def flat_header() -> tuple[str, ...]:
    """Return the headings of columns (3) to (13) as one row."""
    above = ([text for _, first, _, last, text in HEADER if first <= column <= last] for column in range(2, 13))
    return tuple(f"{group}: {' - '.join(names)}" for group, *names in above)


class FormRow(NamedTuple):
    """One row of the form: a field, a level or the total."""

    number: str
    name: str
    code: str | None
    counts: Counts
    heading: bool = False

    @property
    def cells(self) -> tuple[int, ...]:
        """Return columns (3) to (13)."""
        c = self.counts
        return (
            c.workload,
            c.received_online,
            c.received_direct + c.received_postal,
            c.carried_over,
            c.closed,
            c.early,
            c.on_time + c.no_deadline + c.withdrawn + c.stopped,
            c.late,
            c.in_progress,
            c.open_in_time + c.paused_in_time,
            c.open_overdue + c.paused_overdue,
        )

    @property
    def without_column(self) -> dict[str, int]:
        """Return the counts without a column of their own, and `paused`, the sum of both kinds of paused dossiers."""
        names = [name for name, _, _ in WITHOUT_COLUMN]
        return {name: getattr(self.counts, name) for name in (*names, "paused")}

    @property
    def note(self) -> str:
        """Say which columns also count dossiers without a column of their own, and how many; "" for none."""
        parts = []
        for column in (9, 12, 13):
            named = [(getattr(self.counts, name), text) for name, at, text in WITHOUT_COLUMN if at == column]
            phrases = [f"{number(count, 'vi')} hồ sơ {text}" for count, text in named if count]
            if phrases:
                parts.append(f"cột ({column}) gồm cả {', '.join(phrases)}")
        return "; ".join(parts)


class Form(NamedTuple):
    """The form's content: its title block, rows and total, its notes, and who signs where and when."""

    title: str
    lines: tuple[str, ...]
    rows: tuple[FormRow, ...]
    total: FormRow
    notes: tuple[str, ...]
    place_and_date: str


def form_reports(session: Session, question: Question, hours: OfficeHours) -> tuple[Report, Report | None]:
    """Answer the form's question by field, and for a province also by level and field."""
    counting = Counting.of(session, replace(question, group_by=("level", "field")), hours)
    by_field = counting.report("field")
    return by_field, counting.report("level", "field") if by_field.unit.level == "province" else None


def fill(report: Report) -> Form:
    """Fill the form from a report grouped by field."""
    shown = [group for group in report.groups if group.counts.workload]
    rows = [
        FormRow(str(number), _field_name(group), group.key.code, group.counts) for number, group in enumerate(shown, 1)
    ]
    return _form(report, TITLE, rows)


def fill_consolidated(report: Report) -> Form:
    """Fill the consolidated form of a province from a report grouped by level, then by field."""
    rows: list[FormRow] = []
    for name, levels in LEVELS:
        groups = [group for group in report.groups if group.key.code in levels and group.counts.workload]
        if groups:
            rows += _level_rows(_ROMAN[sum(row.heading for row in rows)], name, groups)
    return _form(report, CONSOLIDATED_TITLE, rows)


_ROMAN = ("I", "II", "III", "IV")


def _level_rows(number: str, name: str, groups: Sequence[GroupCounts]) -> list[FormRow]:
    total = sum((group.counts for group in groups), Counts())
    fields: dict[str | None, tuple[str, Counts]] = {}
    for cell in (cell for group in groups for cell in group.groups if cell.counts.workload):
        known = fields.get(cell.key.code, (_field_name(cell), Counts()))
        fields[cell.key.code] = (known[0], known[1] + cell.counts)
    rows = [FormRow(str(place), text, code, counts) for place, (code, (text, counts)) in enumerate(fields.items(), 1)]
    return [FormRow(number, name, None, total, heading=True), *rows]


def _field_name(group: GroupCounts) -> str:
    return group.key.name or group.key.code or NO_FIELD


def _form(report: Report, title: str, rows: Sequence[FormRow]) -> Form:
    period, unit, as_of = report.question.period, report.unit, report.question.as_of
    total = FormRow("", "Tổng cộng", None, report.counts)
    above = report.ancestors[:1]
    receiving_office = above[0].name or above[0].code if above else HIGHEST_OFFICE
    lines = (
        f"Đơn vị báo cáo: {unit.name or unit.code} ({unit.code})",
        f"Đơn vị nhận báo cáo: {receiving_office}",
        f"Kỳ báo cáo: {period.label} (từ ngày {period.first:%d/%m/%Y} đến ngày {period.last:%d/%m/%Y})",
        f"Số liệu tính đến: {local_clock(as_of)}",
    )
    day = local_day(as_of)
    month = f"{day.month:02}" if day.month < 3 else day.month  # so Decree 30/2020 writes dates
    date_line = f"{_place(unit, report.ancestors)}, ngày {day:%d} tháng {month} năm {day:%Y}"
    return Form(title, lines, tuple(rows), total, _notes(report, rows, total), date_line)


_KINDS_OF_PLACE = re.compile(
    r"(?:UBND\s+)?(?:Tỉnh|Thành phố|TP\.?|Quận|Huyện|Thị xã|Thị trấn|Phường|Xã|Đặc khu)\s+(.+)", re.IGNORECASE
)


def _place(unit: Unit, ancestors: Sequence[Unit]) -> str:
    """Return where the report is signed: the place in the name of the unit, or of one above; else dots to fill."""
    for name in (named.name for named in (unit, *ancestors)):
        if name and (match := _KINDS_OF_PLACE.fullmatch(name.strip())):
            return match[1]
    return "……………"


def _notes(report: Report, rows: Sequence[FormRow], total: FormRow) -> tuple[str, ...]:
    """Return the notes below the table: those of the total and of each row, silent units, and what is overdue."""
    notes = []
    if total.note:
        notes.append(f"Ghi chú: {total.note}. Biểu không có cột riêng cho các hồ sơ này.")
    notes += [f"Dòng {row.number} ({row.name}): {row.note}." for row in rows if row.note]
    if silent := coverage_text(report.coverage, "vi").get("coverage"):
        notes.append(f"{silent}.")
    if overdue := overdue_text(report.rates[0], "vi"):
        notes.append(f"{overdue} (cột 13).")
    return tuple(notes)
