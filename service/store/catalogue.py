"""Units, fields, procedures and the calendar: read for questions, and learned from dossiers.

A unit, field or procedure that is unknown is added when a dossier names it; such a unit is provisional. What an import
says is never overwritten by a dossier.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Table, case, delete, func, or_, select
from sqlalchemy.orm import Session

from models.base import table_of
from models.catalogue import Field, ImportedProcedureRow, Procedure, UnitRow
from models.dossiers import Dossier, DossierVersion
from service.domain.calendar.work_calendar import OfficeHours, YearCoverage
from service.domain.dossier.events import DossierEvent
from service.domain.procedures import national_procedure_code
from service.domain.units import Unit, UnitTree, ancestors_by_prefix, parent_by_prefix
from service.domain.vietnamese_text import sort_key
from service.store.catalogues.fields import imported_first, learn_names
from service.store.catalogues.versions import work_calendar as work_calendar
from service.store.sql import among, upsert
from service.store.statistics.groups import as_day

_UNIT = table_of(UnitRow)
_ALL_UNITS = str(select(_UNIT))
_FIELD = table_of(Field)
_PROCEDURE = table_of(Procedure)
_VARIANTS = 100


def unit_tree(session: Session) -> UnitTree:
    """Return all units as they are now.

    Every question needs them, so the tree is cached: rows that the driver gives unchanged give the same tree.
    """
    result = session.connection().exec_driver_sql(_ALL_UNITS)
    return _tree(tuple(result.cursor.fetchall()))


@lru_cache(maxsize=2)
def _tree(rows: tuple[tuple[Any, ...], ...]) -> UnitTree:
    return UnitTree(map(_as_unit, rows))


def _as_unit(row: Sequence[Any]) -> Unit:
    code, name, level, parent_code, valid_from, valid_to, successors, provisional, reports, heard_on = row
    following = tuple(successors.split(";")) if successors else ()
    first, last, heard = (None if day is None else as_day(day) for day in (valid_from, valid_to, heard_on))
    sends = None if reports is None else bool(reports)
    return Unit(code, name, level, parent_code, first, last, following, bool(provisional), sends, heard)


def by_name(units: Iterable[Unit]) -> list[Unit]:
    """Return units in the order of their names; a unit without a name stands under its code."""
    return sorted(units, key=lambda unit: (sort_key(unit.name or unit.code), unit.code))


def units_by_bare_code(session: Session) -> dict[str, str]:
    """Return the units whose codes are digits, by their codes without leading zeros (0045 by 45), if these differ."""
    by_bare_code: dict[str, set[str]] = {}
    for code in filter(str.isdecimal, session.scalars(select(_UNIT.c.code))):
        by_bare_code.setdefault(code.lstrip("0"), set()).add(code)
    return {bare: min(same) for bare, same in by_bare_code.items() if len(same) == 1}


def imported_names(session: Session) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Return the names of imported procedures by national code, and the names of imported units by code."""
    codes = list(session.scalars(select(ImportedProcedureRow.code).distinct()))
    names = procedure_names(session, codes)
    units = session.execute(select(_UNIT.c.code, _UNIT.c.name).where(_UNIT.c.provisional.is_(False)))
    return {code: names.get(code) for code in codes}, {code: name for code, name in units}  # noqa: C416 - as above


def put_units(session: Session, units: Iterable[Unit]) -> None:
    """Write units as an import gives them: what was there under their codes is replaced."""
    imported = ("code", "name", "level", "parent_code", "valid_from", "valid_to", "provisional", "reports")
    rows = [
        {"successor_codes": ";".join(unit.successors), **{name: getattr(unit, name) for name in imported}}
        for unit in sorted(units, key=attrgetter("code"))
    ]
    _replace(session, _UNIT, rows)


def remove_unused_units(session: Session, codes: Iterable[str]) -> None:
    """Delete those of some units that have no dossiers and no other units below, and what is stored of them."""
    unused = set(codes)
    for named in (Dossier.unit_code, DossierVersion.unit_code):
        unused -= set(session.scalars(select(named).where(among(named, unused)).distinct()))
    parents = {code: parent for code, parent in session.execute(select(_UNIT.c.code, _UNIT.c.parent_code))}  # noqa: C416
    for code in parents.keys() - unused:
        above = parents[code]
        while above in unused:
            unused.discard(above)
            above = parents.get(above)
    for table in UnitRow.metadata.sorted_tables:
        if "unit_code" in table.c:
            session.execute(delete(table).where(among(table.c.unit_code, unused)))
    session.execute(delete(_UNIT).where(among(_UNIT.c.code, unused)))


def put_procedures(session: Session, rows: list[dict[str, Any]], field_names: Mapping[str, str | None]) -> None:
    """Write procedures and the fields that they name as an import gives them: fields first, as pushes do."""
    named = {code: name for code, name in field_names.items() if name}
    fields = [{"code": code, "name": name, "learned_at": None} for code, name in sorted(named.items())]
    _replace(session, _FIELD, fields)
    _learn(session, _FIELD, [{"code": code, "name": None} for code in sorted(field_names.keys() - named.keys())], ())
    _replace(session, _PROCEDURE, [row | {"learned_at": None} for row in rows])


def _replace(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        statement = upsert(session, table)
        replaced = {name: statement.excluded[name] for name in rows[0] if name != "code"}
        session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=replaced), rows)


