"""Units (cơ quan, đơn vị): agency codes in both styles, the tree, and whose dossiers a unit's numbers include.

Decision 20/2020 writes codes from left to right (H23.45); older systems from right to left with
groups of zeros (000.00.45.H23). Both name the same unit.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from service.domain.json_beside import json_beside

MAX_CODE = 35

LEVELS: Mapping[str, tuple[str, ...]] = json_beside(__file__, "levels.json")
"""The levels of units from the top down: their Vietnamese and English names."""
_CODE = re.compile(r"[0-9A-Z]+(\.[0-9A-Z]+)*")
_LEFT_TO_RIGHT = re.compile(r"[A-Z]\d{2}(\.[0-9A-Z]+)*")
_RIGHT_TO_LEFT = re.compile(r"(\d+\.)+[A-Z]\d{2}")


def is_code(text: str) -> bool:
    """Say whether a text can be an agency code: groups of 0-9 A-Z with dots, at most 35 characters."""
    return len(text) <= MAX_CODE and _CODE.fullmatch(text) is not None


@lru_cache(maxsize=65536)
def normalise(code: str) -> str:
    """Return the left-to-right form of an agency code: 000.00.16.H23 becomes H23.16."""
    if not _RIGHT_TO_LEFT.fullmatch(code):
        return code
    groups = [group for group in code.split(".") if group.strip("0")]
    return ".".join(reversed(groups))


def as_asked(text: str) -> str:
    """Return the agency code that a person means: "h23. 45" and "000.00.45.H23" are H23.45."""
    code = "".join(text.split()).upper()
    return normalise(code) if is_code(code) else text


def prefix_of_dossier_code(code: str) -> str | None:
    """Return the agency code before the first "-" of a dossier code: H23.45 of H23.45-231002-0001; else None."""
    head, dash, _ = code.partition("-")
    known = _LEFT_TO_RIGHT.fullmatch(head) or _RIGHT_TO_LEFT.fullmatch(head)
    return normalise(head) if dash and known and len(head) <= MAX_CODE else None


def parent_by_prefix(code: str) -> str | None:
    """Return the parent that a normalised code tells: H23 for H23.45, None for a province or a local code."""
    return code.rpartition(".")[0] or None if _LEFT_TO_RIGHT.fullmatch(code) else None


def ancestors_by_prefix(code: str) -> list[str]:
    """Return the ancestors that a normalised code tells, nearest first: [H23.45, H23] for H23.45.07."""
    parent = parent_by_prefix(code)
    return [parent, *ancestors_by_prefix(parent)] if parent else []


class Unit(NamedTuple):
    """One unit: its place in the tree, and the days on which it existed (both inclusive).

    reports: whether it is expected to send dossiers itself, None when no import says so. heard_on: the last local
    day on which news of it became known here, None when it never was heard.
    """

    code: str
    name: str | None = None
    level: str | None = None
    parent_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    provisional: bool = False
    reports: bool | None = None
    heard_on: date | None = None

    def dissolved_on(self, day: date) -> bool:
        return self.valid_to is not None and self.valid_to < day

    def existed(self, first: date, last: date) -> bool:
        """Say whether the unit existed on one of the days from the first to the last."""
        return not self.dissolved_on(first) and (self.valid_from is None or self.valid_from <= last)


class UnitTree:
    """All units of one moment, and the two structures under which their dossiers can be counted."""

    def __init__(self, units: Iterable[Unit]) -> None:
        """Index units by code and by parent; a unit whose parent is not known is a root."""
        self.units: Mapping[str, Unit] = {unit.code: unit for unit in units}
        self._children: dict[str | None, list[str]] = {}
        self._groups: dict[tuple[str, bool, int], dict[str, str]] = {}  # a cache of `group_of_unit`
        for unit in self.units.values():
            parent = unit.parent_code if unit.parent_code in self.units else None
            self._children.setdefault(parent, []).append(unit.code)

    def __contains__(self, code: str) -> bool:
        return code in self.units

    def children(self, code: str | None) -> list[Unit]:
        """Return the children of a unit; None: the roots."""
        return [self.units[child] for child in self._children.get(code, [])]

    def has_children(self, code: str) -> bool:
        return code in self._children

    def subtree(self, code: str) -> list[str]:
        """Return a unit's code and those of all units below it."""
        codes = [code]
        for member in codes:
            codes.extend(child for child in self._children.get(member, []) if child != code)  # a circle ends
        return codes

    def ancestors(self, code: str) -> list[str]:
        """Return the codes above a unit, nearest first."""
        chain: list[str] = []
        parent = self.units[code].parent_code
        while parent is not None and parent in self.units and parent not in chain:
            chain.append(parent)
            parent = self.units[parent].parent_code
        return chain

    def successor_or_ancestor(self, code: str, day: date) -> str:
        """Return the unit under which `structure=current` counts a unit's dossiers on a day.

        A dissolved unit counts under its first successor, or without a successor under its parent. That unit may be
        dissolved, too: then the same is asked of it. The walk ends before it would return to a unit.
        """
        seen = [code]
        while self.units[code].dissolved_on(day):
            successors = [successor for successor in self.units[code].successors if successor in self.units]
            following = next(iter([*successors, *self.ancestors(code)]), None)
            if following is None or following in seen:
                break
            seen.append(following)
            code = following
        return code

    def level_of(self, code: str, current_on: date | None = None) -> str | None:
        """Return the level of the unit that counts a unit's dossiers; current_on: see `counting_chain`."""
        return self.units[self.successor_or_ancestor(code, current_on) if current_on else code].level

    def counting_chain(self, code: str, current_on: date | None = None) -> list[str]:
        """Return the units that count a unit's dossiers, from its own counting unit up to the root.

        `current_on` gives the structure of that day: dissolved units at any height are replaced by
        their successors or ancestors. None gives the structure as it was.
        """
        if current_on is None:
            return [code, *self.ancestors(code)]
        here = self.successor_or_ancestor(code, current_on)
        chain: list[str] = []
        while here not in chain:
            chain.append(here)
            parent = self.units[here].parent_code
            if parent is None or parent not in self.units:
                break
            here = self.successor_or_ancestor(parent, current_on)
        return chain

    def group_of_unit(
        self, code: str, subtree: bool = True, current_on: date | None = None, depth: int = 1
    ) -> dict[str, str]:
        """Return the units whose dossiers make up a unit's numbers, each with the group it counts under.

        With depth 1 the groups are the unit and its children: H23.45.07 counts under H23.45 in an answer about H23.
        With depth 2 the grandchildren are groups, too: H23.45.07. current_on: see `counting_chain`.
        """
        if current_on is not None:
            return self._group_of_unit(code, subtree, current_on, depth)
        known = self._groups.get((code, subtree, depth))
        if known is None:
            known = self._groups[code, subtree, depth] = self._group_of_unit(code, subtree, None, depth)
        return known

    def _group_of_unit(self, code: str, subtree: bool, current_on: date | None, depth: int) -> dict[str, str]:
        if current_on is None and depth == 1:
            below = self.children(code) if subtree else []
            return {code: code} | {member: child.code for child in below for member in self.subtree(child.code)}
        groups: dict[str, str] = {}
        for member in self.units if current_on else self.subtree(code):
            chain = self.counting_chain(member, current_on)
            if code in chain[: None if subtree else 1]:
                groups[member] = chain[max(chain.index(code) - depth, 0)]
        return groups

    def not_separable(self, code: str, current_on: date) -> list[str]:
        """Return the dissolved units with several successors, of which the unit or one below it is a successor.

        `structure=current` cannot divide their past: it counts under the first successor.
        """
        split_units = []
        for unit in self.units.values():
            successors = [successor for successor in unit.successors if successor in self.units]
            is_split = unit.dissolved_on(current_on) and len(successors) > 1
            if is_split and any(code in self.counting_chain(successor, current_on) for successor in successors):
                split_units.append(unit.code)
        return sorted(split_units)

    def unit_after(self, kept: str, sent: str) -> str:
        """Return the unit that counts a dossier, counted under the unit `kept` so far, that is sent under `sent` now.

        That is the unit it is sent under. But a dissolved unit keeps a dossier that is sent again under its successor.
        """
        return kept if sent in self.successors(kept) else sent

    def successors(self, code: str) -> list[str]:
        """Return the successors of a dissolved unit, their successors, and so on."""
        chain = [code]
        for member in chain:
            unit = self.units.get(member)
            following = unit.successors if unit and unit.valid_to else ()
            chain += [successor for successor in following if successor not in chain]
        return chain[1:]
