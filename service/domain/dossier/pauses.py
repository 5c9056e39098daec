"""When a dossier is paused, and whether the request came in time: disjoint intervals."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from service.domain.calendar.deadlines import PauseLike
from service.domain.dossier.progress import Request
from service.domain.dossier.snapshot import Pause


class PausedInterval(NamedTuple):
    """A time [start, end) in which a dossier is paused; in_time: as paused_in_time, else as paused_overdue."""

    start: datetime
    end: datetime | None
    in_time: bool


def paused_intervals(
    requests: Iterable[Request], ended_at: datetime | None, due_moment: datetime | None
) -> list[PausedInterval]:
    """Return the intervals in which a dossier is paused; ended_at: its end, None while it is open.

    Requests that overlap or touch make one interval; one without length makes none. The first interval is in time when
    it began by the due moment, or when nothing is due; later ones are overdue. An open request ends with the dossier.
    """
    pauses = [Pause(start, ended_at if lasts else end) for start, end, lasts, _ in requests]
    return [
        PausedInterval(start, end, number == 0 and (due_moment is None or start <= due_moment))
        for number, (start, end) in enumerate(merged(pauses))
    ]


def covers(pause: PauseLike, moment: datetime) -> bool:
    """Say whether a moment lies in a pause: [start, end)."""
    return pause.start <= moment and (pause.end is None or pause.end > moment)


def merged(pauses: Iterable[Pause]) -> list[Pause]:
    """Merge pauses that overlap or touch; a pause that does not end after it begins is left out."""
    disjoint: list[Pause] = []
    for start, end in sorted(pauses, key=lambda pause: pause.start):
        if end is not None and end <= start:
            continue
        last = disjoint[-1] if disjoint else None
        if last and (last.end is None or start <= last.end):
            disjoint[-1] = Pause(last.start, None if last.end is None or end is None else max(last.end, end))
        else:
            disjoint.append(Pause(start, end))
    return disjoint
