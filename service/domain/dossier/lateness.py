"""Whose lateness it is (docs/definitions.md, section 11): what is said beside an outcome, never instead of it."""

from datetime import datetime, timedelta
from enum import IntFlag

from service.domain.dossier.evaluation import Evaluation, Outcome


class Lateness(IntFlag):
    """What is said of a resolved dossier beside its outcome; the names are those of the counts."""

    late_paused = 1
    late_moved = 2
    told_late = 4


_NOTHING = Lateness(0)


def lateness_of(evaluation: Evaluation, first_due_at: datetime | None, end_known_at: datetime | None) -> Lateness:
    """Return what is to be said of a dossier.

    first_due_at: the earliest due moment among its versions. end_known_at: when its end became known, if it had been
    known as open before.
    """
    said = _NOTHING
    if evaluation.due_at is None or evaluation.ended_at is None:
        return said
    if evaluation.outcome == Outcome.LATE:
        first, last = evaluation.received_at or evaluation.ended_at, evaluation.ended_at
        spans = (min(end or last, last) - max(start, first) for start, end, _ in evaluation.paused)
        paused = sum((span for span in spans if span > timedelta(0)), timedelta(0))
        return Lateness.late_paused if paused and paused >= evaluation.ended_at - evaluation.due_at else said
    if evaluation.outcome in (Outcome.EARLY, Outcome.ON_TIME):
        if first_due_at is not None and evaluation.ended_at > first_due_at:
            said |= Lateness.late_moved
        if end_known_at is not None and end_known_at > evaluation.due_at:
            said |= Lateness.told_late
    return said
