"""What a source tells of a dossier (hồ sơ): its whole state, or one progress step."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

MOMENTS = ("submitted_at", "received_at", "due_at", "finished_at", "returned_at", "changed_at")
"""The moments of a snapshot, in the order in which they are shown."""


class Pause(NamedTuple):
    """A time during which the dossier waits for the citizen; `end` is None while it is open."""

    start: datetime
    end: datetime | None


class ProgressStep(NamedTuple):
    """A progress step (tiến độ): a status and its moment."""

    moment: datetime
    status: int


@dataclass(slots=True)
class Snapshot:
    """The whole state of a dossier as a source sent it; moments are aware, in UTC.

    national_code: the dossier's code in the national system, if it differs from `code`.
    """

    code: str
    unit_code: str
    procedure_code: str
    status: int
    channel: int = 1
    field_code: str | None = None
    field_name: str | None = None
    submitted_at: datetime | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None
    due_is_instant: bool = False
    finished_at: datetime | None = None
    returned_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    changed_at: datetime | None = None
    national_code: str | None = None

    def newest_business_moment(self) -> datetime | None:
        """Return the newest of received, finished, returned and the moments of pauses."""
        moments = [self.received_at, self.finished_at, self.returned_at]
        for pause in self.pauses:
            moments += pause
        return max((moment for moment in moments if moment), default=None)
