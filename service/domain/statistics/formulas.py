"""The formulas behind "tỷ lệ đúng hạn": one id and version each, numerator and denominator always shown.

Portals publish different rates under the same words, so each formula names who publishes it. A formula is
data: the names of the counts above and below the line. Its numbers, its words and its row in
docs/definitions.md all follow from these names. A rate is one division at the very end.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from service.domain.both_languages import Words
from service.domain.json_beside import json_beside
from service.domain.statistics.count_names import COUNT_NAMES
from service.domain.statistics.counts import COHORT, SPLIT_OF_IN_PROGRESS, Counts
from service.domain.statistics.rounding import percent, score

_COUNTS_OPEN_OVERDUE = {"open_overdue", "in_progress", "workload", "cohort_late"}
_NO_NOTE = Words("", "")


class Side:
    """One side of a ratio: counts that are added, and counts with a "-" before their name, which are subtracted.

    names: the counts that take part.
    """

    def __init__(self, *terms: str) -> None:
        """Take the names of counts: Side("workload", "-late")."""
        self._signed = [(-1, term[1:]) if term.startswith("-") else (1, term) for term in terms]
        self.names = frozenset(name for _, name in self._signed)

    @property
    def text(self) -> str:
        """Return the side as documentation and the API write it: "workload - late"."""
        return self.spelled({name: name for name in self.names})

    def value(self, counts: Counts) -> int:
        return sum(sign * int(getattr(counts, name)) for sign, name in self._signed)

    def in_words(self, lang: str) -> str:
        return self.spelled({name: getattr(COUNT_NAMES[name], lang) for name in self.names}, " − ")

    def spelled(self, words: dict[str, str], minus: str = " - ") -> str:
        """Join the words of the terms by their signs."""
        first, *others = self._signed
        return words[first[1]] + "".join((minus if sign < 0 else " + ") + words[name] for sign, name in others)


class Ratio(NamedTuple):
    """A fraction of counts: the sides above and below the line."""

    above: Side
    below: Side

    def parts(self, counts: Counts) -> tuple[int, int]:
        return self.above.value(counts), self.below.value(counts)


@dataclass(frozen=True)
class Formula:
    """One published way of making a rate out of counts.

    ratios: by name of the rate; the first rate is the one printed large. note: what the division does not say by
    itself. short: its name in heading and badge; None for the default formula, whose words are fixed. points: what a
    ratio of 1 is worth in points, for a formula that also gives a score.
    """

    id: str
    ratios: dict[str, Ratio]
    title: Words
    published_by: tuple[str, ...] = ()
    note: Words = _NO_NOTE
    short: Words | None = None
    points: int | None = None

    @property
    def headline(self) -> str:
        """Return the name of the rate that is printed large."""
        return next(iter(self.ratios))

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(ratio.above.names | ratio.below.names for ratio in self.ratios.values()))

    @cached_property
    def needs_split(self) -> bool:
        """Say whether the formula needs the states of unfinished dossiers."""
        return not self.names.isdisjoint(SPLIT_OF_IN_PROGRESS)

    @cached_property
    def needs_cohort(self) -> bool:
        """Say whether the formula needs the dossiers that were due in the period."""
        return not self.names.isdisjoint(COHORT)

    def explanation(self, lang: str) -> str:
        """Return the division in words, and the note."""
        ratio, note = self.ratios[self.headline], getattr(self.note, lang)
        above, below = ratio.above.in_words(lang), ratio.below.in_words(lang)
        words = f"({above[0].upper()}{above[1:]}) ÷ ({below})."
        return f"{words} {note}" if note else words


def _read(entry: dict[str, Any]) -> Formula:
    short = entry.get("short")
    return Formula(
        entry["id"],
        {name: Ratio(Side(*sides["above"]), Side(*sides["below"])) for name, sides in entry["rates"].items()},
        Words(**entry["title"]),
        tuple(entry["published_by"]),
        Words(**entry["note"]) if "note" in entry else _NO_NOTE,
        Words(**short) if short else None,
        entry.get("points"),
    )


FORMULAS: dict[str, Formula] = {entry["id"]: _read(entry) for entry in json_beside(__file__)}
DEFAULT = FORMULAS["timed/1"]


def find(name: str) -> Formula | None:
    """Return the formula with this id; a name without its version is version 1, for ever."""
    return FORMULAS.get(name) or FORMULAS.get(f"{name}/1")


@dataclass(frozen=True)
class Rate:
    """One rate, ready to print: its exact parts, and the percentage as text (None when the denominator is 0)."""

    numerator: int
    denominator: int
    percent: str | None


class Rates(NamedTuple):
    """All rates of one formula over one set of counts.

    open_overdue: how many are overdue now, if that must stand beside the rate (docs/definitions.md, section 5).
    """

    formula: Formula
    decimals: int
    rates: dict[str, Rate]
    score: str | None
    open_overdue: int | None = None

    @property
    def headline(self) -> Rate:
        return self.rates[self.formula.headline]


def rates_of(counts: Counts, formula: Formula, decimals: int = 1, honest_ends: bool = True) -> Rates:
    """Work out a formula's rates from counts: the only division in this service."""
    parts = {name: ratio.parts(counts) for name, ratio in formula.ratios.items()}
    rates = {
        name: Rate(above, below, percent(above, below, decimals, honest_ends)) for name, (above, below) in parts.items()
    }
    above, below = parts[formula.headline]
    points = score(above, below, formula.points, honest_ends) if formula.points else None
    overdue = counts.open_overdue
    counts_only_finished = formula.names.isdisjoint(_COUNTS_OPEN_OVERDUE)  # so that overdue ones do not lower the rate
    is_told = counts_only_finished and 100 * overdue > below + overdue
    return Rates(formula, decimals, rates, points, overdue if is_told else None)
