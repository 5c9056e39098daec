"""The history of one dossier: every version, what it changed, when that happened and when it became known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import filing
from models.catalogue import Source
from models.dossiers import DossierVersion
from models.filing import DossierRow
from service.domain.dossier import Rank, Snapshot, Step, carry_further, rank
from service.usecases.payload import from_payload
from service.usecases.settling import read_steps


@dataclass(frozen=True)
class Version:
    """One piece of news: what was sent, and the state of the dossier before and after it.

    Both are None for a step whose snapshot has been superseded and is no longer kept.
    """

    kind: str
    result: str
    changed_at: datetime
    known_at: datetime
    request_id: str
    sent: Snapshot | Step
    before: Snapshot | None
    after: Snapshot | None


@dataclass(frozen=True)
class History:
    """A dossier's current row and state, all its versions in the order in which they became known."""

    source: str
    row: DossierRow
    state: Snapshot
    deadline: dict[str, Any] | None
    versions: list[Version]


def history(session: Session, source_id: int, code: str) -> History | None:
    """Return the history of a source's own dossier; None when the source has no such dossier."""
    row = filing.current_rows(session, source_id, [code]).get(code)
    if row is None:
        return None
    source = session.scalars(select(Source.code).where(Source.id == source_id)).one()
    stored = session.scalars(
        select(DossierVersion)
        .where(DossierVersion.source_id == source_id, DossierVersion.code == code)
        .order_by(DossierVersion.id)
    )
    deadline = orjson.loads(row.deadline) if row.deadline else None
    return History(source, row, current_state(session, row), deadline, _replayed(stored))


def current_state(session: Session, row: DossierRow) -> Snapshot:
    """Return the current snapshot of a dossier, carried further by its steps."""
    payload = filing.payloads(session, row.source_id, [(row.code, row.digest)])[row.code]
    return carry_further(from_payload(row.code, payload), read_steps(row.steps)).state


def _replayed(stored: Iterable[DossierVersion]) -> list[Version]:
    """Replay versions as they became known: each moves the state, or comes too late to."""
    best: tuple[Rank, Snapshot] | None = None
    steps: list[Step] = []
    state: Snapshot | None = None
    versions = []
    for row in stored:
        sent = _sent(row)
        if isinstance(sent, Step):
            steps.append(sent)
        else:
            place = rank(sent, row.known_at, row.digest)
            if best is None or place > best[0]:
                best = place, sent
        after = carry_further(best[1], steps).state if best else None
        versions.append(Version(row.kind, row.result, row.changed_at, row.known_at, row.request_id, sent, state, after))
        state = after
    return versions


def _sent(row: DossierVersion) -> Snapshot | Step:
    if row.kind == "step":
        content = orjson.loads(row.payload)
        return Step(datetime.fromisoformat(content["moment"]), content["status"])
    return from_payload(row.code, row.payload)
