"""File one dossier or many in the caller's transaction, and tell the sender what became of each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.data_warnings import WARNINGS
from service.domain.dossier.events import DossierEvent
from service.ingest.pipeline import Event, Ingest, IngestResult, Sender

LISTED = 1000
"""How many rejections and warnings an answer lists; the counts are of all."""


@dataclass
class Summary:
    """What became of a batch."""

    received: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    stale: int = 0
    rejected: int = 0
    rejections: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, receipt: IngestResult) -> None:
        """Count one receipt, and list it if there is something to say."""
        index = self.received
        self.received += 1
        setattr(self, receipt.result, getattr(self, receipt.result) + 1)
        if receipt.errors and len(self.rejections) < LISTED:
            self.rejections.append({"index": index, "code": receipt.code, "errors": receipt.errors})
        if receipt.warnings and len(self.warnings) < LISTED:
            told = [WARNINGS[kind].as_dict() for kind in receipt.warnings]
            self.warnings.append({"index": index, "code": receipt.code, "warnings": told})

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as the contract names it."""
        return dict(vars(self))

    @property
    def http_status(self) -> int:
        """Return 200 when nothing was rejected, 207 when a part was, 422 when all was."""
        if not self.rejected:
            return 200
        return 422 if self.rejected == self.received else 207


class Rejected(Exception):
    """An atomic batch with a bad record: the caller's transaction must not be committed."""

    def __init__(self, summary: Summary) -> None:
        """Keep what to tell the sender: nothing was stored."""
        super().__init__("nothing of this batch is stored")
        self.summary = summary


def file_one(session: Session, sender: Sender, record: DossierEvent, now: datetime, hours: OfficeHours) -> IngestResult:
    """File one record."""
    ingest = Ingest(session, sender, now, hours)
    (receipt,) = ingest.file([record])
    ingest.close()
    return receipt


def file_batch(
    session: Session,
    sender: Sender,
    news: Iterable[Event],
    now: datetime,
    hours: OfficeHours,
    atomic: bool = False,
) -> Summary:
    """File a batch in order. With `atomic`, Rejected is raised when anything is bad, for nothing to be kept."""
    ingest, summary = Ingest(session, sender, now, hours), Summary()
    for receipt in ingest.file(news):
        summary.add(receipt)
    if atomic and summary.rejected:
        summary.created = summary.updated = summary.unchanged = summary.stale = 0
        raise Rejected(_refused(summary))
    ingest.close()
    return summary


def _refused(summary: Summary) -> Summary:
    """Return the summary of a batch of which nothing was stored."""
    summary.rejected = summary.received
    return summary
