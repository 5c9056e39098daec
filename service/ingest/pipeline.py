"""The one road for data: in the caller's one transaction versions, dossiers and tallies move together.

News are snapshots (the API, files, the national format) and progress steps. The source's row is
locked first, so that the news of one source are filed one request after another; rows that sources
share (catalogues, tallies) are written at the very end, in the order of their keys, so that
requests of different sources cannot block each other in a circle.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from time import monotonic
from typing import Any, NamedTuple

import orjson
from sqlalchemy.orm import Session

from service.domain.calendar.local_time import MICROSECOND
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.data_warnings import FUTURE_TOLERANCE
from service.domain.dossier.events import CatalogueEvent, DossierEvent, ProgressEvent, Rejection
from service.domain.dossier.snapshot import Snapshot, version_order
from service.ingest.event_resolver import EventResolver, PreparedSnapshot, Resolution
from service.ingest.tallies import TallyChanges
from service.store import catalogue, dossiers, sources
from service.store.dossiers import DossierRow, VersionRow
from service.store.duplicates import recoded_among
from service.store.stored_json import backfill_payload, digest, from_payload, read_deadline, to_payload
from service.telemetry.process_metrics import IngestMetrics

CHUNK = 2000
_ONE_REQUEST = timedelta(seconds=1)
"""More than the microseconds by which one request's repeated news are told apart."""

UNKNOWN_DOSSIER = "Chưa có hồ sơ này của nguồn; hãy đồng bộ hồ sơ trước (unknown dossier: send the dossier first)"


class IngestResult(NamedTuple):
    """What became of one piece of news: created, updated, unchanged, stale or rejected."""

    result: str
    code: str | None
    warnings: tuple[str, ...] = ()
    errors: dict[str, list[str]] | None = None


Event = DossierEvent | ProgressEvent | CatalogueEvent | Rejection


@dataclass(frozen=True)
class Sender:
    """Who sends, and under which request; both are kept with every version.

    is_source: the source itself speaks; False when the service only works out its dossiers anew.
    """

    source_id: int
    request_id: str
    is_source: bool = True


class Ingest:
    """Files the news of one request; `close` writes what sources share. The caller owns the transaction."""

    def __init__(self, session: Session, sender: Sender, now: datetime, hours: OfficeHours) -> None:
        """Lock the source; `now` is when the news became known, `hours` the office hours."""
        self.filed = IngestMetrics(
            sources.lock_for_push(session, sender.source_id, now if sender.is_source else None), monotonic()
        )
        self.session = session
        self.sender = sender
        self.now = now
        self.settler = EventResolver(session, sender.source_id, hours, now)
        self.learned = catalogue.CatalogueUpdates()
        self.moves = TallyChanges()

    def file(self, news: Iterable[Event]) -> Iterator[IngestResult]:
        """File news in order, chunk by chunk, and yield a receipt for each."""
        stream = iter(news)
        while chunk := list(islice(stream, CHUNK)):
            for receipt in _Chunk(self, chunk).file():
                self.filed.add(receipt.result, receipt.warnings)
                yield receipt

    def close(self) -> None:
        """Write what the news taught and moved, in the order of keys."""
        self.learned.write(self.session)
        self.moves.write(self.session)
        self.filed.count_on_commit(self.session, monotonic)


