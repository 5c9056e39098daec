"""Which group a field belongs to: one field is one group, however its name is spelt, with its code or without."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.orm import Session

from models.base import table_of
from models.catalogue import Field, FieldName, ImportedProcedureRow, Procedure
from models.dossiers import Dossier
from service.domain.vietnamese_text import composed
from service.store.sql import among, upsert

_FIELD, _NAME = table_of(Field), table_of(FieldName)
_MOST_NAMES = 2000
"""Each question by field reads so many names, and as many of codes; a further one is a group of its own."""


def imported_first(table: Table) -> tuple[ColumnElement[Any], ...]:
    """Return the order in which names win: those of imports first, then those of dossiers, the oldest first."""
    return table.c.learned_at.is_not(None), table.c.learned_at, table.c.code


def names_of_fields(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return the names of fields by code, for those that have one."""
    rows = session.execute(select(_FIELD.c.code, _FIELD.c.name).where(among(_FIELD.c.code, codes)))
    return {code: name for code, name in rows if name}


def learn_names(session: Session, names: Collection[str]) -> None:
    """Note names of fields that came without a code. Most requests bring no new name and lock no row."""
    if not names:
        return
    known = {*session.scalars(select(_NAME.c.name).where(among(_NAME.c.name, list(names))))}
    new = [{"name": name} for name in sorted({*names} - known)]
    room = _MOST_NAMES - session.scalars(select(func.count()).select_from(_NAME)).one() if new else 0
    if new := new[: max(room, 0)]:
        session.execute(upsert(session, _NAME).on_conflict_do_nothing(), new)


def forget_unused(session: Session, fields: Collection[str], procedures: Collection[str]) -> None:
    """Delete the procedures and fields among these that neither a dossier nor an import names."""
    for key, codes, bearers in (
        (Procedure.code, procedures, (Dossier.procedure_code, ImportedProcedureRow.code)),
        (Field.code, fields, (Dossier.field_key, ImportedProcedureRow.field_code)),
    ):
        unused = {*codes}
        for bearer in bearers:
            unused -= {*session.scalars(select(bearer).where(among(bearer, unused)).distinct())}
        session.execute(delete(key.class_).where(among(key, unused)))


def group_of_names(session: Session) -> Mapping[str, str]:
    """Return the group of each field name that came without a code: the code that has this name, else a spelling."""
    groups, spellings = _by_plain_name(session)
    return {name: groups[plain(name)] for name in spellings}


def find_field(session: Session, name: str) -> str | None:
    """Return the group of a field by its code or, in any spelling, its name; None when nobody knows it."""
    if session.scalar(select(_FIELD.c.code).where(_FIELD.c.code == name)) is not None:
        return name
    return _by_plain_name(session)[0].get(plain(name))


def _by_plain_name(session: Session) -> tuple[dict[str, str], Iterable[str]]:
    """Return the group of each plain name, and every spelling. Of several codes with one name the first wins."""
    named = select(_FIELD.c.code, _FIELD.c.name).where(_FIELD.c.name.is_not(None)).order_by(*imported_first(_FIELD))
    groups: dict[str, str] = {}
    for code, name in session.execute(named.limit(_MOST_NAMES)):
        groups.setdefault(plain(name), code)
    spellings = sorted(session.scalars(select(_NAME.c.name)), key=lambda name: (name.isupper(), name))
    for name in spellings:
        groups.setdefault(plain(name), name)
    return groups, spellings


def plain(name: str) -> str:
    """Return a name without the differences of spellings: case, blanks, and how its marks are composed."""
    return " ".join(composed(name).casefold().split())
