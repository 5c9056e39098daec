"""The demonstration, told as what it is: pages about its units say so and ask about its moment."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from flask import request
from sqlalchemy.orm import Session

from service.pages.links import link, unit_path
from service.usecases import demonstration


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
