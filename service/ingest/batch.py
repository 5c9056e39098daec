"""File the events of one request in one transaction, and tell the sender what became of each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from time import monotonic
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from service.components import Components
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.events import DossierEvent, IngestCounts, IngestResult, Rejection
from service.domain.errors import CallerError
from service.ingest.pipeline import Event, Pipeline, next_chunk
from service.ingest.sender import Sender
from service.joint_work import JointWork

LISTED = 1000
"""How many rejections and warnings an answer lists; the counts are of all."""

RENEWING = 0.1
"""The part of its own time that a push may spend on making cached answers anew."""
Clock = Callable[[], datetime]
_Push = tuple[Sender, DossierEvent]
_Filed = tuple[IngestResult, IngestCounts]


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
        """Count what became of one event, and list its errors and warnings."""
        entry = {"index": self.received, "code": result.code, **result.place}
        self.received += 1
        vars(self)[result.result] += 1
        if result.errors or result.warnings or result.read:
            for kind, messages in result.told().items():
                self._list(self.rejections if kind == "errors" else self.warnings, {**entry, kind: messages})

    def _list(self, entries: list[dict[str, Any]], entry: dict[str, Any]) -> None:
        if len(entries) < LISTED:
            entries.append(entry)
        else:
            self.truncated = True

    def as_dict(self) -> dict[str, Any]:
        content = {name: value for name, value in vars(self).items() if name not in ("deleted", "truncated")}
        return content | {"truncated": True} if self.truncated else content  # no batch deletes

    @property
    def http_status(self) -> int:
        """Return 200 when nothing was rejected, 207 when a part was, 422 when all was."""
        return 200 if not self.rejected else 422 if self.rejected == self.received else 207


def ingest(
    parts: Components,
    sender: Sender,
    events: Iterable[Event],
    clock: Clock,
    *,
    atomic: bool = False,
    dry_run: bool = False,
    on_result: Callable[[IngestResult], None] | None = None,
    read_from: Callable[[IngestResult], IngestResult] | None = None,
) -> Summary:
    """File events in one transaction, and return what became of them; every door comes this way.

    atomic: nothing is stored unless every event is accepted. dry_run: nothing is stored at all, and no lock is waited
    for. on_result: called with the result of each event, in order. read_from: adds to a result where its event was
    read, and what was doubted there. After the commit the metrics are counted and the response cache is renewed.
    """
    summary, coming = Summary(), _read(events, sender)
    first = next_chunk(coming)  # read before a lock is taken

    def add(result: IngestResult) -> None:
        result = read_from(result) if read_from else result
        summary.add(result)
        if on_result is not None:
            on_result(result)

    database, sender = parts.database, replace(sender, dry_run=dry_run)
    with database.reading(patient=True) if dry_run else database.writing(sender.lock_seconds, long=True) as session:
        counts = file_events(session, sender, chain(first, coming), clock, parts.hours, add, atomic=atomic)
        refused = atomic and summary.rejected > 0
        if refused:
            session.rollback()
    if refused:
        summary.created = summary.updated = summary.unchanged = summary.stale = 0
        summary.rejected = summary.received
    if not (refused or dry_run):
        parts.answers.renew((monotonic() - counts.started) * RENEWING)
        parts.on_ingest(counts)
    return summary


def _read(events: Iterable[Event], sender: Sender) -> Iterator[Event]:
    for event in events:
        sender.allowed.records += 0.25 if isinstance(event, Rejection) else 1  # else wrong ones would buy time for more
        sender.go_on()
        yield event


def ingest_one(parts: Components, sender: Sender, event: DossierEvent, clock: Clock) -> IngestResult:
    """File one event, together with those that other requests bring under the same key at the same time.

    They share one transaction; each request is told after the commit what became of its own event. A transaction holds
    a dossier once: two events of one dossier are filed one after another, in the order in which they came.
    """
    who, code = (sender.key_id, sender.scope), event.snapshot.code
    joint: JointWork[_Push, _Filed] = parts.joint_pushes
    result, counts = joint.do(
        who, code, (sender, event), lambda group: _file_group(parts, group, clock), sender.came_at
    )
    counts.add(result.result, result.warnings, result.lag)
    parts.on_ingest(counts)
    return result


def _file_group(parts: Components, group: Sequence[_Push], clock: Clock) -> Sequence[_Filed | Exception]:
    """File the events of some requests together; if one of them breaks the transaction, file each alone."""
    requests = {event.snapshot.code: sender.request_id for sender, event in group}
    sender, results = replace(group[0][0], requests=requests), list[IngestResult]()
    try:
        with parts.database.writing(sender.lock_seconds) as session:
            counts = file_events(session, sender, [event for _, event in group], clock, parts.hours, results.append)
    except (CallerError, OperationalError):  # the key or the database is at fault: all of them are refused
        raise
    except Exception as error:
        return [error] if len(group) == 1 else [_file_alone(parts, push, clock) for push in group]
    parts.answers.clear()
    return [(result, IngestCounts(counts.source, counts.started)) for result in results]


def _file_alone(parts: Components, push: _Push, clock: Clock) -> _Filed | Exception:
    try:
        return _file_group(parts, [push], clock)[0]
    except Exception as error:  # returned and not raised: the other events of the group have their own outcomes
        return error


def file_events(
    session: Session,
    sender: Sender,
    events: Iterable[Event],
    clock: Clock,
    hours: OfficeHours,
    on_result: Callable[[IngestResult], None],
    *,
    atomic: bool = False,
) -> IngestCounts:
    """File events in the caller's transaction; return the metrics to count after its commit. atomic: see `ingest`."""
    pipeline = Pipeline(session, sender, clock, hours)
    counts = IngestCounts(pipeline.source, monotonic())
    for result in pipeline.file(events):
        counts.add(result.result, result.warnings, result.lag)
        on_result(result)
    if not (atomic and counts.results["rejected"]):
        pipeline.close()
    return counts
