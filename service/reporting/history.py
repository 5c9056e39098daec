"""The history of one dossier: for each version what it changed, when that happened, and when it became known."""

from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy.orm import Session

from service.domain.calendar.local_time import local_iso
from service.domain.dossier import versions
from service.domain.dossier.computed_deadline import ComputedDeadline
from service.domain.dossier.progress import AppliedSteps, applied_to
from service.domain.dossier.snapshot import ProgressStep, Snapshot
from service.store import catalogue, dossiers, sources
from service.store.dossiers import DossierRow, VersionRow
from service.store.stored_json import from_payload, read_step

LISTED = 200
"""How many versions an answer lists at most."""
_APPLIED = 20_000
"""How many steps are applied for an answer: each listed version has all steps before it applied."""
Sent = Snapshot | ProgressStep | dict[str, Any]
"""A snapshot, a progress step, or plain values: what an import of the catalogue filled in, or a person decided."""


class Version(NamedTuple):
    """One stored event: what was sent, and the state of the dossier before and after it.

    Both states are None for a step whose snapshot is no longer kept.
    """

    number: int
    row: VersionRow
    sent: Sent | None
    before: Snapshot | None
    after: Snapshot | None


class History(NamedTuple):
    """A dossier's current row and state, and versions of it in the order in which they became known.

    derived_pauses: the beginnings of the pauses that only statuses tell.
    """

    source: str
    row: DossierRow
    state: Snapshot
    derived_pauses: frozenset[datetime]
    deadline: ComputedDeadline | None
    versions: list[Version]


def history(session: Session, source_id: int, code: str, before: int | None = None) -> History | None:
    """Return the history of a source's own dossier, or None; with its newest versions, of those below `before`."""
    row = dossiers.current_rows(session, source_id, [code]).get(code)
    if row is None:
        return None
    source, stored = sources.by_id(session, source_id), dossiers.versions_of(session, source_id, code)
    after = min(len(stored) + 1, before or len(stored) + 1)
    steps = sum(version.kind == "step" for version in stored)
    listed = range(max(after - (min(LISTED, _APPLIED // (steps + 1)) or 1), 1), after)
    applied, replayed = _replayed(stored, source.derive_pauses, listed)
    deadline = row.deadline if applied.state.due_at is None else None
    derived = frozenset(request.start for request in applied.requests if request.derived)
    return History(source.code, row, applied.state, derived, deadline, replayed)


def _replayed(stored: list[VersionRow], derives: bool, listed: range) -> tuple[AppliedSteps, list[Version]]:
    """Replay versions in the order in which they became known.

    Return where the dossier stands in the end (or stood when it was deleted), and the versions with the listed numbers.
    """
    ordered, steps = list[versions.Version](), list[ProgressStep]()
    last, state, replayed = (ordered, steps), None, list[Version]()
    for number, row in enumerate(stored, start=1):
        sent = _sent(row)
        if sent is None:
            ordered, steps = [], []
        elif isinstance(sent, ProgressStep):
            steps.append(sent)
        elif isinstance(sent, Snapshot):
            versions.put(versions.Version(sent, row.known_at, row.digest), ordered)
            last = ordered, steps
        if number + 1 >= listed.start and number < listed.stop:  # from the one before the first: that is its `before`
            after = applied_to(ordered, steps, derives).state if ordered else None
            replayed.append(Version(number, row, sent, state, after))
            state = after
    return applied_to(*last, derives), [version for version in replayed if version.number in listed]


def _sent(row: VersionRow) -> Sent | None:
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
    """Return a source's dossier as it stands, with the names of its procedure and unit, or None."""
    row = dossiers.current_rows(session, source_id, [code]).get(code)
    if row is None or not row.digest:
        return None
    stored = dossiers.versions_of(session, source_id, code)
    state = _replayed(stored, sources.by_id(session, source_id).derive_pauses, range(0))[0].state
    return state, catalogue.names_of(session, state.procedure_code, row.unit_code)
