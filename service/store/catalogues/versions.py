"""Versions of the catalogue: the time limits, decisions on days and office hours that deadlines are computed from.

Imports append. A new version is made when an import brings something new, or when the office hours have changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from models.base import table_of
from models.catalogue import CalendarDay, CatalogueVersion, ImportedProcedureRow
from service.domain.calendar.holidays import DayRule
from service.domain.calendar.work_calendar import OfficeHours, WorkCalendar
from service.domain.procedures import ImportedProcedure, LimitUnit, TimeLimit
from service.store.sql import among, dialect

_DAY, _PROCEDURE, _VERSION = map(table_of, (CalendarDay, ImportedProcedureRow, CatalogueVersion))
_IMPORTED = select(_PROCEDURE).where(among(_PROCEDURE.c.code)).order_by(_PROCEDURE.c.version, _PROCEDURE.c.id)
_NEWEST = select(_VERSION.c.id, _VERSION.c.office_hours, _VERSION.c.receipt_off_hours)
_NEWEST = _NEWEST.order_by(_VERSION.c.id.desc()).limit(1)
_RULES = select(_DAY.c.day, _DAY.c.working, _DAY.c.reason).order_by(_DAY.c.day, _DAY.c.version)


class ProcedureLine(NamedTuple):
    """What a file tells of a procedure, under its national code."""

    code: str
    valid_from: date | None
    valid_to: date | None
    field_code: str | None
    limit_amount: int | None
    limit_unit: str | None


def current_version(session: Session, hours: OfficeHours, now: datetime, *, dry_run: bool = False) -> int:
    """Return the newest version; a new one when there is none, or when the office hours have changed since.

    dry_run: a new one is not stored.
    """
    newest = session.execute(_NEWEST).first() or (0, None, None)
    if newest[1:] == (hours.as_text(), hours.receipt_off_hours):
        return newest[0]
    return newest[0] + 1 if dry_run else _append_version(session, "office_hours", hours, now)


def append_procedures(session: Session, lines: Iterable[ProcedureLine], hours: OfficeHours, now: datetime) -> None:
    """Append the lines that differ from what is known."""
    wait_for_other_imports(session)
    known = _newest_lines(session)
    new = [line for line in lines if known.get((line.code, line.valid_from)) != line]
    if new:
        version = _append_version(session, "procedures", hours, now)
        session.execute(insert(ImportedProcedureRow), [{"version": version, **line._asdict()} for line in new])


def append_days(session: Session, days: Iterable[Mapping[str, Any]], hours: OfficeHours, now: datetime) -> None:
    """Append the decisions on days that differ from what is known."""
    wait_for_other_imports(session)
    known = {rule.date: (rule.working, rule.reason) for rule in _rules(session, None)}
    new = [day for day in days if known.get(day["day"]) != (day["working"], day["reason"])]
    if new:
        version = _append_version(session, "calendar", hours, now)
        session.execute(insert(CalendarDay), [{"version": version, **day} for day in new])


def imported_procedures(session: Session, codes: Collection[str]) -> dict[str, list[ImportedProcedure]]:
    """Return everything that imports said of some procedures, by national code."""
    by_code: dict[str, list[ImportedProcedure]] = {code: [] for code in codes}
    for row in session.execute(_IMPORTED, {"among": list(by_code)}):
        limit = TimeLimit(row.limit_amount, LimitUnit(row.limit_unit)) if row.limit_amount and row.limit_unit else None
        known = ImportedProcedure(row.version, row.valid_from, row.valid_to, limit, row.field_code)
        by_code[row.code].append(known)
    return by_code


def known_procedures(session: Session) -> Sequence[ProcedureLine]:
    """Return what is known of every imported procedure now."""
    return list(_newest_lines(session).values())


def work_calendar(session: Session, hours: OfficeHours) -> WorkCalendar:
    """Return the working calendar with all imported decisions."""
    return _work_calendar(hours, _rules(session, None))


def work_calendar_of(session: Session, version: int) -> WorkCalendar:
    """Return the working calendar as it was at a version: its decisions and its office hours."""
    made = session.get_one(CatalogueVersion, version)
    hours = OfficeHours.parse(made.office_hours, "same" if made.receipt_off_hours == "same" else "next_day")
    return _work_calendar(hours, _rules(session, version))


@lru_cache(maxsize=16)
def _work_calendar(hours: OfficeHours, rules: tuple[DayRule, ...]) -> WorkCalendar:
    return WorkCalendar(hours, rules)


def _rules(session: Session, version: int | None) -> tuple[DayRule, ...]:
    statement = _RULES if version is None else _RULES.where(_DAY.c.version <= version)
    rows = session.connection().execute(statement)
    return tuple({row.day: DayRule(*row) for row in rows}.values())


def _newest_lines(session: Session) -> dict[tuple[str, date | None], ProcedureLine]:
    columns = [getattr(ImportedProcedureRow, name) for name in ProcedureLine._fields]
    rows = session.execute(select(*columns).order_by(ImportedProcedureRow.version, ImportedProcedureRow.id))
    return {(row.code, row.valid_from): ProcedureLine(*row) for row in rows}


def _append_version(session: Session, reason: str, hours: OfficeHours, now: datetime) -> int:
    version = CatalogueVersion(
        known_at=now, reason=reason, office_hours=hours.as_text(), receipt_off_hours=hours.receipt_off_hours
    )
    session.add(version)
    session.flush()
    return version.id


def wait_for_other_imports(session: Session) -> None:
    """Let one import in at a time, so that versions become visible in the order of their numbers."""
    if dialect(session) != "sqlite":  # which lets one writer in at a time anyway
        session.execute(text("LOCK TABLE catalogue_version IN SHARE ROW EXCLUSIVE MODE"))
