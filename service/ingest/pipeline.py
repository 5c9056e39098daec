"""The one road for data: load what the events speak of, resolve each event, write; in the caller's transaction.

The source's row is locked first. So the requests of one source are filed one after another, which is the order in which
their events arrive. Rows that sources share (catalogues, tallies) are written at the very end, in the order of their
keys. So requests of different sources cannot wait for each other in a circle.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import NamedTuple

import orjson
from sqlalchemy.orm import Session

from service.domain.calendar.local_time import local_day
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.data_warnings import FUTURE_TOLERANCE
from service.domain.dossier.events import (
    CatalogueEvent,
    DeletionEvent,
    DossierEvent,
    IngestResult,
    MergeEvent,
    ProgressEvent,
    Rejection,
    lag_of,
)
from service.domain.dossier.statuses import LIFECYCLE_ORDER
from service.domain.dossier.versions import Version
from service.ingest.deadline_book import DeadlineBook
from service.ingest.event_resolver import EventResolver
from service.ingest.known_dossier import KnownDossier, Unstored
from service.ingest.sender import OUTSIDE, TOO_MANY_UNITS, Sender, begin
from service.ingest.tallies import TallyChanges
from service.store import catalogue, dossiers, sources
from service.store.catalogues.known_units import KnownUnits
from service.store.dossiers import DossierRow, FiledVersions, VersionRow
from service.store.statistics.heard import record_heard, record_told
from service.store.stored_json import backfill_payload, digest, to_payload, write_step

CHUNK, _PAUSES = 2000, 10_000
"""Events, and pauses of theirs, that are filed together: of a hundred each, 2,000 dossiers took 0.3 GB."""
_LOADED_AT_ONCE = 100
"""Dossiers whose versions are read together; there may be thousands of each."""
UNKNOWN_DOSSIER = "Chưa có hồ sơ này của nguồn; hãy đồng bộ hồ sơ trước (unknown dossier: send the dossier first)"
Event = DossierEvent | ProgressEvent | DeletionEvent | CatalogueEvent | MergeEvent | Rejection


def next_chunk(events: Iterator[Event]) -> list[Event]:
    """Take the events that come next and are filed together."""
    chunk, pauses = list[Event](), 0
    for event in islice(events, CHUNK):
        chunk.append(event)
        pauses += len(event.snapshot.pauses) if isinstance(event, DossierEvent) else 0
        if pauses >= _PAUSES:
            break
    return chunk


class Pipeline:
    """Files the events of one request; `close` writes what sources share."""

    def __init__(self, session: Session, sender: Sender, clock: Callable[[], datetime], hours: OfficeHours) -> None:
        """Lock the source, and read the clock; a dry run locks and writes nothing."""
        source, self.now = begin(session, sender, clock)
        self.unstored = Unstored()
        self.source = source.code
        self.session = session
        self.sender = sender
        self.units = KnownUnits(session, source, self.now)
        self.is_test = source.is_test
        deadlines = DeadlineBook(session, hours, self.now, dry_run=sender.dry_run)
        self.resolver = EventResolver(source, deadlines, self.units, sender.go_on)
        self.catalogue_updates = catalogue.CatalogueUpdates()
        self.tally_changes = TallyChanges()
        self.is_begun = False
        self.open_before: set[str] = set()

    def file(self, events: Iterable[Event]) -> Iterator[IngestResult]:
        """File events in order, chunk by chunk, and yield what became of each."""
        stream = iter(events)
        while chunk := next_chunk(stream):
            yield from _Chunk(self, chunk).file()
            self.is_begun = True

    def close(self) -> None:
        """Write what the sources share: catalogues, tallies and newest changes, in the order of keys."""
        if self.sender.dry_run:
            return
        sources.note_push(self.session, self.sender.source_id, self.now)
        if self.is_test:
            return  # what a trial sends adds nothing to catalogues and tallies
        self.catalogue_updates.write(self.session, self.now)
        units = {*self.catalogue_updates.units(), *self.tally_changes.units()}
        record_heard(self.session, units, local_day(self.now))
        record_told(self.session, self.sender.source_id, dict.fromkeys(units, self.now))
        self.tally_changes.write(self.session)


class _PreparedSnapshot(NamedTuple):
    """A snapshot with its stored form, and the digest of that."""

    event: DossierEvent
    payload: str
    digest: str


_OnKnown = ProgressEvent | DeletionEvent | CatalogueEvent | MergeEvent
_Prepared = _PreparedSnapshot | _OnKnown | Rejection


class _Chunk:
    """Some events of a request: the dossiers they speak of are loaded once and written once."""

    def __init__(self, pipeline: Pipeline, events: list[Event]) -> None:
        """Load the dossiers, and all versions of those of which an event may say something new."""
        self._in = pipeline
        self._source_id = pipeline.sender.source_id
        self._events = [self._prepared(event) for event in events]
        codes = sorted({code for event in self._events if (code := _code_of(event)) is not None})
        self._stored = dossiers.current_rows(pipeline.session, self._source_id, codes) if codes else {}
        self._unstored = pipeline.unstored.states(codes)
        self._stored |= {code: row for code, (row, _) in self._unstored.items()}
        self._known = self._load()
        self._versions: list[VersionRow] = []
        sent = [event for event in self._events if isinstance(event, _PreparedSnapshot)]
        self._last_sent = {event.event.code: event.digest for event in sent}
        pipeline.units.load({event.event.snapshot.unit_code for event in sent})
        pipeline.units.load(row.unit_code for row in self._stored.values())

    def _prepared(self, event: Event) -> _Prepared:
        """Return a snapshot with its stored form, other events as they are. A `changed_at` far ahead becomes absent."""
        if not isinstance(event, DossierEvent):
            return event
        snapshot = event.snapshot
        if snapshot.changed_at is not None and snapshot.changed_at > self._in.now + FUTURE_TOLERANCE:
            snapshot = replace(snapshot, changed_at=None)
            event = event._replace(snapshot=snapshot, warnings=(*event.warnings, "changed_at_in_future"))
        payload = to_payload(snapshot)
        return _PreparedSnapshot(event, payload, digest(payload))

    def _load(self) -> dict[str, KnownDossier]:
        stored = self._stored
        codes = {code for event in self._events if (code := _code_of(event)) in stored and self._is_news(event)}
        filed: dict[str, FiledVersions] = {}
        coming = iter(sorted(codes))
        while part := list(islice(coming, _LOADED_AT_ONCE)):
            filed |= dossiers.filed_versions(self._in.session, self._source_id, part)
            self._in.sender.go_on()
        filed |= {code: versions for code, (_, versions) in self._unstored.items()}
        return {code: KnownDossier.stored(row, filed.get(code), self._before(row)) for code, row in stored.items()}

    def _before(self, row: DossierRow) -> DossierRow | None:
        """Return a row as it was before this request; None if only an earlier chunk of the request made it open."""
        is_of_this_request = self._in.is_begun and row.known_at >= self._in.now
        return None if is_of_this_request and row.outcome is None and row.code not in self._in.open_before else row

    def _is_news(self, event: _Prepared) -> bool:
        """Say whether an event may change a stored dossier; a snapshot with the current content changes nothing."""
        if isinstance(event, _PreparedSnapshot):
            return event.digest != self._stored[event.event.snapshot.code].digest
        return isinstance(event, _OnKnown)

    def file(self) -> list[IngestResult]:
        """Resolve every event in order; then write versions, rows and intervals and note the tally changes."""
        results = [self._file_one(event) for event in self._events]
        for dossier in self._known.values():
            self._in.resolver.work_out_if_needed(dossier)
        if self._in.sender.dry_run:
            self._in.unstored.keep({version.code: self._known[version.code] for version in self._versions})
        else:
            self._write()
        return results

    def _file_one(self, event: _Prepared) -> IngestResult:
        if reason := self._reason_against(event):
            return IngestResult("rejected", _code_of(event), errors={"unit_code": [reason]})
        if isinstance(event, _PreparedSnapshot):
            return self._file_snapshot(event)
        if isinstance(event, Rejection):
            return IngestResult("rejected", event.code, errors=event.errors)
        known = self._known.get(event.code)
        if known is None and isinstance(event, CatalogueEvent):
            return IngestResult("unchanged", event.code)
        if known is None or (isinstance(event, ProgressEvent) and not known.filed):
            return IngestResult("rejected", event.code, errors={"code": [UNKNOWN_DOSSIER]})
        return self._file_on_known(event, known, known.next_known_at(self._in.now))

    def _reason_against(self, event: _Prepared) -> str | None:
        units = self._in.units
        is_of_the_source = not isinstance(event, CatalogueEvent | MergeEvent)  # an operator may work on any dossier
        if is_of_the_source and not all(map(units.allows, self._units_of(event))):
            return OUTSIDE.format(top=units.top)
        if not isinstance(event, _PreparedSnapshot) or self._in.is_test:
            return None
        return None if units.has_room(event.event.snapshot.unit_code) else TOO_MANY_UNITS

    def _units_of(self, event: _Prepared) -> list[str]:
        known = self._known.get(_code_of(event) or "")
        counted = [known.row.unit_code] if known is not None and known.row is not None else []
        return [*counted, event.event.snapshot.unit_code] if isinstance(event, _PreparedSnapshot) else counted

    def _file_snapshot(self, prepared: _PreparedSnapshot) -> IngestResult:
        snapshot, warnings = prepared.event.snapshot, prepared.event.warnings
        known = self._known.get(snapshot.code)
        if known is None:
            known = self._known[snapshot.code] = KnownDossier()
        ends_as_it_is = known.row is not None and known.row.digest == self._last_sent[snapshot.code]
        if ends_as_it_is and snapshot.changed_at is None and known.has_filed(prepared.digest):
            return IngestResult("unchanged", snapshot.code, warnings)  # a repeated batch takes nothing back
        version = Version(snapshot, known.next_known_at(self._in.now), prepared.digest)
        self._in.catalogue_updates.collect(prepared.event)
        before = known.row
        resolution = self._in.resolver.snapshot(known, version, warnings)
        taken_back = _taken_back(before, known.row, known.filed) if before and known.row else ()
        if resolution.kept:
            self._keep("snapshot", resolution.result, known, version.moment, prepared.payload, prepared.digest)
        changed_at = snapshot.changed_at if resolution.kept and resolution.result != "stale" else None
        lag = lag_of(changed_at, version.known_at) if changed_at else None
        return IngestResult(resolution.result, snapshot.code, resolution.warnings, lag=lag, taken_back=taken_back)

    def _file_on_known(self, event: _OnKnown, known: KnownDossier, known_at: datetime) -> IngestResult:
        """Resolve an event other than a snapshot on a known dossier, and keep the event if it is new."""
        resolver, payload, lag = self._in.resolver, "", None
        if isinstance(event, ProgressEvent):
            resolution, kind, payload = resolver.step(known, event.step, known_at), "step", write_step(event.step)
            if known.row is not None:
                self._in.catalogue_updates.heard_of(known.row.unit_code)
            lag = lag_of(event.step.moment, known_at) if resolution.kept else None
        elif isinstance(event, DeletionEvent):
            resolution, kind = resolver.deletion(known, known_at), "delete"
        elif isinstance(event, CatalogueEvent):
            resolution, kind = resolver.catalogue_change(known, known_at), "backfill"
            if known.row is not None:
                payload = backfill_payload(known.row.due_at, known.row.field_key, known.row.deadline)
        else:
            resolution, kind = resolver.merge(known, event.merged, known_at), "merge"
            payload = orjson.dumps({"merged": event.merged}).decode()
        if resolution.kept and known.row is not None:
            changed_at = event.step.moment if isinstance(event, ProgressEvent) else known.row.changed_at
            self._keep(kind, resolution.result, known, changed_at, payload or "{}", digest(payload) if payload else "")
        return IngestResult(resolution.result, event.code, resolution.warnings, lag=lag)

    def _keep(
        self, kind: str, result: str, known: KnownDossier, changed_at: datetime, payload: str, identity: str
    ) -> None:
        row, known_at = known.row, known.known_at
        assert row is not None
        assert known_at is not None
        if kind not in ("backfill", "merge"):  # an import and a person are the origin of these, not the source
            self._in.tally_changes.record_change(row.unit_code, changed_at)
        request_id = self._in.sender.requests.get(row.code, self._in.sender.request_id)
        version = VersionRow(
            source_id=row.source_id, code=row.code, kind=kind, result=result, unit_code=row.unit_code,
            changed_at=changed_at, known_at=known_at, request_id=request_id, digest=identity, payload=payload,
        )  # fmt: skip
        self._versions.append(version)

    def _write(self) -> None:
        rows: list[tuple[DossierRow | None, DossierRow]] = []
        tallies = self._in.tally_changes
        for code, known in self._known.items():
            row, before = known.row, self._stored.get(code)
            if row is None or row is before:
                continue
            rows.append((before, row))
            if known.was_open:
                self._in.open_before.add(code)
            if before is None:
                tallies.add(row)
            else:
                tallies.replace(before, row)
        dossiers.write_dossiers(self._in.session, self._source_id, self._versions, rows)
        self._write_intervals()

    def _write_intervals(self) -> None:
        anew = {code: known.paused for code, known in self._known.items() if known.paused is not None}
        had = [code for code in anew if code in self._stored and self._stored[code].has_pauses]
        intervals = [(code, *interval) for code, paused in anew.items() for interval in paused]
        dossiers.replace_paused_intervals(self._in.session, self._source_id, had, intervals)


def _taken_back(before: DossierRow, after: DossierRow, filed: list[Version]) -> tuple[str, ...]:
    """Return the kinds of what a snapshot takes back: a due date, or (without a later `changed_at`) a later status."""
    newest = {version.digest: version.snapshot for version in filed}
    old, new = newest.get(before.digest), newest.get(after.digest)
    if old is None or new is None or old is new:
        return ()
    is_no_later = new.changed_at in (None, old.changed_at)
    is_back = is_no_later and LIFECYCLE_ORDER[after.status] < LIFECYCLE_ORDER[before.status]
    is_left_out = old.due_at is not None and new.due_at is None
    return ("due_left_out",) * is_left_out + ("state_taken_back",) * is_back


def _code_of(event: _Prepared) -> str | None:
    if isinstance(event, _PreparedSnapshot):
        return event.event.snapshot.code
    return event.code if isinstance(event, _OnKnown) else None
