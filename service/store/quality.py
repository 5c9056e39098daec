"""Warnings counted by kind, source and unit, and the list of one source's warned dossiers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from models.dossiers import Dossier
from models.sources import Source
from service.domain.statistics.questions import UnknownUnit
from service.domain.units import Unit, UnitTree
from service.store import catalogue, sources
from service.store.sql import among
from service.store.stored_json import read_kinds


@dataclass
class Group:
    """The warnings of one source's dossiers in one unit."""

    source: str
    unit: Unit
    warned: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


class Quality(NamedTuple):
    """Counts of warned dossiers; a dossier with two kinds counts once under each, and once in warned."""

    source: str | None
    unit: Unit | None
    groups: list[Group]

    @property
    def warned(self) -> int:
        return sum(group.warned for group in self.groups)

    @property
    def kinds(self) -> Counter[str]:
        return sum((group.kinds for group in self.groups), Counter())


def quality(session: Session, source: str | None = None, unit: str | None = None) -> Quality:
    """Count warnings of a source (None: all) in a unit's subtree (None: everywhere).

    Raises UnknownSource and UnknownUnit.
    """
    tree = catalogue.unit_tree(session)
    by = Source.code, Dossier.unit_code, Dossier.warning_kinds
    statement = select(*by, func.count()).join(Source, Source.id == Dossier.source_id).group_by(*by)
    statement = statement.where(Dossier.warning_kinds.is_not(None))
    if unit is not None:
        statement = statement.where(among(Dossier.unit_code, _members(tree, unit)))
    if source is not None:
        statement = statement.where(Dossier.source_id == sources.find(session, source).id)
    groups: dict[tuple[str, str], Group] = {}
    for code, unit_code, stored, count in session.execute(statement):
        place = tree.units.get(unit_code) or Unit(unit_code)
        group = groups.setdefault((code, unit_code), Group(code, place))
        group.warned += count
        group.kinds.update(dict.fromkeys(read_kinds(stored), count))
    return Quality(source, tree.units[unit] if unit else None, [groups[key] for key in sorted(groups)])


def work_list(
    session: Session, source: int, unit: str | None, kind: str | None, after: str, limit: int
) -> Sequence[Row[str, str, int, str | None]]:
    """Return a source's own warned dossiers after a code, by code, at most `limit`, each with its stored kinds."""
    statement = (
        select(Dossier.code, Dossier.unit_code, Dossier.status, Dossier.warning_kinds)
        .where(Dossier.source_id == source, Dossier.warning_kinds.is_not(None), Dossier.code > after)
        .order_by(Dossier.code)
        .limit(limit)
    )
    if unit is not None:
        statement = statement.where(among(Dossier.unit_code, _members(catalogue.unit_tree(session), unit)))
    if kind is not None:
        statement = statement.where(Dossier.warning_kinds.contains(f'"{kind}"', autoescape=True))
    return session.execute(statement).all()


def _members(tree: UnitTree, unit: str) -> list[str]:
    if unit not in tree:
        raise UnknownUnit(unit)
    return tree.subtree(unit)
