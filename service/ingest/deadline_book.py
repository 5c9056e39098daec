"""Decide the deadline of a dossier whose source sent none: its time limit, and what was computed before."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from service.domain.calendar.deadline_trace import trace
from service.domain.calendar.deadlines import compute_due
from service.domain.calendar.work_calendar import OfficeHours, OutsideCalendar, WorkCalendar
from service.domain.dossier.computed_deadline import ComputedDeadline
from service.domain.dossier.snapshot import Pause, Snapshot
from service.domain.procedures import TimeLimit, national_procedure_code
from service.store import catalogue


class DeadlineBook:
    """The time limits and the working calendar of one request, each read once."""

    def __init__(self, session: Session, hours: OfficeHours) -> None:
        """Read the working calendar; time limits are read when a dossier needs them."""
        self._session = session
        self.work: WorkCalendar = catalogue.work_calendar(session, hours)
        self._limits: dict[str, TimeLimit | None] = {}

    def decide(
        self, state: Snapshot, pauses: Sequence[Pause], before: ComputedDeadline | None
    ) -> ComputedDeadline | None:
        """Return the deadline that follows from the procedure's time limit; None when the source's own counts.

        state: the dossier as it stands, its steps applied. pauses: those that may move a deadline; open ones
        move nothing. before: what was computed for this dossier before; its limit is kept.
        """
        if state.due_at is not None or state.received_at is None:
            return None
        procedure = national_procedure_code(state.procedure_code)
        kept = before if before and before.procedure == procedure else None
        ended = [pause for pause in pauses if pause.end is not None]
        basis = (state.received_at, *(moment for pause in ended for moment in pause if moment))
        if kept and kept.basis == basis:
            return kept
        limit = kept.limit if kept else self._limit(state.procedure_code)
        if limit is None:
            return None
        try:
            due = compute_due(state.received_at, limit, self.work, ended)
        except OutsideCalendar:
            return None
        return ComputedDeadline(due.due_at, procedure, limit, basis, trace(due))

    def _limit(self, procedure_code: str) -> TimeLimit | None:
        if procedure_code not in self._limits:
            self._limits[procedure_code] = catalogue.time_limit(self._session, procedure_code)
        return self._limits[procedure_code]
