"""Import the catalogues from CSV: units, procedures, and decisions on working days.

A file is taken whole or not at all: what is wrong is refused with its line, and nothing is written.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.errors import BadData
from service.domain.procedures import LimitUnit, TimeLimit, national_procedure_code
from service.domain.units import LEVELS, Unit, ancestors_by_prefix, is_code, normalise, parent_by_prefix
from service.schemas.fields import clean_text
from service.store import catalogue
from service.store.catalogues import versions as catalogue_versions
from service.store.catalogues.versions import ProcedureLine

_YES, _NO = {"yes", "1", "true", "có", "x"}, {"no", "0", "false", "không"}
Made = TypeVar("Made")


class ImportRefused(BadData):
    """A file that cannot be imported: a line of text for each thing that is wrong."""

    def __init__(self, lines: list[str]) -> None:
        """Keep what is wrong, by line."""
        super().__init__("\n".join(lines), {"file": lines})


class Line(NamedTuple):
    """A line of the file: its number as an editor shows it, and its cells by column."""

    number: int
    cells: Mapping[str, str]

    def text(self, name: str, limit: int = 300) -> str | None:
        """Return a cell as clean text, None when it is empty."""
        text = clean_text(self.cells.get(name, ""))
        if len(text) > limit:
            raise ValueError(f"{name}: dài quá {limit} ký tự (longer than {limit} characters)")
        return text or None

    def required(self, name: str, limit: int = 300) -> str:
        """Return a cell that must not be empty."""
        text = self.text(name, limit)
        if text is None:
            raise ValueError(f"{name}: không được để trống (must not be empty)")
        return text

    def yes_or_no(self, name: str) -> bool | None:
        """Return a cell as a yes or a no, None when it is empty."""
        text = (self.text(name) or "").lower()
        if text and text not in _YES | _NO:
            raise ValueError(f"{name}: dùng yes hoặc no (use yes or no)")
        return text in _YES if text else None

    def day(self, name: str) -> date | None:
        """Return a cell as a date."""
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise ValueError(f"{name}: phải là ngày có thật dạng 2025-06-30 (must be a real date)") from None


def import_units(session: Session, content: bytes) -> int:
    """Replace or add the units of a CSV file; return how many."""
    lines = _read(content, ("code", "name", "level", "parent_code", "valid_from", "valid_to", "successor_codes"))
    units = _make_each(lines, _unit, lambda unit: unit.code)
    known = catalogue.unit_tree(session).units
    after = {**known, **{unit.code: unit for _, unit in units}}
    missing = {above for _, unit in units for above in ancestors_by_prefix(unit.code)} - after.keys()
    after |= {code: Unit(code, parent_code=parent_by_prefix(code), provisional=True) for code in missing}
    _refuse([error for line, unit in units for error in _misplaced(line, unit, after)])
    given = {unit.code for _, unit in units}
    catalogue.put_units(session, (after[code] for code in sorted(given | missing)))
    return len(units)


def _unit(line: Line) -> Unit:
    first, last = _period(line)
    level = line.text("level")
    if level is not None and level not in LEVELS:
        raise ValueError(f"level: dùng một trong (use one of): {', '.join(LEVELS)}")
    code = _code(line.required("code", 35), "code")
    parent = line.text("parent_code", 35)
    named = (line.text("successor_codes", 2000) or "").split(";")
    successors = [_code(text.strip(), "successor_codes") for text in named if text.strip()]
    above = _code(parent, "parent_code") if parent else parent_by_prefix(code)
    following = tuple(dict.fromkeys(successors))
    return Unit(code, line.text("name"), level, above, first, last, following, reports=line.yes_or_no("reports"))


def _period(line: Line) -> tuple[date | None, date | None]:
    first, last = line.day("valid_from"), line.day("valid_to")
    if first and last and last < first:
        raise ValueError("valid_to: trước valid_from (before valid_from)")
    return first, last


def _code(text: str, name: str) -> str:
    if not is_code(text):
        raise ValueError(f"{name}: không phải mã đơn vị, ví dụ H23.45 (not an agency code)")
    return normalise(text)


def _misplaced(line: Line, unit: Unit, after: Mapping[str, Unit]) -> Iterable[str]:
    """Yield what is wrong with a unit's place among all units as they would be."""
    if unit.parent_code is not None and unit.parent_code not in after:
        yield _at(line, f"parent_code: không có đơn vị {unit.parent_code} (unknown parent)")
    for successor in unit.successors:
        if successor not in after:
            yield _at(line, f"successor_codes: không có đơn vị {successor} (unknown successor)")
    if _in_cycle(unit.code, lambda code: [after[code].parent_code] if code in after else []):
        yield _at(line, f"parent_code: {unit.code} nằm dưới chính nó (a cycle of parents)")
    if _in_cycle(unit.code, lambda code: after[code].successors if code in after else []):
        yield _at(line, f"successor_codes: {unit.code} kế thừa chính nó (a cycle of successors)")


