"""Links between pages: each keeps the question of this request, but for the changes that are given."""

from datetime import datetime
from functools import cache
from typing import NamedTuple

from flask import request
from sqlalchemy.orm import Session

from service import demonstration, living_demonstration
from service.http.addresses import question_parameters, root_path, unit_path, with_parameters
from service.store import sources


def link(path: str, /, **changes: str | None) -> str:
    """Return a path with this request's question and some changes; `from_` is `from`, None leaves a parameter out."""
    changed = {name.rstrip("_"): value for name, value in changes.items()}
    return root_path() + with_parameters(path, {**question_parameters(), **changed})


class Note(NamedTuple):
    """The note on the page of a unit whose dossiers are made up.

    href: the page at the moment of the numbers. living: the unit is made up too, and its dossiers go on until today.
    """

    href: str | None
    living: bool = False


@cache
def codes() -> frozenset[str]:
    """Return the codes of the units of huyện Tứ Kỳ, whose dossiers end at one moment, and of the province above."""
    return frozenset(unit.code for unit in demonstration.units())


def note(session: Session, unit: str, now: datetime) -> Note | None:
    """Return a note for a unit that holds nothing but the demonstration."""
    if unit.startswith(living_demonstration.UNIT) and sources.id_of(session, living_demonstration.SOURCE) is not None:
        return Note(None, living=True)
    if unit not in codes() or not demonstration.is_all_there_is(session, now):
        return None
    return Note(None if request.args.get("as_of") else link(unit_path(unit), as_of=demonstration.AS_OF))
