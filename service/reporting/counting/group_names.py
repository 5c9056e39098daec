"""The groups of a grouping: their names, which of them are shown, and in which order."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from service.domain.dossier.statuses import CHANNELS_VI, Channel
from service.domain.statistics.questions import GroupKey, Question
from service.domain.units import LEVELS, Unit, UnitTree
from service.domain.vietnamese_text import sort_key
from service.store import catalogue
from service.store.catalogues.fields import names_of_fields

Named = dict[Any, GroupKey]
"""The groups in their order; the key is the group's value in the store."""


def name_groups(session: Session, tree: UnitTree, question: Question, grouping: str, keys: Collection[Any]) -> Named:
    """Name the groups that dossiers were counted under, and the empty groups that are shown with zeros."""
    if grouping == "unit":
        return _units(tree, question, keys)
    if grouping == "level":
        known: Named = {level: GroupKey(level, names[0]) for level, names in LEVELS.items() if level in keys}
        return known | {key: GroupKey(key, key) for key in keys if key not in LEVELS}
    if grouping == "channel":
        return {channel.value: GroupKey(channel.api_name, CHANNELS_VI[channel]) for channel in Channel}
    if grouping == "procedure":
        return _by_name(keys, catalogue.procedure_names(session, list(keys)))
    names = names_of_fields(session, [key for key in keys if key])
    return _by_name(keys, {key: names.get(key) or key for key in keys})


def shown_children(tree: UnitTree, question: Question) -> list[Unit]:
    """Return the units that are listed even without dossiers; dissolved ones only with `structure=historic`."""
    if not question.subtree:
        return []
    level = tree.children(question.unit)
    for _ in range(question.depth - 1):
        level = [unit for above in level for unit in tree.children(above.code) or [above]]
    current_on = question.current_on
    return [unit for unit in level if current_on is None or not unit.dissolved_on(current_on)]


def _units(tree: UnitTree, question: Question, keys: Iterable[str]) -> Named:
    level = question.filters.level
    codes = {unit.code for unit in shown_children(tree, question) if level in (None, unit.level)} | {*keys}
    named = _by_name(codes, {code: tree.units[code].name for code in codes})
    own = {code: key for code, key in named.items() if code == question.unit}
    return own | named


def _by_name(keys: Iterable[Any], names: Mapping[Any, str | None]) -> Named:
    """Order groups by name (without one by code), groups of one name by code; a group without either comes last."""
    ordered = sorted(keys, key=lambda key: (key is None, sort_key(names.get(key) or key or ""), key or ""))
    return {key: GroupKey(key, names.get(key) or None) for key in ordered}
