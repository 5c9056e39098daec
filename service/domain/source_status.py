"""How often a source usually sends, and when it has been silent too long: both in working time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from service.domain.calendar.work_calendar import WorkCalendar

LOOK_BACK = timedelta(days=56)
"""How far back pushes are looked at: eight weeks hold a Tết and still a usual month."""

MIN_GAPS = 10
"""With fewer gaps between pushes a source has no usual gap yet."""

DEFAULT_GAP = timedelta(hours=8)
"""Stands in for a usual gap that is not known yet: one push every working day."""

SILENT_AFTER_GAPS = 3
"""A source is silent after so many times its usual gap."""


def usual_gap(hours: Sequence[datetime], work: WorkCalendar) -> timedelta | None:
    """Return the working time that at least 9 of 10 gaps between pushes do not exceed; None with too few gaps.

    hours: the beginnings of the hours in which the source sent news, ascending. Nights, weekends
    and holidays are no working time, so a source that sleeps with its office is not silent.
    """
    gaps = sorted(work.working_time(*pair) for pair in pairwise(hours))
    return None if len(gaps) < MIN_GAPS else max(gaps[len(gaps) * 9 // 10], timedelta(hours=1))


def silence(last_push: datetime, now: datetime, work: WorkCalendar) -> timedelta:
    """Return the working time since a source last pushed; 0 if that moment lies ahead of `now`."""
    return max(work.working_time(last_push, now), timedelta(0))


def is_silent(silent_for: timedelta, usual: timedelta | None) -> bool:
    """Say whether a source has been silent for much longer than it usually is."""
    return silent_for > SILENT_AFTER_GAPS * (usual or DEFAULT_GAP)
