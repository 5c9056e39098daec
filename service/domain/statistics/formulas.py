"""The formulas behind "tỷ lệ đúng hạn": one id and version each, numerator and denominator always shown.

Portals publish different rates under the same words. Each formula here names who publishes it;
a rate is one division at the very end, made by service.domain.rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass

from service.domain.statistics.counts import Counts
from service.domain.statistics.rounding import percent, score

Side = Callable[[Counts], int]


@dataclass(frozen=True)
class Ratio:
    """A numerator and a denominator, as functions of the counts and in words."""

    numerator: Side
    denominator: Side
    numerator_text: str
    denominator_text: str


@dataclass(frozen=True)
class Formula:
    """One published way of making a rate out of counts."""

    id: str
    ratios: dict[str, Ratio]
    title_vi: str
    title_en: str
    explanation_vi: str
    explanation_en: str
    published_by: tuple[str, ...]
    points: int | None = None

    @property
    def name(self) -> str:
        """Return the id without its version."""
        return self.id.partition("/")[0]

    @property
    def headline(self) -> str:
        """Return the name of the rate that is printed large."""
        return next(iter(self.ratios))

    @property
    def needs_split(self) -> bool:
        """Say whether the formula asks in which state unfinished dossiers are."""
        texts = " ".join(f"{ratio.numerator_text} {ratio.denominator_text}" for ratio in self.ratios.values())
        return "open_" in texts or "paused_" in texts


def _early_or_on_time(c: Counts) -> int:
    return c.early_or_on_time


def _late(c: Counts) -> int:
    return c.late


def _resolved(c: Counts) -> int:
    return c.resolved


def _timed(c: Counts) -> int:
    return c.early_or_on_time + c.late


def _due(c: Counts) -> int:
    return c.early_or_on_time + c.late + c.open_overdue


def _late_or_overdue(c: Counts) -> int:
    return c.late + c.open_overdue


def _workload(c: Counts) -> int:
    return c.workload


def _workload_not_late(c: Counts) -> int:
    return c.workload - c.late - c.open_overdue


def _received(c: Counts) -> int:
    return c.received


def _national_in_time(c: Counts) -> int:
    return c.early_or_on_time + c.open_in_time + c.paused_in_time


def _national_late(c: Counts) -> int:
    return c.late + c.open_overdue + c.paused_overdue


def _national_all(c: Counts) -> int:
    return _national_in_time(c) + _national_late(c)


_EARLY_OR_ON_TIME = "early + on_time"
_TIMED = "early + on_time + late"
_DUE = "early + on_time + late + open_overdue"
_NATIONAL_IN_TIME = "early + on_time + open_in_time + paused_in_time"
_NATIONAL_LATE = "late + open_overdue + paused_overdue"

_ALL = (
    Formula(
        "timed/1",
        {
            "on_time": Ratio(_early_or_on_time, _timed, _EARLY_OR_ON_TIME, _TIMED),
            "late": Ratio(_late, _timed, "late", _TIMED),
        },
        "Đúng hạn trên số hồ sơ đã giải quyết có hạn trả",
        "On time among resolved dossiers that had a deadline",
        "Hồ sơ trước hạn và đúng hạn chia cho hồ sơ đã giải quyết có hạn trả (trước hạn, đúng hạn, trễ hạn).",
        "Early and on-time dossiers divided by the resolved dossiers that had a deadline.",
        ("Huyện Tứ Kỳ (tiện ích trên cổng)", "Vĩnh Phúc 2019"),
    ),
    Formula(
        "resolved/1",
        {
            "on_time": Ratio(_early_or_on_time, _resolved, _EARLY_OR_ON_TIME, "resolved"),
            "late": Ratio(_late, _resolved, "late", "resolved"),
        },
        "Đúng hạn trên tổng số hồ sơ đã giải quyết",
        "On time among all resolved dossiers",
        "Hồ sơ trước hạn và đúng hạn chia cho toàn bộ hồ sơ đã giải quyết, kể cả hồ sơ không có hạn trả.",
        "Early and on-time dossiers divided by all resolved dossiers, those without a deadline included.",
        ("Lâm Đồng", "Bến Tre", "Long An", "Bình Dương"),
    ),
    Formula(
        "due/1",
        {
            "on_time": Ratio(_early_or_on_time, _due, _EARLY_OR_ON_TIME, _DUE),
            "late": Ratio(_late_or_overdue, _due, "late + open_overdue", _DUE),
        },
        "Đúng hạn trên số hồ sơ đến hạn",
        "On time among dossiers whose judgement has fallen",
        "Hồ sơ trước hạn và đúng hạn chia cho hồ sơ đã giải quyết có hạn trả cộng hồ sơ đang xử lý quá hạn.",
        "Early and on-time dossiers divided by resolved ones with a deadline plus open overdue ones.",
        ("Vĩnh Phúc 2018", "Vĩnh Phúc 2021 (hồ sơ đến hạn)"),
    ),
    Formula(
        "workload/1",
        {
            "on_time": Ratio(_workload_not_late, _workload, "workload - late - open_overdue", "workload"),
            "late": Ratio(_late_or_overdue, _workload, "late + open_overdue", "workload"),
        },
        "Không trễ hạn trên số hồ sơ xử lý",
        "Not late among the whole workload",
        "Số hồ sơ xử lý trừ hồ sơ trễ hạn và đang xử lý quá hạn, chia cho số hồ sơ xử lý.",
        "The workload without late and open overdue dossiers, divided by the workload.",
        ("Gia Lai",),
    ),
    Formula(
        "national/1",
        {
            "on_time": Ratio(
                _national_in_time,
                _national_all,
                _NATIONAL_IN_TIME,
                f"{_NATIONAL_IN_TIME} + {_NATIONAL_LATE}",
            ),
            "late": Ratio(_national_late, _national_all, _NATIONAL_LATE, f"{_NATIONAL_IN_TIME} + {_NATIONAL_LATE}"),
        },
        "Tiến độ giải quyết (Quyết định 766/QĐ-TTg)",
        "Timeliness of handling (Decision 766/QĐ-TTg)",
        "Hồ sơ giải quyết trước và đúng hạn, đang xử lý trong hạn và tạm dừng trong hạn, chia cho các hồ sơ đó "
        "cộng hồ sơ trễ hạn, đang xử lý quá hạn và tạm dừng quá hạn; điểm là 20 lần tỷ lệ này.",
        "Dossiers resolved, open or paused in time, divided by those plus late, overdue and paused-overdue "
        "ones; the score is 20 times this ratio.",
        ("Cổng Dịch vụ công quốc gia",),
        points=20,
    ),
    Formula(
        "received/1",
        {
            "on_time": Ratio(_early_or_on_time, _received, _EARLY_OR_ON_TIME, "received"),
            "late": Ratio(_late, _received, "late", "received"),
        },
        "Đúng hạn trên số hồ sơ tiếp nhận trong kỳ",
        "On time among dossiers received in the period",
        "Hồ sơ trước hạn và đúng hạn chia cho hồ sơ tiếp nhận trong kỳ; có thể vượt 100 vì tử số gồm cả hồ sơ tồn.",
        "Early and on-time dossiers divided by those received in the period; it may exceed 100.",
        ("Quận 1, TP. Hồ Chí Minh 2018",),
    ),
    Formula(
        "completion/1",
        {"resolved": Ratio(_resolved, _workload, "resolved", "workload")},
        "Tỷ lệ đã giải quyết (không phải tỷ lệ đúng hạn)",
        "Completion rate (not a punctuality rate)",
        "Hồ sơ đã giải quyết chia cho số hồ sơ xử lý. Không nói gì về đúng hạn.",
        "Resolved dossiers divided by the workload. It says nothing about punctuality.",
        ("Bến Tre (đã giải quyết)",),
    ),
)

FORMULAS: dict[str, Formula] = {formula.id: formula for formula in _ALL}
DEFAULT = FORMULAS["timed/1"]


def find(name: str) -> Formula | None:
    """Return the formula with this id, with or without its version."""
    if name in FORMULAS:
        return FORMULAS[name]
    return next((formula for formula in _ALL if formula.name == name), None)


@dataclass(frozen=True)
class Rate:
    """One rate, ready to print: exact parts, and the percentage as text (None when there is none)."""

    numerator: int
    denominator: int
    percent: str | None


@dataclass(frozen=True)
class Rates:
    """All rates of one formula over one set of counts."""

    formula: Formula
    decimals: int
    rates: dict[str, Rate]
    score: str | None

    @property
    def headline(self) -> Rate:
        """Return the rate that is printed large."""
        return self.rates[self.formula.headline]


def rates_of(counts: Counts, formula: Formula, decimals: int = 1, honest_ends: bool = True) -> Rates:
    """Work out a formula's rates from counts: the only division in this service."""
    parts = {name: (ratio.numerator(counts), ratio.denominator(counts)) for name, ratio in formula.ratios.items()}
    rates = {
        name: Rate(above, below, percent(above, below, decimals, honest_ends)) for name, (above, below) in parts.items()
    }
    points = None
    if formula.points:
        points = score(*parts[formula.headline], formula.points, honest_ends)
    return Rates(formula, decimals, rates, points)


@dataclass(frozen=True)
class LateBudget:
    """A month's budget of late dossiers.

    expected: dossiers judged this month so far, plus those that are open and due by its end.
    allowed: how many of them may be late. left: how many more may be; below 0 the target is lost
    unless more dossiers come.
    """

    expected: int
    allowed: int
    left: int


def late_budget(month: Counts, due_by_end: int, target_percent: int) -> LateBudget:
    """Work out the budget of the default formula (timed/1) for a month to date.

    due_by_end: open dossiers that fall due between now and the month's end. An open overdue
    dossier is late already: it can only end late, so it is expected and spent.
    """
    expected = month.early_or_on_time + month.late + month.open_overdue + due_by_end
    allowed = (100 - target_percent) * expected // 100
    return LateBudget(expected, allowed, allowed - month.late - month.open_overdue)
