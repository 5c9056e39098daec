"""A question about a unit's dossiers, and its answer: what every rendering is made from."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from service.domain.calendar.local_time import DAY, day_start, local_day
from service.domain.calendar.periods import CIVIL, Period, PeriodCalendar, days_of, months_of
from service.domain.errors import BadQuestion, NotFound
from service.domain.statistics.counts import Counts
from service.domain.statistics.coverage import UnitCoverage
from service.domain.statistics.formulas import DEFAULT, Formula, Rates, rates_of
from service.domain.units import Unit

GROUPS = ("unit", "level", "field", "procedure", "channel", "month", "day")
OVER_TIME = ("month", "day")
"""Groupings whose groups follow each other in time; all others split the same dossiers."""
MOST_DAYS = {"day": 400, "month": 400 * 31}
"""How long a period may be when it is cut into days or months: an answer has at most 400 of them."""
MOST_CELLS = 10_000
"""How many cells two groupings may give: an answer of about 16 MB."""


@dataclass(frozen=True)
class Filters:
    """Which dossiers of a unit are counted; None counts all.

    channel: its national code. field: the field's code; a field without a code goes by its name. procedure: its
    national code. level: the level of the unit that counts a dossier.
    """

    channel: int | None = None
    field: str | None = None
    procedure: str | None = None
    level: str | None = None

    def of_dossiers(self) -> dict[str, int | str]:
        """Return the values of the filters on dossiers, by name; `level` is a filter on units."""
        named = {"channel": self.channel, "field": self.field, "procedure": self.procedure}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Question:
    """What is asked: everything that decides the answer, with `as_of` read once at the edge.

    interval: "wilson" to get one with each rate. compare: one of COMPARISONS. depth: see UnitTree.group_of_unit.
    heard_within: working days before `as_of` within which a unit must have been heard (a setting).
    """

    unit: str
    period: Period
    as_of: datetime
    group_by: tuple[str, ...] = ()
    formulas: tuple[Formula, ...] = (DEFAULT,)
    decimals: int = 1
    honest_ends: bool = True
    subtree: bool = True
    calendar: PeriodCalendar = CIVIL
    structure: str = "historic"
    filters: Filters = Filters()
    depth: int = 1
    heard_within: int = 5
    compare: str | None = None
    interval: str | None = None

    @property
    def with_intervals(self) -> bool:
        """Say whether each rate comes with an interval: on request, and always when units are compared."""
        return self.interval is not None or "unit" in self.group_by

    @property
    def current_on(self) -> date | None:
        """Return the day whose structure of units is asked for; None for the units as they were."""
        return local_day(self.as_of) if self.structure == "current" else None

    @property
    def with_cohort(self) -> bool:
        return any(formula.needs_cohort for formula in self.formulas)

    def buckets(self, grain: str, last: date) -> list[Period]:
        """Return the days or months of the period, up to the last day that is counted."""
        first, after = self.period.first, last + DAY
        return list(days_of(first, after) if grain == "day" else months_of(first, after, self.calendar))

    def rates(self, counts: Counts) -> tuple[Rates, ...]:
        return tuple(rates_of(counts, formula, self.decimals, self.honest_ends) for formula in self.formulas)


class GroupKey(NamedTuple):
    """What a group is called: a code and a name, either of which may be missing."""

    code: str | None
    name: str | None


@dataclass(frozen=True)
class GroupCounts:
    """The counts of one group, and of its own groups where two groupings were asked for at once.

    split_known: the states of unfinished dossiers are known; of a time series, for the last group alone. sent: False
    for units that never sent anything, whose counts are unknown and not zero.
    """

    key: GroupKey
    counts: Counts
    in_progress: int
    split_known: bool = True
    sent: bool = True
    groups: tuple["GroupCounts", ...] = ()

    def knows(self, formula: Formula) -> bool:
        return self.sent and (self.split_known or not formula.needs_split)

    def headline_parts(self, formula: Formula) -> tuple[int, int]:
        """Return numerator and denominator of a formula's first rate; (0, 0) when a count is not known."""
        return formula.ratios[formula.headline].parts(self.counts) if self.knows(formula) else (0, 0)


@dataclass(frozen=True)
class Report:
    """The answer to a question.

    working_days: those of the period up to the moment asked about. earlier: the answer to compare with.
    """

    question: Question
    unit: Unit
    counts: Counts
    updated_at: datetime | None
    groups: list[GroupCounts] = field(default_factory=list)
    not_separable: tuple[str, ...] = ()
    ancestors: tuple[Unit, ...] = ()
    coverage: UnitCoverage = field(default_factory=lambda: UnitCoverage(0, ()))
    working_days: int = 0
    earlier: "Report | None" = None

    @property
    def total(self) -> GroupCounts:
        return GroupCounts(GroupKey(self.unit.code, self.unit.name), self.counts, self.counts.in_progress)

    @property
    def rates(self) -> tuple[Rates, ...]:
        return self.question.rates(self.counts)

    def stale(self, after: timedelta) -> bool:
        """Say whether the data are older than `after` at the moment that was asked for."""
        return self.updated_at is None or self.question.as_of - self.updated_at > after


class UnknownFilter(NotFound):
    """A field or procedure that neither a dossier nor a catalogue names; an answer of zeros would hide the mistake."""

    def __init__(self, name: str, value: str) -> None:
        message = f"Không có {'lĩnh vực' if name == 'field' else 'thủ tục'} {value[:60]!r} (no such {name})"
        super().__init__(f"{name}: {message}", {name: [message]})


class TooManyGroups(BadQuestion):
    """Two groupings that give more cells than an answer may have."""

    def __init__(self) -> None:
        message = f"Quá {MOST_CELLS} ô; hãy rút ngắn kỳ hoặc lọc (more cells than that; shorten the period, or filter)"
        super().__init__(f"group_by: {message}", {"group_by": [message]})


class UnknownUnit(NotFound):
    """The unit that was asked for is not known."""

    def __init__(self, code: str) -> None:
        unknown = f"Không có đơn vị {code[:40]!r}"
        remedy = "xem /api/v1/units hoặc `units list` (no such unit; see the list)"
        super().__init__(f"{unknown}; {remedy}", {"unit": [f"{unknown} (no unit {code[:40]!r})"]})


class Age(NamedTuple):
    """A class of ages; `days` is its longest, None for the last class, which has no end."""

    code: str
    days: int | None
    vi: str
    en: str

    def since(self, moment: datetime) -> datetime:
        """Return the beginning of the earliest local day of receipt of this class, as of a moment."""
        if self.days is None:
            raise ValueError("the last class has no earliest moment")
        return day_start(local_day(moment) - timedelta(days=self.days))


AGES = (
    Age("0-7", 7, "Đến 7 ngày", "Up to 7 days"),
    Age("8-15", 15, "8 đến 15 ngày", "8 to 15 days"),
    Age("16-30", 30, "16 đến 30 ngày", "16 to 30 days"),
    Age("31-90", 90, "31 đến 90 ngày", "31 to 90 days"),
    Age("91-", None, "Trên 90 ngày", "Over 90 days"),
)
