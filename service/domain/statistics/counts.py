"""The counts of a unit over a period, and those that follow from others.

Flows happen on a day; they may be added over days, units, fields and channels. The state of unfinished dossiers belongs
to one moment; it may be added over units, fields and channels, never over days.
"""

from dataclasses import dataclass, fields
from operator import add, attrgetter

FLOWS = (
    "received_online", "received_direct", "received_postal", "early", "on_time", "late", "no_deadline", "withdrawn",
    "stopped", "withdrawn_late", "stopped_late", "reception_late",
)  # fmt: skip
"""The integer flows that tallies hold, in the order of their columns."""


@dataclass(slots=True)
class Counts:
    """Every count of a unit over a period; a count that follows from others is a property."""

    carried_over: int = 0
    received_online: int = 0
    received_direct: int = 0
    received_postal: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    no_deadline: int = 0
    withdrawn: int = 0
    stopped: int = 0
    withdrawn_late: int = 0
    stopped_late: int = 0
    open_in_time: int = 0
    open_no_deadline: int = 0
    open_overdue: int = 0
    paused_in_time: int = 0
    paused_overdue: int = 0
    reception_late: int = 0
    reception_overdue: int = 0
    due_soon: int = 0
    late_paused: int = 0
    late_moved: int = 0
    told_late: int = 0
    overdue_confirmed: int = 0
    cohort_on_time: int = 0
    cohort_late: int = 0
    cohort_excluded: int = 0
    merged: int = 0
    due_by_horizon: int = 0  # open and due by CountWindow.horizon; not published

    @property
    def received(self) -> int:
        """Dossiers received in the period, over all channels (tiếp nhận trong kỳ)."""
        return self.received_online + self.received_direct + self.received_postal

    @property
    def workload(self) -> int:
        """Dossiers to be handled: carried over and received (số hồ sơ xử lý)."""
        return self.carried_over + self.received

    @property
    def early_or_on_time(self) -> int:
        """Dossiers finished by their due moment (trước và đúng hạn)."""
        return self.early + self.on_time

    @property
    def resolved(self) -> int:
        """Dossiers finished with a result (đã giải quyết)."""
        return self.early + self.on_time + self.late + self.no_deadline

    @property
    def closed(self) -> int:
        """Dossiers that ended in the period, with a result or without."""
        return self.resolved + self.withdrawn + self.stopped

    @property
    def paused(self) -> int:
        """Dossiers waiting for the citizen (tạm dừng)."""
        return self.paused_in_time + self.paused_overdue

    @property
    def overdue_unconfirmed(self) -> int:
        """Overdue dossiers whose source told nothing of their unit since: they may be done (quá hạn, chưa xác nhận)."""
        return self.open_overdue - self.overdue_confirmed

    @property
    def in_progress(self) -> int:
        """Dossiers not finished at `as_of` (đang giải quyết)."""
        return self.open_in_time + self.open_overdue + self.paused

    @property
    def raw(self) -> int:
        """Dossiers to be handled, as the sources sent them: the workload and the merged duplicates (số thô)."""
        return self.workload + self.merged

    def __add__(self, other: "Counts") -> "Counts":
        """Add the counts of disjoint sets of dossiers over the same period."""
        return Counts(*map(add, _values(self), _values(other)))

    def as_dict(self, cohort: bool = False) -> dict[str, int]:
        """Return the counts by name, in the order in which they are published. cohort: with those of the cohort."""
        return {name: getattr(self, name) for name in (*PUBLISHED, *(COHORT if cohort else ()))}


FIELD_NAMES = tuple(field.name for field in fields(Counts))
_values = attrgetter(*FIELD_NAMES)

PUBLISHED = (
    "carried_over", "received", "received_online", "received_direct", "received_postal", "workload", "early",
    "on_time", "early_or_on_time", "late", "no_deadline", "resolved", "withdrawn", "withdrawn_late", "stopped",
    "stopped_late", "closed", "open_in_time", "open_no_deadline", "open_overdue", "paused", "paused_in_time",
    "paused_overdue", "in_progress", "reception_late", "reception_overdue", "due_soon", "merged", "raw",
    "late_paused", "late_moved", "told_late", "overdue_confirmed", "overdue_unconfirmed",
)  # fmt: skip

LATENESS = ("late_paused", "late_moved", "told_late")
"""Counts beside the outcomes: the first is a part of late, the others of early + on_time. No tally holds them."""

COHORT = ("cohort_on_time", "cohort_late", "cohort_excluded")
"""Counts of the dossiers that were due in the period; counted only when a formula needs them."""

SPLIT_OF_IN_PROGRESS = (
    "open_in_time", "open_no_deadline", "open_overdue", "paused", "paused_in_time", "paused_overdue",
    "reception_overdue", "due_soon", "merged", "raw", "overdue_confirmed", "overdue_unconfirmed",
)  # fmt: skip
"""Known only for the moment `as_of`: null in every bucket of a time series but the last."""
