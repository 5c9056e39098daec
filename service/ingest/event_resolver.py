"""Decide what one event makes of a dossier: its result, its new row, its warnings. Runs no statement.

Every event is judged with all the dossier's versions, so any order of arrival ends in the same state.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from models.sources import Source
from service.domain.calendar.local_time import local_day
from service.domain.dossier.data_warnings import FROM_JOBS, FROM_READING, state_warnings
from service.domain.dossier.evaluation import evaluate
from service.domain.dossier.lateness import lateness_of
from service.domain.dossier.progress import apply_steps
from service.domain.dossier.snapshot import ProgressStep
from service.domain.dossier.versions import Life, Version, run_of
from service.domain.procedures import national_procedure_code
from service.ingest.deadline_book import DeadlineBook
from service.ingest.dossier_course import Course, CourseEnd, Rules, only_version, watch_of
from service.ingest.known_dossier import KnownDossier
from service.store.catalogues.known_units import KnownUnits
from service.store.dossiers import DossierRow


class Resolution(NamedTuple):
    """What an event makes of a dossier.

    result: created, updated, unchanged, stale or deleted. kept: the event is new, and is stored as a version.
    warnings: kinds to tell the sender.
    """

    result: str
    kept: bool
    warnings: tuple[str, ...] = ()


class EventResolver:
    """Resolves the events of one source, against the catalogues as they are now."""

    def __init__(self, source: Source, deadlines: DeadlineBook, units: KnownUnits, go_on: Callable[[], None]) -> None:
        """Take the source, the time limits, the units and what is called for each version that is looked at."""
        self._is_test = source.is_test  # the dossiers of a trial never count, warn or match another one
        self._rules = Rules(deadlines, self._unit_after, go_on, source.derive_pauses)
        self._source_id, self._deadlines, self._units = source.id, deadlines, units

    def snapshot(self, known: KnownDossier, version: Version, from_reading: tuple[str, ...] = ()) -> Resolution:
        """Resolve a snapshot. from_reading: kinds of warnings that reading the record gave already."""
        row = known.row
        if row is None:
            return self._first(known, version, from_reading)
        if version.digest == row.digest:
            return Resolution("unchanged", kept=False, warnings=from_reading)
        course = self._course(known)
        wins = course.wins(version)
        if (not wins or version.snapshot.changed_at is not None) and known.has_filed(version.digest):
            return Resolution("stale", kept=False, warnings=_distinct(from_reading, self._own_warnings(version)))
        known.note(version)
        known.catalogue_version = self._deadlines.since(known.catalogue_version, version.snapshot)
        if not wins:
            known.is_worked_out = False
            return Resolution("stale", kept=True, warnings=_distinct(from_reading, self._own_warnings(version)))
        course.add(version)
        kinds = self._work_out(known, course, from_reading)
        signs = sorted(course.signs - row.warnings)
        return Resolution("updated", kept=True, warnings=_distinct(from_reading, signs, kinds))

    def _first(self, known: KnownDossier, version: Version, from_reading: tuple[str, ...]) -> Resolution:
        snapshot = version.snapshot
        known.note(version)
        known.catalogue_version = self._deadlines.since(None, snapshot)
        end, signs = only_version(version, self._deadlines)
        kinds = self._kinds(end)
        warnings = _distinct(from_reading, signs, kinds)
        known.row = self._row(known, end, snapshot.unit_code, frozenset(warnings))
        known.paused = end.evaluation.paused
        return Resolution("created", kept=True, warnings=warnings)

    def step(self, known: KnownDossier, step: ProgressStep, known_at: datetime) -> Resolution:
        self.work_out_if_needed(known)
        row = known.row
        if row is None or not known.filed or step in row.steps:
            return Resolution("unchanged", kept=False)
        known.known_at = known_at
        known.catalogue_version = self._deadlines.since(known.catalogue_version, None)
        known.row = row._replace(steps=(*row.steps, step))
        known.course = None
        kinds = self._work_out(known, self._course(known), ())
        other = known.row._replace(steps=row.steps, warnings=row.warnings, catalogue_version=row.catalogue_version)
        return Resolution("stale" if other == row else "updated", kept=True, warnings=tuple(kinds))

    def catalogue_change(self, known: KnownDossier, known_at: datetime) -> Resolution:
        """Give a dossier the deadline or the field that the catalogue can give now."""
        self.work_out_if_needed(known)
        row = known.row
        if row is None or not known.filed:
            return Resolution("unchanged", kept=False)
        known.course = None
        kinds = self._work_out(known, self._course(known), ())
        if known.row == row:
            return Resolution("unchanged", kept=False)
        known.known_at = known_at
        return Resolution("updated", kept=True, warnings=tuple(kinds))

    def merge(self, known: KnownDossier, merged: bool, known_at: datetime) -> Resolution:
        """Take a dossier out of every count because another one is counted in its place, or count it again."""
        self.work_out_if_needed(known)
        row = known.row
        if row is None or row.merged == merged:
            return Resolution("unchanged", kept=False)
        known.row, known.known_at = row._replace(merged=merged), known_at
        if known.filed:
            self._work_out(known, self._course(known), ())
        return Resolution("updated", kept=True)

    def deletion(self, known: KnownDossier, known_at: datetime) -> Resolution:
        """Take a known dossier out of every count; what was filed of it only shows signs from now on."""
        self.work_out_if_needed(known)
        row = known.row
        if row is None or not known.filed:
            return Resolution("deleted", kept=False)
        known.earlier = (*known.earlier, Life(known.filed, row.steps, known_at))
        known.filed, known.course, known.stays_at, known.known_at = [], None, None, known_at
        known.forget_digests()
        known.row = row._replace(steps=())
        signs = self._course(known).signs
        known.paused = []
        nowhere: dict[str, Any] = dict.fromkeys(_COUNTED)
        known.row = known.row._replace(
            **nowhere, has_pauses=False, changed_at=known_at, known_at=known_at, digest="", warnings=frozenset(signs)
        )
        return Resolution("deleted", kept=True, warnings=tuple(sorted(signs - row.warnings)))

    def work_out_if_needed(self, known: KnownDossier) -> None:
        """Work the row out anew if stale events came: they may move the `since` of a status, and give signs."""
        if not known.is_worked_out:
            known.course = None
            self._work_out(known, self._course(known), ())
            known.is_worked_out = True

    def _course(self, known: KnownDossier) -> Course:
        if known.course is None:
            row, filed, version = known.row, known.filed, known.catalogue_version
            assert row is not None  # a new dossier needs no course
            watch = watch_of(known.earlier, self._rules, version)
            known.course = Course(self._rules, row.deadline, version, filed, row.steps, watch)
            if filed and known.is_worked_out and known.course.seen.unit != row.unit_code:
                known.stays_at = row.unit_code
        return known.course

    def _work_out(self, known: KnownDossier, course: Course, from_reading: Iterable[str]) -> list[str]:
        """Work out a dossier's row, and return the kinds of warnings that its state gives."""
        end = course.end
        kinds = self._kinds(end)
        before = known.row
        assert before is not None  # the first version is told by _first
        kept = FROM_JOBS | FROM_READING if before.digest == end.version.digest else FROM_JOBS
        unit = self._unit(known, course)
        signs = frozenset((*kinds, *course.signs, *(before.warnings & kept), *from_reading))
        known.row = self._row(known, end, unit, signs, course.seen.first_due_at)
        known.paused = end.evaluation.paused
        return kinds

    def _kinds(self, end: CourseEnd) -> list[str]:
        snapshot = end.version.snapshot
        kinds = state_warnings(snapshot, end.applied, end.evaluation, end.version.known_at)
        last_day = self._units.dissolved_on(snapshot.unit_code)
        is_dissolved = last_day and snapshot.received_at and last_day < local_day(snapshot.received_at)
        return [*kinds, "unit_dissolved"] if is_dissolved else kinds

    def _row(
        self, known: KnownDossier, end: CourseEnd, unit: str, kinds: frozenset[str], first_due: datetime | None = None
    ) -> DossierRow:
        version, evaluation = end.version, end.evaluation
        end_known_at = known.end_known_at(evaluation.outcome)
        snapshot = version.snapshot
        merged = known.row is not None and known.row.merged
        uncounted = merged or self._is_test
        return DossierRow(
            source_id=self._source_id,
            code=snapshot.code,
            unit_code=unit,
            procedure_code=national_procedure_code(snapshot.procedure_code),
            field_key=self._deadlines.procedures.field_key(snapshot),
            channel=snapshot.channel,
            status=evaluation.status,
            received_at=None if uncounted else evaluation.received_at,
            due_at=evaluation.due_at,
            ended_at=evaluation.ended_at,
            outcome=evaluation.outcome,
            has_pauses=bool(evaluation.paused),
            reception_limit=None if uncounted else evaluation.reception_limit,
            changed_at=version.moment,
            known_at=version.known_at,
            digest=version.digest,
            steps=known.row.steps if known.row else (),
            deadline=end.deadline,
            catalogue_version=known.catalogue_version,
            warnings=frozenset() if self._is_test else kinds,
            national_code=None if self._is_test else snapshot.national_code,
            merged=merged,
            merged_received_at=evaluation.received_at if merged else None,
            end_known_at=end_known_at,
            lateness=None if uncounted else int(lateness_of(evaluation, first_due, end_known_at)) or None,
        )

    def _unit(self, known: KnownDossier, course: Course) -> str:
        """Return the unit to count under; see KnownDossier.stays_at."""
        if known.stays_at is None:
            assert course.seen.unit is not None
            return course.seen.unit
        known.stays_at = self._unit_after(known.stays_at, course.end.version.snapshot.unit_code)
        return known.stays_at

    def _unit_after(self, kept: str, sent: str) -> str:
        return kept if sent == kept else self._units.tree().unit_after(kept, sent)

    def _own_warnings(self, version: Version) -> list[str]:
        """Return the kinds that a snapshot gives by itself, when it does not become the current one."""
        run = run_of(version)
        applied = apply_steps(version.snapshot, run)
        return state_warnings(version.snapshot, applied, evaluate(applied, run, self._deadlines.work), version.known_at)


_COUNTED = (
    "received_at", "due_at", "ended_at", "outcome", "reception_limit", "merged_received_at", "end_known_at", "lateness",
)  # fmt: skip
"""The columns by which a row counts; a deleted dossier has null in all of them."""


def _distinct(*kinds: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(kinds))) if any(kinds) else ()
