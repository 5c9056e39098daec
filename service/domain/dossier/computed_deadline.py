"""A computed due moment, what it was computed from, and how it was reached; kept with the dossier."""

from dataclasses import dataclass
from datetime import datetime

from service.domain.calendar.deadline_trace import TraceStep
from service.domain.procedures import TimeLimit


@dataclass(frozen=True, slots=True)
class ComputedDeadline:
    """The last moment on time (inclusive, UTC), and how it was reached.

    procedure: the national code whose limit it is. basis: receipt, and the start and end of each pause that
    had ended: while they stay the same, nothing is worked out again. version: the version of the catalogue
    that gave the limit and the calendar; None for one that was computed before versions were kept.
    """

    due_at: datetime
    procedure: str
    limit: TimeLimit
    version: int | None
    basis: tuple[datetime, ...]
    trace: tuple[TraceStep, ...]