def _in_cycle(code: str, following: Callable[[str], Iterable[str | None]]) -> bool:
    """Say whether following leads from a unit back to itself."""
    waiting, seen = [code], set()
    while waiting:
        for other in following(waiting.pop()):
            if other == code:
                return True
            if other is not None and other not in seen:
                seen.add(other)
                waiting.append(other)
    return False


class ImportedProcedures(NamedTuple):
    """How many lines were imported, and the national codes of the procedures of which they say something new."""

    lines: int
    changed: set[str]


def import_procedures(session: Session, content: bytes, hours: OfficeHours, now: datetime) -> ImportedProcedures:
    """Append what a CSV file says of procedures to what is known, and name their fields.

    A procedure may stand in several lines with another valid_from each: its limits one after the other.
    """
    columns = ("code", "name", "field_code", "field_name", "limit_amount", "limit_unit")
    made = _make_each(_read(content, columns), _procedure, lambda row: f"{row.code} {row.valid_from or ''}".strip())
    _refuse_contradictions(made)
    rows = sorted((row for _, row in made), key=lambda row: (row.code, row.valid_from or date.min))
    catalogue.put_procedures(
        session,
        [row.named() for row in rows],
        {row.field_code: row.field_name for row in rows if row.field_code},
    )
    lines = {(line.code, line.valid_from): line for line in sorted(map(_national, rows), key=_has_limit)}
    changed = catalogue_versions.append_procedures(session, lines.values(), hours, now)
    return ImportedProcedures(len(rows), changed)


class _ProcedureRow(NamedTuple):
    code: str
    name: str | None
    field_code: str | None
    field_name: str | None
    valid_from: date | None
    valid_to: date | None
    limit: TimeLimit | None

    def named(self) -> dict[str, Any]:
        """Return what is shown of the procedure under its code."""
        return {
            "code": self.code,
            "name": self.name,
            "field_code": self.field_code,
            "field_name": self.field_name,
        }


def _procedure(line: Line) -> _ProcedureRow:
    first, last = _period(line)
    return _ProcedureRow(
        line.required("code", 64),
        line.text("name", 500),
        line.text("field_code", 64),
        line.text("field_name"),
        first,
        last,
        _limit(line),
    )


def _limit(line: Line) -> TimeLimit | None:
    amount, unit = line.text("limit_amount"), line.text("limit_unit")
    if (amount is None) != (unit is None):
        raise ValueError("limit_amount, limit_unit: phải đi cùng nhau (go together)")
    if amount is not None and not (amount.isascii() and amount.isdigit() and len(amount) < 6):
        raise ValueError("limit_amount: phải là số nguyên từ 1 (must be a whole number from 1)")
    if unit is not None and unit not in list(LimitUnit):
        raise ValueError(f"limit_unit: dùng một trong (use one of): {', '.join(LimitUnit)}")
    return TimeLimit(int(amount), LimitUnit(unit)) if amount and unit else None


