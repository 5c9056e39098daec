"""Targets: the rate that a unit is to keep by a formula, and which groups of an answer are under theirs."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from service.domain.statistics.formulas import DEFAULT, Formula, find
from service.domain.statistics.questions import OVER_TIME, Report
from service.domain.units import UnitTree, as_asked, is_code


class Targets(NamedTuple):
    """Targets in percent, by unit (None: every unit) and id of the formula."""

    percents: Mapping[tuple[str | None, str], int]

    @classmethod
    def parse(cls, text: str, usual: int = 99) -> Self:
        """Read "timed/1=98, H23.45:due/1=95"; ValueError names what is wrong.

        usual: the target of every unit by the default formula, unless the text says otherwise.
        """
        percents: dict[tuple[str | None, str], int] = {}
        for entry in filter(None, "".join(text.split()).split(",")):
            key, percent = _read(entry)
            if percents.setdefault(key, percent) != percent:
                raise ValueError(f"{entry!r}: đã có mục tiêu khác (has another target already)")
        return cls({(None, DEFAULT.id): usual} | percents)

    def of(self, formula: Formula, units: Iterable[str]) -> int | None:
        """Return the target of a unit: that of the first of these units that has one. units: it and its ancestors."""
        keys = ((unit, formula.id) for unit in [*units, None])
        return next((self.percents[key] for key in keys if key in self.percents), None)


class Measured(NamedTuple):
    """How many groups met and missed their targets.

    percent: the target of all groups, None when they have different ones. under: the codes of the groups that missed.
    """

    formula: str
    percent: int | None
    met: int
    missed: int
    under: tuple[str | None, ...]


def measure_targets(report: Report, targets: Targets, tree: UnitTree) -> Measured | None:
    """Compare the units, months or days of an answer with their targets by its first formula; None without a target.

    A unit has its own target, a month or day that of the answer's unit. A group without a rate counts as neither.
    """
    formula, by = report.question.formulas[0], next(iter(report.question.group_by), None)
    if by not in ("unit", *OVER_TIME):
        return None
    met, under, percents = 0, [], set()
    for group in report.groups:
        unit = group.key.code if by == "unit" and group.key.code else report.unit.code
        percent = targets.of(formula, tree.counting_chain(unit))
        if percent is None:
            continue
        percents.add(percent)
        above, below = group.headline_parts(formula)
        if 100 * above < percent * below:
            under.append(group.key.code)
        elif below:
            met += 1
    common = min(percents) if len(percents) == 1 else None
    return Measured(formula.id, common, met, len(under), tuple(under)) if percents else None


def _read(entry: str) -> tuple[tuple[str | None, str], int]:
    """Read one target, "H23.45:due/1=95"; ValueError when the text is none."""
    head, _, percent = entry.rpartition("=")
    unit, colon, name = head.rpartition(":")
    code, formula = as_asked(unit) if colon else None, find(name)
    is_number = percent.isascii() and percent.isdigit()
    if formula is None or not (code is None or is_code(code)) or not is_number or not 1 <= int(percent) <= 100:
        raise ValueError(
            f"{entry!r} không phải mục tiêu; viết như timed/1=99, H23.45:timed/1=98"
            " (no target: an agency code and a colon or nothing, a formula's id, =, and 1 to 100)"
        )
    return (code, formula.id), int(percent)
