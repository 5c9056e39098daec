"""Decide what one piece of news makes of a dossier: its new row, and whether the news won."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier import data_warnings
from service.domain.dossier.data_warnings import View
from service.domain.dossier.evaluation import Evaluation, evaluate
from service.domain.dossier.snapshot import (
    AppliedSteps,
    PausedInterval,
    ProgressStep,
    Snapshot,
    apply_steps,
    known_pauses,
    version_order,
)
from service.domain.dossier.statuses import LIFECYCLE_ORDER
from service.domain.procedures import national_procedure_code
from service.domain.units import UnitTree
from service.ingest.deadline_book import DeadlineBook
from service.store import catalogue
from service.store.dossiers import DossierRow
from service.store.stored_json import read_deadline, read_steps, write_deadline, write_steps


class Resolution(NamedTuple):
    """A dossier after one piece of news.

    won: whether the news is (part of) the current state; stale news may still say to which unit a
    dossier belongs (see Ingest). paused: the spans to store, None when they are as they were.
    """

    row: DossierRow
    won: bool
    paused: list[PausedInterval] | None
    warnings: tuple[str, ...]


class PreparedSnapshot(NamedTuple):
    """A snapshot with what identifies and orders it."""

    snapshot: Snapshot
    digest: str
    known_at: datetime


class EventResolver:
    """Settles the news of one source, against the catalogues as they are now."""

    def __init__(self, session: Session, source_id: int, hours: OfficeHours, now: datetime) -> None:
        """Load nothing yet: most news need neither the unit tree nor time limits."""
        self._session = session
        self._source_id = source_id
        self._deadlines = DeadlineBook(session, hours, now)

    @cached_property
    def tree(self) -> UnitTree:
        """The units as they are now."""
        return catalogue.unit_tree(self._session)

    def snapshot(self, given: PreparedSnapshot, current: DossierRow | None, told: tuple[str, ...] = ()) -> Resolution:
        """Settle a snapshot: it wins if it comes later than the current one, in any order of arrival.

        told: kinds of warnings that reading the record gave already.
        """
        if current is None:
            return _with_warnings(self._settle(given, (), None), told)
        settled = self._settle(given, read_steps(current.steps), current)
        mine, its = _view(settled.row, settled.paused or ()), _view(current)
        won = version_order(given.snapshot, given.known_at, given.digest) > (
            current.changed_at,
            current.life,
            current.digest,
        )
        signs = data_warnings.of_change(its, mine) if won else data_warnings.of_change(mine, its)
        if won:
            return _with_warnings(settled, (*told, *signs))
        kinds = tuple(dict.fromkeys((*told, *settled.warnings, *signs)))
        kept = self._kept(current, given.snapshot)
        return Resolution(kept._replace(warnings=_joined(kept.warnings, signs)), False, None, kinds)

    def _kept(self, current: DossierRow, stale: Snapshot) -> DossierRow:
        """Return the row that stale news leave: they too say when a deadline could first be computed."""
        return current._replace(catalogue_version=self._deadlines.since(current.catalogue_version, stale))

    def step(self, step: ProgressStep, current: DossierRow, snapshot: Snapshot) -> Resolution | None:
        """Settle a progress step on a dossier with this current snapshot; None when it is known already."""
        steps = read_steps(current.steps)
        if step in steps:
            return None
        since = self._deadlines.since(current.catalogue_version, None)
        settled = self._again((*steps, step), current._replace(catalogue_version=since), snapshot)
        row = settled.row
        same = row._replace(steps=current.steps, warnings=current.warnings) == current
        return Resolution(row, not same, settled.paused, settled.warnings)

    def catalogue_change(self, current: DossierRow, snapshot: Snapshot) -> Resolution | None:
        """Give a dossier the deadline or field that the catalogue can give now; None when it changes nothing."""
        settled = self._again(read_steps(current.steps), current, snapshot)
        return None if settled.row == current else settled

    def _again(self, steps: tuple[ProgressStep, ...], current: DossierRow, snapshot: Snapshot) -> Resolution:
        """Settle the current snapshot once more, with these steps."""
        settled = self._settle(PreparedSnapshot(snapshot, current.digest, current.known_at), steps, current)
        return settled._replace(row=settled.row._replace(changed_at=current.changed_at, life=current.life))

    def _settle(
        self, given: PreparedSnapshot, steps: tuple[ProgressStep, ...], current: DossierRow | None
    ) -> Resolution:
        """Work out the row that a snapshot and its steps make."""
        snapshot = given.snapshot
        carried = apply_steps(snapshot, steps) if steps else AppliedSteps(snapshot, None)
        state = carried.state
        before = read_deadline(current.deadline) if current else None
        since = self._deadlines.since(current.catalogue_version if current else None, snapshot)
        deadline = self._deadlines.decide(state, known_pauses(state), before, since)
        standing = evaluate(state, given.known_at, self._deadlines.work, carried.ended_by_step, deadline.due_at)
        kinds = data_warnings.of_state(state, standing, given.known_at)
        if steps:
            kinds += data_warnings.of_steps(snapshot, carried, steps)
        sticky = [k for k in (current.warnings.split() if current else ()) if k in data_warnings.STICKY]
        row = DossierRow(
            self._source_id,
            snapshot.code,
            self._unit(snapshot.unit_code, current),
            national_procedure_code(snapshot.procedure_code),
            self._deadlines.procedures.field_key(snapshot),
            snapshot.channel,
            standing.status,
            standing.received_at,
            standing.due_at,
            standing.ended_at,
            standing.outcome,
            standing.span,
            bool(standing.paused),
            standing.reception_limit,
            snapshot.changed_at or given.known_at,
            given.known_at,
            LIFECYCLE_ORDER[snapshot.status],
            given.digest,
            write_steps(steps),
            write_deadline(deadline.kept),
            since,
            _joined("", (*kinds, *sticky)),
        )
        return Resolution(row, True, _spans(standing, current), tuple(kinds))

    def _unit(self, sent: str, current: DossierRow | None) -> str:
        """Return the unit to count under: a dissolved one keeps what is sent again under its successor."""
        if current is None or current.unit_code == sent:
            return sent
        return self.tree.counting_unit((current.unit_code, sent))


def _spans(standing: Evaluation, current: DossierRow | None) -> list[PausedInterval] | None:
    """Return the paused spans to write; None when there are none now and were none before."""
    if standing.paused or (current is not None and current.has_pauses):
        return standing.paused
    return None


def _view(row: DossierRow, paused: Sequence[PausedInterval] = ()) -> View:
    return View(row.changed_at, row.due_at, row.ended_at, row.outcome, paused)


def _with_warnings(settled: Resolution, kinds: tuple[str, ...]) -> Resolution:
    """Add kinds of warnings to what is stored and told."""
    if not kinds:
        return settled
    row = settled.row._replace(warnings=_joined(settled.row.warnings, kinds))
    return settled._replace(row=row, warnings=tuple(dict.fromkeys((*kinds, *settled.warnings))))


def _joined(stored: str, kinds: Collection[str]) -> str:
    """Return stored kinds of warnings together with new ones."""
    if not kinds:
        return stored
    return " ".join(sorted({*stored.split(), *kinds}))
