"""How often a source usually sends, and when it has been silent too long: both in working time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from service.domain.calendar.work_calendar import WorkCalendar

REMEMBERED = timedelta(days=56)
"""How far back a rhythm is measured: eight weeks hold a Tết and still a usual month."""

ENOUGH = 10
"""Gaps below which there is no rhythm yet."""

UNKNOWN_GAP = timedelta(hours=8)
"""What is taken as usual for a source whose rhythm is not known yet: once every working day."""

PATIENCE = 3
"""A source is silent after so many times its usual gap."""


def usual_gap(hours: Sequence[datetime], work: WorkCalendar) -> timedelta | None:
    """Return the working time between pushes that 9 of 10 gaps do not exceed; None with too few gaps.

    hours: the beginnings of the hours in which the source sent news, ascending. Nights, weekends
    and holidays are no working time, so a source that sleeps with its office is not silent.
    """
    gaps = sorted(work.working_time(*pair) for pair in pairwise(hours))
    if len(gaps) < ENOUGH:
        return None
    return max(gaps[len(gaps) * 9 // 10], timedelta(hours=1))


def silence(last_push: datetime, now: datetime, work: WorkCalendar) -> timedelta:
    """Return the working time since a source last pushed; a push from a clock ahead counts as now."""
    return max(work.working_time(last_push, now), timedelta(0))


def is_silent(silent_for: timedelta, usual: timedelta | None) -> bool:
    """Say whether a source has been silent for much longer than it usually is."""
    return silent_for > PATIENCE * (usual or UNKNOWN_GAP)
