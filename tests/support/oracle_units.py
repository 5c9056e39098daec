"""The recount's second half: under which unit and group a dossier counts, and where periods begin and end.

Like tests/reference.py it is written from the definitions alone: month k of a calendar begins on its start day of
the civil month k - lag; a dissolved unit counts where its first successor does.
"""

from collections.abc import Callable
from datetime import date, timedelta

from tests.support.oracle import Dossier, World


def home(unit: str, day: date, world: World) -> str:
    """Return a dissolved unit's first successor, without one its nearest ancestor's home; else the unit."""
    place = world.places[unit]
    if place.valid_to is None or place.valid_to >= day:
        return unit
    if place.successors:
        return home(place.successors[0], day, world)
    return home(place.parent, day, world) if place.parent else unit


def line(unit: str, world: World, day: date | None) -> list[str]:
    """Return the units under which a dossier of `unit` counts, nearest first; `day` gives the current structure."""
    here: str | None = unit
    chain: list[str] = []
    while here:
        here = home(here, day, world) if day else here
        chain.append(here)
        here = world.places[here].parent
    return chain


def group_of(unit: str, asked: str, world: World, day: date | None) -> str:
    """Return the child of the asked unit that counts a dossier, or the unit itself for its own."""
    above = line(unit, world, day)
    return above[max(above.index(asked) - 1, 0)]


GROUPS: dict[str, Callable[[Dossier], str | None]] = {
    "field": lambda d: d.field,
    "procedure": lambda d: d.procedure,
    "channel": lambda d: {1: "direct", 2: "online", 3: "postal"}[d.channel],
}


def month_start(year: int, month: int, lag: int, day: int) -> date:
    years, index = divmod(month - 1 - lag, 12)
    return date(year + years, index + 1, day)


def month_of(day: date, lag: int, start_day: int) -> tuple[int, int]:
    """Return the (year, month) of a calendar that holds a day, found by trying."""
    for year in (day.year - 1, day.year, day.year + 1):
        for month in range(1, 13):
            if month_start(year, month, lag, start_day) <= day < month_start(year, month + 1, lag, start_day):
                return year, month
    raise AssertionError(day)


def bounds(name: str, today: date, lag: int, start_day: int) -> tuple[date, date]:
    """Return the first day and the day after the last of a period's name."""
    if name == "ytd":
        return month_start(month_of(today, lag, start_day)[0], 1, lag, start_day), today + timedelta(days=1)
    if len(name) == 10:
        return date.fromisoformat(name), date.fromisoformat(name) + timedelta(days=1)
    year, part = int(name[:4]), name[5:]
    length = {"": 12, "H": 6, "Q": 3}.get(part[:1], 1)
    first = 1 if not part else int(part) if length == 1 else (int(part[1:]) - 1) * length + 1
    return month_start(year, first, lag, start_day), month_start(year, first + length, lag, start_day)
