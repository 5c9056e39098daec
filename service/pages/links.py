"""Addresses of pages: each keeps the question that was asked, and changes only what it says."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from flask import request
from sqlalchemy.orm import Session

from service import demonstration
from service.http.addresses import question_parameters, root_path, unit_path, with_parameters


def link(path: str, /, **changes: str | None) -> str:
    """Return a path with this request's question; `from_` stands for from, None leaves a parameter out."""
    changed = {name.rstrip("_"): value for name, value in changes.items()}
    return root_path() + with_parameters(path, {**question_parameters(), **changed})


@dataclass(frozen=True)
class Note:
    """What to say on the page of a unit whose dossiers are made up; `href` leads to the moment that has numbers."""

    as_of: str
    href: str | None


@cache
def codes() -> frozenset[str]:
    """Return the codes of the units of the demonstration."""
    return frozenset(unit.code for unit in demonstration.units())


def note(session: Session, unit: str, now: datetime) -> Note | None:
    """Return a note for a unit that holds nothing but the demonstration."""
    if unit not in codes() or not demonstration.is_all_there_is(session, now):
        return None
    there = None if request.args.get("as_of") else link(unit_path(unit), as_of=demonstration.AS_OF)
    return Note(demonstration.AS_OF, there)
