"""Addresses of pages: each keeps the question that was asked, and changes only what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import quote, urlencode

from flask import request
from sqlalchemy.orm import Session

from service import demonstration
from service.http.request import components

KEPT = (
    "period", "from", "to", "as_of", "formula", "decimals", "honest_ends", "subtree", "calendar", "structure", "lang",
)  # fmt: skip
"""The parameters that make up a question, in the order in which links carry them."""


def asked_params() -> dict[str, str]:
    """Return the parameters of this request's question, as given."""
    return {name: request.args[name] for name in KEPT if request.args.get(name)}


def link(path: str, /, **changes: str | None) -> str:
    """Return a path with this request's question; `from_` stands for from, None leaves a parameter out."""
    return with_params(path, {**asked_params(), **{name.rstrip("_"): value for name, value in changes.items()}})


def with_params(path: str, params: Mapping[str, str | None]) -> str:
    """Return a path with those parameters that have a value."""
    query = urlencode({name: value for name, value in params.items() if value}, safe=":")
    return f"{path}?{query}" if query else path


def unit_path(code: str, rest: str = "") -> str:
    """Return the path of a unit's page, whatever its code is made of."""
    return f"/units/{quote(code, safe='')}{rest}"


def base_url() -> str:
    """Return the address under which the public sees this service."""
    return components().settings.public_url or request.host_url.rstrip("/")


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
