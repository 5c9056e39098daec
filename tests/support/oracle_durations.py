"""How long dossiers took, recounted day by day with a finger on the calendar."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from service.domain.calendar.local_time import VIETNAM, local_day
from tests.support.oracle import Dossier, World, is_counted, last_end, outcome
from tests.support.oracle_versions import certain

DAY = timedelta(days=1)


def days(first: date, last: date) -> list[date]:
    """List the days from first to last, both included."""
    return [first + number * DAY for number in range((last - first).days + 1)]


def working(world: World, some: Iterable[date]) -> int:
    return sum(world.calendar.is_working_day(day) for day in some)


def first_day(received: datetime, world: World) -> date:
    """Return the day that is not counted: of receipt, or the next working day after closing time or on a day off."""
    day = local_day(received)
    if received.astimezone(VIETNAM).strftime("%H%M%S%f") > "170000000000":
        day += DAY
    while not world.calendar.is_working_day(day):
        day += DAY
    return day


def used(d: Dossier, world: World) -> int:
    """Return the working days after the first one, but for those on which it was paused."""
    start, ended = first_day(certain(d.received), world), local_day(certain(last_end(d)))
    counted = working(world, days(start + DAY, ended))
    paused = {
        day
        for began, until in d.pauses
        for day in days(local_day(began), local_day(until or certain(last_end(d))) - DAY)
    }
    return max(0, counted - working(world, (day for day in paused if start <= day < ended)))


def distance(d: Dossier, world: World) -> int:
    """Return the working days from the end to the due day; below 0 those from the due day to the end."""
    ended, due = local_day(certain(last_end(d))), local_day(certain(d.due))
    if ended <= due:
        return working(world, days(ended + DAY, due))
    while not world.calendar.is_working_day(ended):
        ended += DAY
    return -working(world, days(due + DAY, ended))


def is_measured(d: Dossier) -> bool:
    return outcome(d) != "no_deadline" or (d.due is None and d.end_known and d.end_dated)


def resolved(pile: Iterable[Dossier], start: datetime, m: datetime, as_of: datetime, by: str) -> list[Dossier]:
    """List those that were resolved in [start, m], or that were received in it and are resolved by as_of."""
    counted = [d for d in pile if is_counted(d) and outcome(d) not in ("withdrawn", "stopped")]
    ended = [(d, end) for d in counted if (end := last_end(d)) is not None and end <= as_of]
    return [d for d, end in ended if start <= (end if by == "ended" else certain(d.received)) <= m]


def measured(pile: Iterable[Dossier], world: World) -> tuple[dict[int, int], dict[int, int], int]:
    """Return how many took how many working days, how many ended how far from the deadline, and the unmeasured."""
    pile = list(pile)
    known = [d for d in pile if is_measured(d)]
    took = Counter(min(used(d, world), 120) for d in known)
    distances = Counter(max(-20, min(20, distance(d, world))) for d in known if d.due is not None)
    return dict(took), dict(distances), len(pile) - len(known)
