"""File the events of one request in one transaction, and tell the sender what became of each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.components import Components
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.data_warnings import WARNINGS
from service.domain.dossier.events import IngestCounts
from service.ingest.pipeline import Event, IngestResult, Pipeline
from service.ingest.sender import Sender

LISTED = 1000
"""How many rejections and warnings an answer lists; the counts are of all."""

Clock = Callable[[], datetime]


@dataclass
class Summary:
    """What became of a batch."""

    received: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    stale: int = 0
    deleted: int = 0
    rejected: int = 0
    rejections: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    truncated: bool = False

    def add(self, result: IngestResult) -> None:
        """Count what became of one event, and list it if there is something to say."""
        index = self.received
        self.received += 1
        setattr(self, result.result, getattr(self, result.result) + 1)
        if result.errors:
            self._list(self.rejections, {"index": index, "code": result.code, "errors": result.errors})
        if result.warnings:
            warnings = [WARNINGS[kind].as_dict() for kind in result.warnings]
            self._list(self.warnings, {"index": index, "code": result.code, "warnings": warnings})

    def _list(self, entries: list[dict[str, Any]], entry: dict[str, Any]) -> None:
        if len(entries) < LISTED:
            entries.append(entry)
        else:
            self.truncated = True

    def refuse_all(self) -> None:
        """Say that nothing of it is stored."""
        self.created = self.updated = self.unchanged = self.stale = 0
        self.rejected = self.received

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as the contract names it."""
        content = {name: value for name, value in vars(self).items() if name not in ("deleted", "truncated")}
        return content | {"truncated": True} if self.truncated else content  # no batch deletes

    @property
    def http_status(self) -> int:
        """Return 200 when nothing was rejected, 207 when a part was, 422 when all was."""
        if not self.rejected:
            return 200
        return 422 if self.rejected == self.received else 207


def ingest(
    parts: Components,
    sender: Sender,
    events: Iterable[Event],
    clock: Clock,
    *,
    atomic: bool = False,
    dry_run: bool = False,
    on_result: Callable[[IngestResult], None] | None = None,
) -> Summary:
    """File events in one transaction, and return what became of them; every door comes this way.

    atomic: nothing is stored unless every event is accepted. dry_run: nothing is stored at all. on_result: is
    told of each event in order. After the commit the request is counted and the response cache is cleared.
    """
    summary = Summary()

    def add(result: IngestResult) -> None:
        summary.add(result)
        if on_result is not None:
            on_result(result)

    with parts.database.writing(sender.lock_seconds) as session:
        counts = file_events(session, sender, events, clock, parts.hours, add)
        refused = atomic and summary.rejected > 0
        if refused or dry_run:
            session.rollback()
    if refused:
        summary.refuse_all()
    if not (refused or dry_run):
        parts.on_ingest(counts)
        parts.answers.clear()
    return summary


def file_events(
    session: Session,
    sender: Sender,
    events: Iterable[Event],
    clock: Clock,
    hours: OfficeHours,
    on_result: Callable[[IngestResult], None],
) -> IngestCounts:
    """File events in the caller's transaction, and return what is to be counted when it is committed."""
    pipeline = Pipeline(session, sender, clock, hours)
    for result in pipeline.file(events):
        on_result(result)
    pipeline.close()
    return pipeline.counts
