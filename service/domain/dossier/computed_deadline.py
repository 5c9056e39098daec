"""A computed due moment, what it was computed from, and how it was reached; stored with the dossier."""

from dataclasses import dataclass
from datetime import datetime

from service.domain.calendar.deadline_trace import TraceStep
from service.domain.procedures import TimeLimit


@dataclass(frozen=True, slots=True)
class ComputedDeadline:
    """The last moment on time (inclusive, UTC), and how it was reached.

    procedure: the national code whose limit was used. basis: receipt, and the start and end of each pause that had
    ended; while basis, procedure and limit stay the same, nothing is computed again. version: the version of the
    catalogue that gave limit and calendar; None: computed before there were versions.
    """

    due_at: datetime
    procedure: str
    limit: TimeLimit
    version: int | None
    basis: tuple[datetime, ...]
    trace: tuple[TraceStep, ...]