def coverage(session: Session, hours: OfficeHours, year: int) -> list[YearCoverage]:
    """Return how far the calendar of a year and of the next can be relied on."""
    work = work_calendar(session, hours)
    return [work.coverage(year), work.coverage(year + 1)]


def procedure_names(session: Session, codes: list[str]) -> dict[str, str]:
    """Return the names of procedures by national code; of several local variants the first name counts."""
    rows = session.execute(select(Procedure.code, Procedure.name).order_by(*imported_first(_PROCEDURE)))
    wanted = set(codes)
    names: dict[str, str] = {}
    for code, name in rows:
        if name and (national := national_procedure_code(code)) in wanted:
            names.setdefault(national, name)
    return names


def procedure_codes(session: Session) -> list[str]:
    """Return the codes of all procedures, as they were sent or imported."""
    return list(session.scalars(select(Procedure.code)))


class CatalogueUpdates:
    """What the dossiers of one request teach about units, fields and procedures."""

    def __init__(self) -> None:
        self._units: dict[str, str | None] = {}
        self._fields: dict[str, str | None] = {}
        self._field_names: set[str] = set()
        self._procedures: dict[str, tuple[str | None, str | None, str | None]] = {}

    def collect(self, record: DossierEvent) -> None:
        snapshot = record.snapshot
        if record.unit_name or snapshot.unit_code not in self._units:
            self._units[snapshot.unit_code] = record.unit_name
        if snapshot.field_code and (snapshot.field_name or snapshot.field_code not in self._fields):
            self._fields[snapshot.field_code] = snapshot.field_name
        if snapshot.field_name and not snapshot.field_code:
            self._field_names.add(snapshot.field_name)
        if record.procedure_name or snapshot.procedure_code not in self._procedures:
            learned = record.procedure_name, snapshot.field_code, snapshot.field_name
            self._procedures[snapshot.procedure_code] = learned

    def heard_of(self, unit: str) -> None:
        """Note that something was sent about a known unit."""
        self._units.setdefault(unit, None)

    def units(self) -> Iterable[str]:
        """Return the units about which something was sent, also where it changed nothing."""
        return self._units

    def write(self, session: Session, now: datetime) -> None:
        """Add what is missing and fill names that are missing, in the order of codes."""
        above = {above: None for code in self._units for above in ancestors_by_prefix(code)}
        made = {"successor_codes": "", "provisional": True}
        units = [
            {"code": code, "name": name, "parent_code": parent_by_prefix(code), **made}
            for code, name in sorted((above | self._units).items())
        ]
        _learn(session, _UNIT, units, ("name",))
        fields = [{"code": code, "name": name, "learned_at": now} for code, name in sorted(self._fields.items())]
        _learn(session, _FIELD, fields, ("name",))
        learn_names(session, self._field_names)
        procedures = [
            {"code": code, "name": name, "field_code": field_code, "field_name": field_name, "learned_at": now}
            for code, (name, field_code, field_name) in sorted(self._procedures.items())
        ]
        _learn(session, _PROCEDURE, procedures, ("name", "field_code", "field_name"))


def _learn(session: Session, table: Table, rows: list[dict[str, Any]], fillable: Iterable[str]) -> None:
    """Insert rows that are missing; in those that exist fill the `fillable` columns that are null."""
    if not rows or not (rows := _not_known_yet(session, table, rows, tuple(fillable))):
        return
    statement = upsert(session, table)
    filled: dict[str, Any] = {name: func.coalesce(table.c[name], statement.excluded[name]) for name in fillable}
    if "learned_at" in table.c:
        unnamed = table.c.name.is_(None)
        filled["learned_at"] = case((unnamed, statement.excluded.learned_at), else_=table.c.learned_at)
    session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=filled), rows)


def _not_known_yet(
    session: Session, table: Table, rows: list[dict[str, Any]], fillable: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return the rows that would change something: none for most requests, so these lock no shared row."""
    codes = [row["code"] for row in rows]
    known = {code: gaps for code, *gaps in session.execute(_gaps(table, fillable), {"among": codes})}
    return [
        row
        for row in rows
        if row["code"] not in known
        or any(gap and row[name] for gap, name in zip(known[row["code"]], fillable, strict=True))
    ]


@lru_cache
def _gaps(table: Table, fillable: tuple[str, ...]) -> Any:
    columns = [case((table.c[name].is_(None), 1), else_=0) for name in fillable]
    return select(table.c.code, *columns).where(among(table.c.code))


def find_procedure(session: Session, code: str) -> dict[str, Any] | None:
    """Return a procedure by its code, with or without the local suffix; of several variants the first with a name."""
    national = national_procedure_code(code)
    near = or_(Procedure.code.in_([code, national]), Procedure.code.startswith(f"{national}.", autoescape=True))
    best_first = (Procedure.name.is_(None), *([Procedure.code != code] if code != national else []))
    variants = select(Procedure).where(near).order_by(*best_first, *imported_first(_PROCEDURE)).limit(_VARIANTS)
    for row in session.scalars(variants):
        if national_procedure_code(row.code) == national:
            return {name: getattr(row, name) for name in ("code", "name", "field_code", "field_name")}
    return None


def names_of(session: Session, procedure_code: str, unit_code: str) -> dict[str, str | None]:
    """Return the names of a procedure and a unit, as the catalogues have them."""
    return {
        "procedure_name": session.scalar(select(Procedure.name).where(Procedure.code == procedure_code)),
        "unit_name": session.scalar(select(UnitRow.name).where(UnitRow.code == unit_code)),
    }
