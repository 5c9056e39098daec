"""The course of one dossier: its versions from the oldest to the current one, with the signs that they show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from service.domain.dossier.computed_deadline import ComputedDeadline
from service.domain.dossier.data_warnings import PAUSED_SENT_AS_DONE, done_in_a_pause, step_warnings
from service.domain.dossier.evaluation import Evaluation, deadline_pauses, evaluate
from service.domain.dossier.polishing import PolishingWatch
from service.domain.dossier.progress import AppliedSteps, apply_steps, derived_requests
from service.domain.dossier.snapshot import ProgressStep
from service.domain.dossier.statuses import UNDER_WAY, Status
from service.domain.dossier.versions import Life, Run, Version, in_order, next_run, run_of, say_the_same, wins
from service.ingest.deadline_book import DeadlineBook


class CourseEnd(NamedTuple):
    """The current version, carried further by the steps, and where the dossier stands by it."""

    version: Version
    applied: AppliedSteps
    evaluation: Evaluation
    deadline: ComputedDeadline | None


def only_version(version: Version, deadlines: DeadlineBook) -> tuple[CourseEnd, list[str]]:
    """Return what a Course of one version would give, its end and its signs; faster, for new dossiers."""
    run = run_of(version)
    applied = apply_steps(version.snapshot, run)
    end = _course_end(version, run, applied, deadlines)
    if end.evaluation.status != Status.WITHDRAWN:
        return end, [PAUSED_SENT_AS_DONE] if done_in_a_pause(version.snapshot, applied) else []
    watch = PolishingWatch()
    watch.see(version.moment, end.evaluation)
    return end, sorted(watch.signs)


def _course_end(
    version: Version,
    run: Run,
    applied: AppliedSteps,
    deadlines: DeadlineBook,
    kept: ComputedDeadline | None = None,
    catalogue_version: int | None = None,
) -> CourseEnd:
    deadline = deadlines.decide(applied.state, deadline_pauses(applied), kept, catalogue_version)
    evaluation = evaluate(applied, run, deadlines.work, deadline.due_at)
    return CourseEnd(version, applied, evaluation, deadline.kept)


@dataclass(slots=True)
class Seen:
    """What the versions up to one of them have shown.

    run: the unbroken run that ends with that version. open_until: the newest business moment of unfinished versions.
    end: where the dossier stands by that version. first_due_at: the earliest due moment. unit: the unit that counts it.
    """

    watch: PolishingWatch
    run: Run | None = None
    open_until: datetime | None = None
    end: CourseEnd | None = None
    first_due_at: datetime | None = None
    unit: str | None = None


class Rules(NamedTuple):
    """What a Course asks for each version.

    unit_after: which unit counts a dossier that is counted under the first unit, and sent under the second. go_on: it
    raises Unavailable when a request takes too long. derive_pauses: statuses 5 and 6 make pauses where none is sent.
    """

    deadlines: DeadlineBook
    unit_after: Callable[[str, str], str]
    go_on: Callable[[], None]
    derive_pauses: bool


def watch_of(lives: Sequence[Life], rules: Rules, catalogue_version: int | None) -> PolishingWatch:
    """Return a watch that has seen what was filed of a dossier before it was deleted; it only gives signs."""
    watch = PolishingWatch()
    for life in lives:
        Course(rules, None, catalogue_version, life.snapshots, life.steps, watch)
        watch.delete(life.deleted_at)
    return watch


class Course:
    """Walks through a dossier's versions in order (seen); a version that wins is added without a second walk."""

    def __init__(
        self,
        rules: Rules,
        kept: ComputedDeadline | None,
        catalogue_version: int | None,
        filed: Sequence[Version],
        steps: Sequence[ProgressStep],
        watch: PolishingWatch,
    ) -> None:
        """Take the versions in order of filing and the progress steps.

        kept: the deadline that was computed before. catalogue_version: the one that is kept with the dossier.
        watch: has seen what was filed before deletions.
        """
        self._rules = rules
        self._kept = kept
        self._catalogue_version = catalogue_version
        self.steps = tuple(steps)
        self._ordered = in_order(filed)
        self.seen = self._before_last = Seen(watch)
        for place in range(len(self._ordered)):
            self._see(place)

    @property
    def end(self) -> CourseEnd:
        assert self.seen.end is not None
        return self.seen.end

    @property
    def signs(self) -> set[str]:
        """Return the signs of polishing that the versions show."""
        return self.seen.watch.signs

    def wins(self, version: Version) -> bool:
        """Say whether a version that is filed now becomes the current one."""
        current = self._ordered[-1] if self._ordered else version
        return version.moment > current.moment or (version.moment == current.moment and wins(version, current))

    def add(self, version: Version) -> None:
        """Add a version that wins."""
        replaces = bool(self._ordered) and version.moment == self._ordered[-1].moment
        if replaces or self.steps:  # the last version is replaced, or some of its steps belong to the new one now
            self.seen = self._before_last
        if replaces:
            self._ordered.pop()
        self._ordered.append(version)
        last = len(self._ordered) - 1
        if self.steps and last and not replaces:
            self._see(last - 1)
        self._see(last)

    def _see(self, place: int) -> None:
        self._rules.go_on()
        version = self._ordered[place]
        snapshot, seen = version.snapshot, self.seen
        is_last = place == len(self._ordered) - 1
        if is_last:
            self._before_last = replace(seen, watch=seen.watch.copy())
        seen.run = next_run(self._ordered, place, seen.run)
        seen.unit = self._rules.unit_after(seen.unit or snapshot.unit_code, snapshot.unit_code)
        if snapshot.status in UNDER_WAY and (newest := snapshot.newest_business_moment()):
            seen.open_until = max(newest, seen.open_until or newest)
        if place and not is_last and not self.steps and say_the_same(self._ordered[place - 1], version):
            return  # it repeats the version before it, and is not the current one
        steps = self._steps_until(place)
        derived = derived_requests(self._ordered[: place + 1]) if self._rules.derive_pauses else ()
        applied = apply_steps(snapshot, seen.run, steps, seen.open_until, derived)
        end = _course_end(version, seen.run, applied, self._rules.deadlines, self._kept, self._catalogue_version)
        seen.watch.see(version.moment, end.evaluation)
        if due_at := end.evaluation.due_at:
            seen.first_due_at = min(due_at, seen.first_due_at or due_at)
        seen.watch.signs.update(step_warnings(snapshot, applied, steps, end.evaluation.due_at))
        if done_in_a_pause(snapshot, applied):
            seen.watch.signs.add(PAUSED_SENT_AS_DONE)
        seen.end = end

    def _steps_until(self, place: int) -> tuple[ProgressStep, ...]:
        """Return the steps up to the moment of the next version; for the current version all steps."""
        if not self.steps or place == len(self._ordered) - 1:
            return self.steps
        until = self._ordered[place + 1].moment
        return tuple(step for step in self.steps if step.moment <= until)