class _Chunk:
    """Some news of a request: the dossiers they speak of are read once and written once."""

    def __init__(self, ingest: Ingest, news: list[Event]) -> None:
        self._in = ingest
        self._news = news
        self._source_id = ingest.sender.source_id
        codes = sorted({code for item in news if (code := _code_of(item)) is not None})
        self._stored = dossiers.current_rows(ingest.session, self._source_id, codes) if codes else {}
        self._rows: dict[str, DossierRow] = dict(self._stored)
        self._paused: dict[str, list[dict[str, Any]]] = {}
        self._versions: list[VersionRow] = []
        self._occurrences: dict[str, int] = {}
        self._snapshots = self._load_snapshots()
        self._known_digests: set[tuple[str, str]] | None = None

    def file(self) -> list[IngestResult]:
        """File every piece of news in order; then write versions, rows, spans and note the moves."""
        receipts = self._warn_of_twins([self._file_one(item) for item in self._news])
        self._write()
        return receipts

    def _warn_of_twins(self, receipts: list[IngestResult]) -> list[IngestResult]:
        """Warn where a new dossier may be an earlier one under a new code (see recoding.py)."""
        new = {code: row for code, row in self._rows.items() if code not in self._stored}
        recoded = recoded_among(self._in.session, self._source_id, self._in.now, new) if new else set()
        for code in recoded:
            row = self._rows[code]
            self._rows[code] = row._replace(warnings=" ".join(sorted({*row.warnings.split(), "recoded"})))
        if not recoded:
            return receipts
        return [
            receipt._replace(warnings=(*receipt.warnings, "recoded"))
            if receipt.result == "created" and receipt.code in recoded
            else receipt
            for receipt in receipts
        ]

    def _load_snapshots(self) -> dict[str, Snapshot]:
        """Load the current snapshots of the dossiers that progress steps speak of."""
        codes = {item.code for item in self._news if isinstance(item, ProgressEvent | CatalogueEvent)}
        wanted = [(code, self._stored[code].digest) for code in sorted(codes) if code in self._stored]
        if not wanted:
            return {}
        found = dossiers.payloads(self._in.session, self._source_id, wanted)
        return {code: from_payload(code, payload) for code, payload in found.items()}

    def _file_one(self, item: Event) -> IngestResult:
        if isinstance(item, DossierEvent):
            return self._file_snapshot(item)
        if isinstance(item, ProgressEvent):
            return self._file_step(item)
        if isinstance(item, CatalogueEvent):
            return self._file_catalogue_change(item)
        return IngestResult("rejected", item.code, errors=item.errors)

    def _known_at(self, code: str) -> datetime:
        """Return when news became known: repeated news of one dossier came one after the other.

        What an earlier chunk of this request filed of it came before as well.
        """
        count = self._occurrences[code] = self._occurrences.get(code, -1) + 1
        now, before = self._in.now, self._stored.get(code)
        if before is not None and now <= before.known_at < now + _ONE_REQUEST:
            now = before.known_at + MICROSECOND
        return now + count * MICROSECOND if count else now

    def _file_snapshot(self, record: DossierEvent) -> IngestResult:
        snapshot, told = record.snapshot, record.warnings
        code = snapshot.code
        known_at = self._known_at(code)
        if snapshot.changed_at is not None and snapshot.changed_at > known_at + FUTURE_TOLERANCE:
            snapshot.changed_at = None
            told = (*told, "changed_at_in_future")
        payload = to_payload(snapshot)
        mark = digest(payload)
        current = self._rows.get(code)
        self._in.learned.take(record)
        if current is not None and current.digest == mark:
            return IngestResult("unchanged", code, told)
        given = PreparedSnapshot(snapshot, mark, known_at)
        settled = self._in.settler.snapshot(given, current, told)
        result = "created" if current is None else "updated" if settled.won else "stale"
        if settled.won:
            self._snapshots[code] = snapshot
            if snapshot.changed_at is not None:
                self._in.filed.heard(snapshot.changed_at, known_at)
        if result != "stale" or self._is_new_version(code, mark):
            changed_at = snapshot.changed_at or known_at
            if result == "stale" and snapshot.unit_code != settled.row.unit_code:
                unit = self._unit_of_all_news(given, settled.row)
                settled = settled._replace(row=settled.row._replace(unit_code=unit))
            self._keep("snapshot", result, settled, changed_at, known_at, mark, payload)
        self._take(settled)
        return IngestResult(result, code, settled.warnings)

    def _unit_of_all_news(self, stale: PreparedSnapshot, current: DossierRow) -> str:
        """Return the unit that counts a dossier of which stale news name another: all its news decide, in order.

        Where its earlier news do not explain the unit that it has, some have been let go: it stays there.
        """
        code = current.code
        kept = dossiers.snapshots_of(self._in.session, self._source_id, code)
        if self._occurrences[code]:
            mine = (version for version in self._versions if (version.code, version.kind) == (code, "snapshot"))
            kept += [(version.changed_at, version.digest, version.payload) for version in mine]
        snapshots = [(from_payload(code, payload), changed_at, mark) for changed_at, mark, payload in kept]
        news = sorted((version_order(*snapshot), snapshot[0].unit_code) for snapshot in snapshots)
        tree = self._in.settler.tree
        if tree.counting_unit(unit for _, unit in news) != current.unit_code:
            return current.unit_code
        news.append((version_order(stale.snapshot, stale.known_at, stale.digest), stale.snapshot.unit_code))
        return tree.counting_unit(unit for _, unit in sorted(news))

    def _file_step(self, item: ProgressEvent) -> IngestResult:
        current = self._rows.get(item.code)
        if current is None:
            return IngestResult("rejected", item.code, errors={"code": [UNKNOWN_DOSSIER]})
        settled = self._in.settler.step(item.step, current, self._snapshots[item.code])
        if settled is None:
            return IngestResult("unchanged", item.code)
        result = "updated" if settled.won else "stale"
        payload = orjson.dumps({"moment": item.step.moment, "status": item.step.status}).decode()
        known_at = self._known_at(item.code)
        self._in.filed.heard(item.step.moment, known_at)
        self._keep("step", result, settled, item.step.moment, known_at, digest(payload), payload)
        self._take(settled)
        return IngestResult(result, item.code, settled.warnings)

    def _file_catalogue_change(self, item: CatalogueEvent) -> IngestResult:
        current, snapshot = self._rows.get(item.code), self._snapshots.get(item.code)
        settled = self._in.settler.catalogue_change(current, snapshot) if current and snapshot else None
        if settled is None:
            return IngestResult("unchanged", item.code)
        known_at = self._known_at(item.code)
        row, computed = settled.row, read_deadline(settled.row.deadline)
        payload = backfill_payload(row.due_at, row.field_key, computed)
        self._keep("backfill", "updated", settled, row.changed_at, known_at, digest(payload), payload)
        self._take(settled)
        return IngestResult("updated", item.code, settled.warnings)

    def _is_new_version(self, code: str, mark: str) -> bool:
        """Say whether stale news have not been kept yet: the same old news again are kept once."""
        if self._known_digests is None:
            codes = sorted(self._stored)
            known = dossiers.known_digests(self._in.session, self._source_id, codes) if codes else set()
            self._known_digests = known | {(row.code, row.digest) for row in self._versions}
        return (code, mark) not in self._known_digests

    def _keep(
        self,
        kind: str,
        result: str,
        settled: Resolution,
        changed_at: datetime,
        known_at: datetime,
        mark: str,
        payload: str,
    ) -> None:
        """Append a version."""
        row, sender = settled.row, self._in.sender
        if kind != "backfill":  # the source told nothing
            self._in.moves.heard(row.unit_code, changed_at)
        key, unit, request = (row.source_id, row.code), row.unit_code, sender.request_id
        self._versions.append(VersionRow(*key, kind, result, unit, changed_at, known_at, request, mark, payload))
        if self._known_digests is not None:
            self._known_digests.add((settled.row.code, mark))

    def _take(self, settled: Resolution) -> None:
        """Make a settled row the dossier's current one, to be written with the chunk."""
        row = settled.row
        self._rows[row.code] = row
        if settled.paused is not None:
            self._paused[row.code] = [
                {"source_id": row.source_id, "code": row.code, **span._asdict()} for span in settled.paused
            ]

    def _write(self) -> None:
        """Write what changed, and note by how much the tallies move."""
        changed: list[str] = []
        rows: list[DossierRow] = []
        moves = self._in.moves
        for code, row in self._rows.items():
            before = self._stored.get(code)
            if row is before:
                continue
            rows.append(row)
            if before is not None:
                changed.append(code)
                moves.add(before, -1)
            moves.add(row)
        session = self._in.session
        dossiers.append_versions(session, self._versions)
        dossiers.write_dossiers(session, self._source_id, changed, rows)
        had = [code for code in self._paused if code in self._stored and self._stored[code].has_pauses]
        spans = [span for spans in self._paused.values() for span in spans]
        dossiers.replace_paused_spans(session, self._source_id, had, spans)


def _code_of(item: Event) -> str | None:
    return (
        item.snapshot.code
        if isinstance(item, DossierEvent)
        else item.code
        if isinstance(item, ProgressEvent | CatalogueEvent)
        else None
    )
