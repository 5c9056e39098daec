"""The formulas behind "tỷ lệ đúng hạn": one id and version each, numerator and denominator always shown.

Portals publish different rates under the same words, so each formula names who publishes it. A formula is
data: the names of the counts above and below the line. Its numbers, its words and its row in
docs/definitions.md all follow from these names. A rate is one division at the very end.
"""

from dataclasses import dataclass
from functools import cached_property

from service.domain.statistics.count_names import COUNT_NAMES, Name
from service.domain.statistics.counts import COHORT, SPLIT_OF_IN_PROGRESS, Counts
from service.domain.statistics.rounding import percent, score

_COUNTS_OPEN_OVERDUE = {"open_overdue", "in_progress", "workload", "cohort_late"}


@dataclass(frozen=True, init=False)
class Side:
    """One side of a ratio: the counts that are added, and those that a "-" before their name takes away."""

    terms: tuple[str, ...]

    def __init__(self, *terms: str) -> None:
        """Take the names of counts: Side("workload", "-late")."""
        object.__setattr__(self, "terms", terms)

    def __add__(self, other: "Side") -> "Side":
        return Side(*self.terms, *other.terms)

    @cached_property
    def signed(self) -> tuple[tuple[int, str], ...]:
        """Return the terms as (1 or -1, name of the count)."""
        return tuple((-1, term[1:]) if term.startswith("-") else (1, term) for term in self.terms)

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names of the counts that take part."""
        return frozenset(name for _, name in self.signed)

    @property
    def text(self) -> str:
        """Return the side as documentation and the API write it: "workload - late"."""
        return self.spelled({name: name for name in self.names})

    def value(self, counts: Counts) -> int:
        """Work out the side's number."""
        return sum(sign * int(getattr(counts, name)) for sign, name in self.signed)

    def in_words(self, lang: str) -> str:
        """Return the side in Vietnamese ("vi") or English ("en")."""
        return self.spelled({name: getattr(COUNT_NAMES[name], lang) for name in self.names}, " − ")

    def spelled(self, words: dict[str, str], minus: str = " - ") -> str:
        """Join the words of the terms by their signs."""
        first, *others = self.signed
        return words[first[1]] + "".join((minus if sign < 0 else " + ") + words[name] for sign, name in others)


@dataclass(frozen=True)
class Ratio:
    """What stands above and below the line."""

    above: Side
    below: Side

    def parts(self, counts: Counts) -> tuple[int, int]:
        """Work out numerator and denominator."""
        return self.above.value(counts), self.below.value(counts)

    def in_words(self, lang: str) -> str:
        """Return the division in Vietnamese ("vi") or English ("en")."""
        above, below = self.above.in_words(lang), self.below.in_words(lang)
        return f"({above}) ÷ ({below})"


