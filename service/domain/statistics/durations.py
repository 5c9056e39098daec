"""How long dossiers took (docs/definitions.md, section 10): working days used, and the distance to the deadline."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from service.domain.calendar.local_time import DAY, MICROSECOND
from service.domain.calendar.work_calendar import OfficeHours, WorkCalendar

BASES = ("ended", "received")
"""Which moment of a resolved dossier must lie in the period: its end, or its receipt."""

LAST_CLASS, FURTHEST = 120, 20
"""The outermost classes of the two histograms, in working days: 120 or more used; 20 or more from the deadline."""


class Handled(NamedTuple):
    """Resolved dossiers that were received, ended, due and paused on the same days.

    received_on: the local day of receipt; the next day for a receipt after closing time (see `past_closing`). None
    when nobody sent the end. pauses: the days on which each pause began and ended.
    """

    received_on: date | None
    ended_on: date
    due_on: date | None
    pauses: tuple[tuple[date, date], ...] = ()
    dossiers: int = 1


def past_closing(hours: OfficeHours) -> timedelta:
    """Return what is added to a receipt before its day is taken, so that one after closing time is on the next day."""
    if hours.receipt_off_hours == "same":
        return timedelta(0)
    closing = hours.sessions[-1][1]
    return DAY - timedelta(hours=closing.hour, minutes=closing.minute) - MICROSECOND


def working_days_used(work: WorkCalendar, received_on: date, handled: Handled) -> int:
    """Return the working days from receipt to end: the day of receipt is not counted, nor are paused days.

    As for a deadline, a pause takes the working days from the day it began to the day before it ended.
    """
    same = work.office_hours.receipt_off_hours == "same"
    start = received_on if same else work.first_working_day(received_on)
    paused = (
        work.working_days_between(max(began, start), min(ended, handled.ended_on)) for began, ended in handled.pauses
    )
    used = work.working_days_between(start + DAY, handled.ended_on + DAY)
    return max(0, used - sum(max(0, days) for days in paused))


def days_to_deadline(work: WorkCalendar, ended_on: date, due_on: date) -> int:
    """Return how many working days before the due day a dossier ended; 0 on that day, less than 0 after it.

    A day off after the due day counts as the next working day.
    """
    if ended_on <= due_on:
        return work.working_days_between(ended_on + DAY, due_on + DAY)
    return -work.working_days_between(due_on + DAY, work.first_working_day(ended_on) + DAY)


@dataclass
class Durations:
    """How many dossiers used how many working days, and had how many left; unmeasured: nobody sent their end."""

    used: Counter[int] = field(default_factory=Counter)
    to_deadline: Counter[int] = field(default_factory=Counter)
    unmeasured: int = 0

    def add(self, work: WorkCalendar, handled: Handled) -> None:
        if handled.received_on is None:
            self.unmeasured += handled.dossiers
            return
        self.used[working_days_used(work, handled.received_on, handled)] += handled.dossiers
        if handled.due_on is not None:
            self.to_deadline[days_to_deadline(work, handled.ended_on, handled.due_on)] += handled.dossiers

    def __add__(self, other: "Durations") -> "Durations":
        unmeasured = self.unmeasured + other.unmeasured
        return Durations(self.used + other.used, self.to_deadline + other.to_deadline, unmeasured)

    @property
    def dossiers(self) -> int:
        """Return how many dossiers were measured."""
        return self.used.total()

    @property
    def mean(self) -> Fraction | None:
        days = sum(day * count for day, count in self.used.items())
        return Fraction(days, self.dossiers) if self.dossiers else None

    @property
    def median(self) -> float | None:
        """Return the median; of an even number of dossiers, half way between the two in the middle."""
        if not self.dossiers:
            return None
        middle = {self._at((self.dossiers - 1) // 2), self._at(self.dossiers // 2)}
        return middle.pop() if len(middle) == 1 else sum(middle) / 2

    @property
    def p90(self) -> int | None:
        """Return the fewest working days within which nine of ten dossiers were done."""
        return self._at((9 * self.dossiers - 1) // 10) if self.dossiers else None

    def _at(self, place: int) -> int:
        """Return the working days of the dossier at a place (from 0) when dossiers are sorted by working days."""
        days = sorted(self.used)
        return days[bisect_right(list(accumulate(self.used[day] for day in days)), place)]

    def histogram(self) -> dict[int, int]:
        """Return how many dossiers took how many working days; the last class also holds all that took longer."""
        return _in_classes(self.used, 0, LAST_CLASS)

    def distances(self) -> dict[int, int]:
        """Return how many dossiers ended how many working days before the deadline; the outer classes hold the rest."""
        return _in_classes(self.to_deadline, -FURTHEST, FURTHEST)


def _in_classes(counted: Counter[int], lowest: int, highest: int) -> dict[int, int]:
    classes: Counter[int] = Counter()
    for days, count in counted.items():
        classes[min(max(days, lowest), highest)] += count
    return dict(sorted(classes.items()))
