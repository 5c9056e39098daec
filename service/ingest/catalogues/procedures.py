"""Import procedures: a file appends to what is known, so that computed deadlines stay."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.procedures import TimeLimit, national_procedure_code
from service.ingest.catalogues.limits import read_limit
from service.ingest.catalogues.lines import CatalogueFile, CatalogueLine, Imported, make_each, period, refuse
from service.store import catalogue
from service.store.catalogues import versions
from service.store.catalogues.versions import ProcedureLine


def import_procedures(session: Session, file: CatalogueFile, hours: OfficeHours, now: datetime) -> Imported:
    """Append what a file says of procedures to what is known, and name their fields.

    A procedure may stand in several lines with another valid_from each: its limits one after the other.
    """
    lines, unread = file.lines("procedures")
    made = make_each(lines, lambda line: _procedure(line, hours), _ProcedureRow.key)
    _refuse_contradictions(made)
    rows = sorted((row for _, row in made), key=lambda row: (row.code, row.valid_from or date.min))
    fields = {row.field_code: row.field_name for row in rows if row.field_code}
    shown = ("code", "name", "field_code", "field_name")
    catalogue.put_procedures(session, [{name: getattr(row, name) for name in shown} for row in rows], fields)
    # Of two rows of one national code and day, the one that gives a limit counts.
    ranked = sorted(map(_national, rows), key=lambda line: line.limit_amount is not None)
    newest = {(line.code, line.valid_from): line for line in ranked}
    versions.append_procedures(session, newest.values(), hours, now)
    return Imported(len(rows), unread, {line.code for line in newest.values()})


class _ProcedureRow(NamedTuple):
    code: str
    name: str | None
    field_code: str | None
    field_name: str | None
    valid_from: date | None
    valid_to: date | None
    limit: TimeLimit | None

    def key(self) -> str:
        """Return the key of which a file may have one row: code and valid_from."""
        return f"{self.code} {self.valid_from or ''}".strip()


def _procedure(line: CatalogueLine, hours: OfficeHours) -> _ProcedureRow:
    days, code = period(line), line.procedure_code("code")
    named = line.text("name", 500), line.text("field_code", 64), line.text("field_name")
    return _ProcedureRow(code, *named, *days, read_limit(line, hours))


def _national(row: _ProcedureRow) -> ProcedureLine:
    amount, unit = (row.limit.amount, row.limit.unit.value) if row.limit else (None, None)
    code = national_procedure_code(row.code)
    return ProcedureLine(code, row.valid_from, row.valid_to, row.field_code, amount, unit)


def _refuse_contradictions(made: list[tuple[CatalogueLine, _ProcedureRow]]) -> None:
    """Refuse two lines that give one procedure two limits under codes that differ in their local suffix alone."""
    limits: dict[tuple[str, date | None], tuple[CatalogueLine, TimeLimit]] = {}
    errors = []
    for line, row in made:
        if row.limit is None:
            continue
        national = national_procedure_code(row.code)
        earlier, limit = limits.setdefault((national, row.valid_from), (line, row.limit))
        if limit != row.limit:
            errors.append(line.at(line.wrong("limit_amount", "other_limit", code=national, number=earlier.row.number)))
    refuse(errors)
