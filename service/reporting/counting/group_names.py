"""The groups of a grouping: their names, which of them are shown, and in which order."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from service.domain.dossier.statuses import CHANNELS_VI, Channel
from service.domain.statistics.questions import GroupKey, Question
from service.domain.units import LEVELS, UnitTree
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


def _units(tree: UnitTree, question: Question, keys: Iterable[str]) -> Named:
    """Name the units with dossiers, and all others down to the depth; of these dissolved ones only if `historic`."""
    level, day = question.filters.level, question.current_on
    below = tree.children(question.unit) if question.subtree else []
    for _ in range(question.depth - 1):
        below = [unit for above in below for unit in tree.children(above.code) or [above]]
    shown = (unit for unit in below if level in (None, unit.level) and not (day and unit.dissolved_on(day)))
    codes = {unit.code for unit in shown} | {*keys}
    named = _by_name(codes, {code: tree.units[code].name for code in codes})
    own = {code: key for code, key in named.items() if code == question.unit}
    return own | named


def _by_name(keys: Iterable[Any], names: Mapping[Any, str | None]) -> Named:
    """Order groups by name (without one by code), groups of one name by code; a group without either comes last."""
    ordered = sorted(keys, key=lambda key: (key is None, sort_key(names.get(key) or key or ""), key or ""))
    return {key: GroupKey(key, names.get(key) or None) for key in ordered}
