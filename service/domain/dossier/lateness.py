"""Whose lateness it is (docs/definitions.md, section 11): counts beside an outcome, never instead of it."""

from datetime import datetime, timedelta
from enum import IntFlag

from service.domain.dossier.evaluation import Evaluation, Outcome


class Lateness(IntFlag):
    """What a resolved dossier counts as beside its outcome, as bits; the names are those of the counts."""

    late_paused = 1
    late_moved = 2
    told_late = 4


def lateness_of(evaluation: Evaluation, first_due_at: datetime | None, end_known_at: datetime | None) -> Lateness:
    """Return what a dossier counts as beside its outcome.

    first_due_at: the earliest due moment among its versions. end_known_at: when its end became known, if it had been
    known as open before.
    """
    lateness, due_at, ended_at = Lateness(0), evaluation.due_at, evaluation.ended_at
    if due_at is None or ended_at is None:
        return lateness
    if evaluation.outcome == Outcome.LATE:
        received_at = evaluation.received_at or ended_at
        times = (min(end or ended_at, ended_at) - max(start, received_at) for start, end, _ in evaluation.paused)
        paused = sum((time for time in times if time > timedelta(0)), timedelta(0))
        return Lateness.late_paused if paused and paused >= ended_at - due_at else lateness
    if evaluation.outcome in (Outcome.EARLY, Outcome.ON_TIME):
        if first_due_at is not None and ended_at > first_due_at:
            lateness |= Lateness.late_moved
        if end_known_at is not None and end_known_at > due_at:
            lateness |= Lateness.told_late
    return lateness
