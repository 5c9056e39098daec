"""Compute the deadline of a dossier whose source sent none, by the catalogue as it was at one of its versions.

That version (since) is the one at the dossier's first event without a due date; it is kept with the dossier. Limit and
calendar follow from the version, the procedure and the receipt alone (domain/procedures.py). So the order in which a
dossier's events arrive between two imports changes nothing. A later import only fills a deadline that was missing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from service.domain.calendar.deadline_trace import trace
from service.domain.calendar.deadlines import compute_due
from service.domain.calendar.local_time import local_day
from service.domain.calendar.work_calendar import OfficeHours, OutsideCalendar, WorkCalendar
from service.domain.dossier.computed_deadline import ComputedDeadline
from service.domain.dossier.snapshot import Pause, Snapshot
from service.domain.procedures import LimitInForce, limit_in_force, national_procedure_code
from service.ingest.procedure_book import ProcedureBook
from service.store.catalogues import versions as catalogue_versions

_FIRST_VERSION = 1
"""The version whose calendar counts for a deadline that is older than versions."""


class Deadline(NamedTuple):
    """What follows from the procedure's time limit.

    due_at: the due moment; None when there is no limit, or when the source's own due date counts. kept: the computed
    deadline to store with the dossier, also while the source's own due date counts.
    """

    due_at: datetime | None
    kept: ComputedDeadline | None


class DeadlineBook:
    """The time limits and the working calendars of one request, each read once."""

    def __init__(self, session: Session, hours: OfficeHours, now: datetime, *, dry_run: bool) -> None:
        """Read the current working calendar; time limits are read when a dossier needs them."""
        self._session = session
        self.version = catalogue_versions.current_version(session, hours, now, dry_run=dry_run)
        self.work: WorkCalendar = catalogue_versions.work_calendar(session, hours)
        self.procedures = ProcedureBook(session)
        self._calendars = {self.version: self.work}

    def since(self, before: int | None, snapshot: Snapshot | None) -> int | None:
        """Return the version of the catalogue to keep with a dossier after one event.

        before: the version that is kept already; it stays. snapshot: what the event told; None for a progress
        step. A snapshot with a due date of the source, or without receipt, keeps no version yet.
        """
        if before is not None:
            return before
        needs_one = snapshot is None or (snapshot.due_at is None and snapshot.received_at is not None)
        return self.version if needs_one else None

    def decide(
        self, state: Snapshot, pauses: Sequence[Pause], before: ComputedDeadline | None, since: int | None
    ) -> Deadline:
        """Return the deadline that follows from the procedure's time limit.

        state: the dossier's current snapshot, its steps applied. pauses: those that may move a deadline; open ones
        move nothing. before: what was computed for this dossier before. since: the version that is kept with it.
        """
        if state.due_at is not None or state.received_at is None:
            return Deadline(None, before)
        procedure = national_procedure_code(state.procedure_code)
        limit = self._limit(procedure, state.received_at, before, since)
        if limit is None:
            return Deadline(None, None)
        ended = [pause for pause in pauses if pause.end is not None]
        basis = (state.received_at, *(moment for pause in ended for moment in pause if moment))
        if before and (before.procedure, before.limit, before.version, before.basis) == (procedure, *limit, basis):
            return Deadline(before.due_at, before)
        try:
            due = compute_due(state.received_at, limit.limit, self._calendar(limit.version), ended)
        except OutsideCalendar:
            return Deadline(None, None)
        return Deadline(due.due_at, ComputedDeadline(due.due_at, procedure, *limit, basis, trace(due)))

    def _limit(
        self, procedure: str, received_at: datetime, before: ComputedDeadline | None, since: int | None
    ) -> LimitInForce | None:
        if before and before.version is None and before.procedure == procedure:
            return LimitInForce(before.limit, None)  # older than versions: its limit alone is known
        known = self.procedures.imported(procedure)
        return limit_in_force(known, local_day(received_at), since or self.version)

    def _calendar(self, version: int | None) -> WorkCalendar:
        number = version or _FIRST_VERSION
        if number not in self._calendars:
            self._calendars[number] = catalogue_versions.work_calendar_of(self._session, number)
        return self._calendars[number]