def _national(row: _ProcedureRow) -> ProcedureLine:
    amount, unit = (row.limit.amount, row.limit.unit.value) if row.limit else (None, None)
    code = national_procedure_code(row.code)
    return ProcedureLine(code, row.valid_from, row.valid_to, row.field_code, amount, unit)


def _has_limit(line: ProcedureLine) -> bool:
    return line.limit_amount is not None


def _refuse_contradictions(made: list[tuple[Line, _ProcedureRow]]) -> None:
    """Refuse two lines that give one procedure, under codes with other local suffixes, other limits."""
    limits: dict[tuple[str, date | None], tuple[Line, TimeLimit]] = {}
    errors = []
    for line, row in made:
        if row.limit is None:
            continue
        national = national_procedure_code(row.code)
        earlier, limit = limits.setdefault((national, row.valid_from), (line, row.limit))
        if limit != row.limit:
            told = f"limit_amount: {national} có thời hạn khác ở dòng {earlier.number}; đuôi địa phương không phân biệt"
            errors.append(_at(line, f"{told} (line {earlier.number} gives {national} another limit)"))
    _refuse(errors)


def import_calendar(session: Session, content: bytes, hours: OfficeHours, now: datetime) -> int:
    """Append the decisions on working days of a CSV file; return how many."""
    lines = _read(content, ("date", "working", "reason"))
    rows = [row for _, row in _make_each(lines, _day, lambda row: row["day"].isoformat())]
    catalogue_versions.append_days(session, rows, hours, now)
    return len(rows)


def _day(line: Line) -> dict[str, Any]:
    day = line.day("date")
    if day is None or not 1990 <= day.year <= 2100:
        raise ValueError("date: phải là ngày từ 1990 đến 2100 (a date from 1990 to 2100)")
    line.required("working")
    return {"day": day, "working": line.yes_or_no("working"), "reason": line.required("reason")}


def _read(content: bytes, columns: tuple[str, ...]) -> list[Line]:
    """Read CSV in UTF-8, with or without its mark; the first line names the columns, in any order."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportRefused(["Tệp phải là UTF-8 (the file must be UTF-8)"]) from None
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        heading = [cell.strip().lower() for cell in next(reader, [])]
        absent = [name for name in columns if name not in heading]
        if absent:
            raise ImportRefused([f"Dòng 1: thiếu cột (line 1: missing columns): {', '.join(absent)}"])
        found = []
        for cells in reader:
            if len(cells) > len(heading):
                raise ImportRefused([f"Dòng {reader.line_num}: thừa ô (line {reader.line_num}: too many cells)"])
            if any(cell.strip() for cell in cells):
                found.append(Line(reader.line_num, dict(zip(heading, cells, strict=False))))
        return found
    except csv.Error as error:
        raise ImportRefused([f"Dòng {reader.line_num}: không đọc được CSV (broken CSV): {error}"]) from None


def _make_each(lines: list[Line], make: Callable[[Line], Made], key: Callable[[Made], str]) -> list[tuple[Line, Made]]:
    """Make something of every line; refuse them all if one is wrong or comes twice."""
    made: list[tuple[Line, Made]] = []
    errors: list[str] = []
    seen: dict[str, int] = {}
    for line in lines:
        try:
            one = make(line)
        except ValueError as error:  # a ValidationError of clean_text is one
            errors.append(_at(line, str(error)))
            continue
        before = seen.setdefault(key(one), line.number)
        if before != line.number:
            errors.append(_at(line, f"{key(one)} đã có ở dòng {before} (duplicate of line {before})"))
        made.append((line, one))
    _refuse(errors)
    return made


def _at(line: Line, text: str) -> str:
    return f"Dòng {line.number} (line {line.number}): {text}"


def _refuse(errors: list[str]) -> None:
    if errors:
        raise ImportRefused(errors)
