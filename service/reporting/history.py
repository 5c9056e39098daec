"""The history of one dossier: every version, what it changed, when that happened and when it became known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from models.dossiers import DossierVersion
from service.domain.calendar.local_time import local_iso
from service.domain.dossier import versions
from service.domain.dossier.computed_deadline import ComputedDeadline
from service.domain.dossier.progress import AppliedSteps, applied_to
from service.domain.dossier.snapshot import ProgressStep, Snapshot
from service.store import catalogue, dossiers, sources
from service.store.dossiers import DossierRow
from service.store.stored_json import from_payload, read_step

Sent = Snapshot | ProgressStep | dict[str, Any]
"""A snapshot, a step, or, as plain values, what an import filled or a person decided."""


@dataclass(frozen=True)
class Version:
    """One stored event: what was sent, and the state of the dossier before and after it.

    Both states are None for a step whose snapshot was superseded and is no longer kept.
    """

    row: DossierVersion
    sent: Sent | None
    before: Snapshot | None
    after: Snapshot | None


@dataclass(frozen=True)
class History:
    """A dossier's current row and state, all its versions in the order in which they became known.

    derived_pauses: when the pauses began that only statuses tell.
    """

    source: str
    row: DossierRow
    state: Snapshot
    derived_pauses: frozenset[datetime]
    deadline: ComputedDeadline | None
    versions: list[Version]


def history(session: Session, source_id: int, code: str) -> History | None:
    """Return the history of a source's own dossier; None when the source has no such dossier."""
    row = dossiers.current_rows(session, source_id, [code]).get(code)
    if row is None:
        return None
    source, stored = sources.by_id(session, source_id), dossiers.versions_of(session, source_id, code)
    applied = _applied(session, row, source.derive_pauses)
    deadline = row.deadline if applied.state.due_at is None else None
    derived = frozenset(request.start for request in applied.requests if request.derived)
    return History(source.code, row, applied.state, derived, deadline, _replayed(stored, source.derive_pauses))


def _applied(session: Session, row: DossierRow, derives: bool) -> AppliedSteps:
    """Return the current snapshot of a dossier, carried further by its steps; the last one of a deleted dossier."""
    filed = dossiers.filed_versions(session, row.source_id, [row.code])[row.code]
    if not filed.snapshots:
        life = filed.earlier[-1]
        return applied_to(life.snapshots, life.steps, derives)
    return applied_to(filed.snapshots, row.steps, derives)


def _replayed(stored: Iterable[DossierVersion], derives: bool) -> list[Version]:
    """Replay versions in the order in which they became known; one that came too late moves nothing."""
    filed: list[versions.Version] = []
    steps: list[ProgressStep] = []
    state: Snapshot | None = None
    replayed = []
    for row in stored:
        sent = _sent(row)
        if sent is None:
            filed, steps = [], []
        elif isinstance(sent, ProgressStep):
            steps.append(sent)
        elif isinstance(sent, Snapshot):
            filed.append(versions.Version(sent, row.known_at, row.digest))
        after = applied_to(filed, steps, derives).state if filed else None
        replayed.append(Version(row, sent, state, after))
        state = after
    return replayed


def _sent(row: DossierVersion) -> Sent | None:
    if row.kind == "delete":
        return None
    if row.kind == "step":
        return read_step(row.payload)
    if row.kind == "snapshot":
        return from_payload(row.code, row.payload)
    content: dict[str, Any] = orjson.loads(row.payload)
    if row.kind == "merge":
        return content
    due_at = content["due_at"]
    return {"due_at": due_at and local_iso(datetime.fromisoformat(due_at)), "field": content["field_key"]}


def find_dossier(session: Session, source_id: int, code: str) -> tuple[Snapshot, dict[str, str | None]] | None:
    """Return a source's dossier as it stands, with the names of its procedure and unit; None when unknown."""
    row = dossiers.current_rows(session, source_id, [code]).get(code)
    if row is None or not row.digest:
        return None
    state = _applied(session, row, sources.by_id(session, source_id).derive_pauses).state
    return state, catalogue.names_of(session, state.procedure_code, row.unit_code)