@dataclass(frozen=True)
class Formula:
    """One published way of making a rate out of counts.

    ratios: by name of the rate, the one that is printed large first. note_vi, note_en: what the division does
    not say by itself. short: what heading and badge say it is; the default's are the contract's. points: how many
    points the whole ratio is worth, where it is also given as a score.
    """

    id: str
    ratios: dict[str, Ratio]
    title_vi: str
    title_en: str
    published_by: tuple[str, ...] = ()
    note_vi: str = ""
    note_en: str = ""
    short: Name | None = None
    points: int | None = None

    @property
    def headline(self) -> str:
        """Return the name of the rate that is printed large."""
        return next(iter(self.ratios))

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names of all counts that take part."""
        return frozenset().union(*(ratio.above.names | ratio.below.names for ratio in self.ratios.values()))

    @cached_property
    def needs_split(self) -> bool:
        """Say whether the formula asks in which state unfinished dossiers are."""
        return not self.names.isdisjoint(SPLIT_OF_IN_PROGRESS)

    @cached_property
    def needs_cohort(self) -> bool:
        """Say whether the formula asks for the dossiers that were due in the period."""
        return not self.names.isdisjoint(COHORT)

    @cached_property
    def counts_only_survivors(self) -> bool:
        """Say whether the rate looks at finished dossiers alone: those that are overdue now do not lower it."""
        return self.names.isdisjoint(_COUNTS_OPEN_OVERDUE)

    def explanation(self, lang: str) -> str:
        """Return the division in words, and what it does not say by itself."""
        note = self.note_en if lang == "en" else self.note_vi
        words = self.ratios[self.headline].in_words(lang)
        words = f"{words[0]}{words[1].upper()}{words[2:]}."
        return f"{words} {note}" if note else words


def _punctual(in_time: Side, late: Side, whole: Side | None = None) -> dict[str, Ratio]:
    """Return both rates of punctuality; without a whole, what is in time and what is late make it up."""
    below = whole or in_time + late
    return {"on_time": Ratio(in_time, below), "late": Ratio(late, below)}


_DONE = Side("early", "on_time")
_LATE = Side("late")
_LATE_OR_OVERDUE = Side("late", "open_overdue")
_WORKLOAD = Side("workload")
_NATIONAL_IN_TIME = Side("early", "on_time", "open_in_time", "paused_in_time")
_NATIONAL_LATE = Side("late", "open_overdue", "paused_overdue")
_CLOSED_IN_TIME = Side("withdrawn", "-withdrawn_late", "stopped", "-stopped_late")

_ALL = (
    Formula(
        "timed/1",
        _punctual(_DONE, _LATE),
        "Đúng hạn trên số hồ sơ đã giải quyết có hạn trả",
        "On time among resolved dossiers that had a deadline",
        ("Huyện Tứ Kỳ (tiện ích trên cổng)", "Vĩnh Phúc 2019"),
        "Không tính hồ sơ đang xử lý quá hạn.",
        "Open overdue dossiers take no part.",
    ),
    Formula(
        "resolved/1",
        _punctual(_DONE, _LATE, Side("resolved")),
        "Đúng hạn trên tổng số hồ sơ đã giải quyết",
        "On time among all resolved dossiers",
        ("Lâm Đồng", "Bến Tre", "Long An", "Bình Dương"),
        "Mẫu số gồm cả hồ sơ không có hạn trả.",
        "The denominator includes dossiers without a deadline.",
        short=Name("đúng hạn trên tổng số đã giải quyết", "on time among all resolved"),
    ),
    Formula(
        "due/1",
        _punctual(_DONE, _LATE_OR_OVERDUE),
        "Đúng hạn trên số hồ sơ đến hạn",
        "On time among dossiers whose judgement has fallen",
        ("Vĩnh Phúc 2018", "Vĩnh Phúc 2021 (hồ sơ đến hạn)"),
        short=Name("đúng hạn trên số đến hạn", "on time among those due"),
    ),
    Formula(
        "workload/1",
        _punctual(Side("workload", "-late", "-open_overdue"), _LATE_OR_OVERDUE, _WORKLOAD),
        "Không trễ hạn trên số hồ sơ xử lý",
        "Not late among the whole workload",
        ("Gia Lai",),
        short=Name("không trễ hạn trên số xử lý", "not late among those handled"),
    ),
    Formula(
        "national/1",
        _punctual(_NATIONAL_IN_TIME, _NATIONAL_LATE),
        "Tiến độ giải quyết (Quyết định 766/QĐ-TTg)",
        "Timeliness of handling (Decision 766/QĐ-TTg)",
        ("Cổng Dịch vụ công quốc gia",),
        "Điểm là 20 lần tỷ lệ này.",
        "The score is 20 times this ratio.",
        short=Name("tiến độ giải quyết (QĐ 766)", "timeliness (Decision 766)"),
        points=20,
    ),
    Formula(
        "national/2",
        _punctual(
            _NATIONAL_IN_TIME + _CLOSED_IN_TIME,
            _NATIONAL_LATE + Side("withdrawn_late", "stopped_late"),
            Side("early", "on_time", "late", "open_in_time", "open_overdue", "paused", "withdrawn", "stopped"),
        ),
        "Tiến độ giải quyết, gồm cả hồ sơ rút và dừng xử lý",
        "Timeliness of handling, withdrawn and stopped dossiers included",
        ("Cổng Dịch vụ công quốc gia (tệp công thức)",),
        "Hồ sơ rút hoặc dừng cũng được xét theo hạn trả của nó. Điểm là 20 lần tỷ lệ này.",
        "Withdrawn and stopped dossiers are judged by their due moment too. The score is 20 times this ratio.",
        short=Name("tiến độ giải quyết, gồm rút và dừng", "timeliness, withdrawn and stopped included"),
        points=20,
    ),
    Formula(
        "cohort/1",
        _punctual(Side("cohort_on_time"), Side("cohort_late")),
        "Đúng hạn trên số hồ sơ có hạn trả trong kỳ",
        "On time among dossiers that were due in the period",
        (),
        "Xét mọi hồ sơ có hạn trả trong kỳ, tiếp nhận lúc nào cũng vậy. Hồ sơ rút, dừng, tạm dừng và hồ sơ không rõ"
        " ngày kết thúc không được xét; số đó được ghi riêng.",
        "Every dossier due in the period, whenever received. Withdrawn, stopped and paused ones, and those of which"
        " nobody told the end, are left out and counted apart.",
        short=Name("đúng hạn trên số có hạn trả trong kỳ", "on time among those due in the period"),
    ),
    Formula(
        "received/1",
        _punctual(_DONE, _LATE, Side("received")),
        "Đúng hạn trên số hồ sơ tiếp nhận trong kỳ",
        "On time among dossiers received in the period",
        ("Quận 1, TP. Hồ Chí Minh 2018",),
        "Có thể vượt 100 vì tử số gồm cả hồ sơ tồn.",
        "It may exceed 100: the numerator includes dossiers that were carried over.",
        short=Name("đúng hạn trên số tiếp nhận", "on time among those received"),
    ),
    Formula(
        "completion/1",
        {"resolved": Ratio(Side("resolved"), _WORKLOAD)},
        "Tỷ lệ đã giải quyết (không phải tỷ lệ đúng hạn)",
        "Completion rate (not a punctuality rate)",
        ("Bến Tre (đã giải quyết)",),
        "Không nói gì về đúng hạn.",
        "It says nothing about punctuality.",
        short=Name("đã giải quyết trên số xử lý", "resolved among those handled"),
    ),
)

FORMULAS: dict[str, Formula] = {formula.id: formula for formula in _ALL}
DEFAULT = FORMULAS["timed/1"]


def find(name: str) -> Formula | None:
    """Return the formula with this id; a name without its version is version 1, for ever."""
    return FORMULAS.get(name) or FORMULAS.get(f"{name}/1")


@dataclass(frozen=True)
class Rate:
    """One rate, ready to print: exact parts, and the percentage as text (None when there is none)."""

    numerator: int
    denominator: int
    percent: str | None


@dataclass(frozen=True)
class Rates:
    """All rates of one formula over one set of counts.

    open_overdue: how many are overdue now, where the rate must not stand without them; else None.
    """

    formula: Formula
    decimals: int
    rates: dict[str, Rate]
    score: str | None
    open_overdue: int | None = None

    @property
    def headline(self) -> Rate:
        """Return the rate that is printed large."""
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
    is_told = formula.counts_only_survivors and 100 * overdue > below + overdue
    return Rates(formula, decimals, rates, points, overdue if is_told else None)
