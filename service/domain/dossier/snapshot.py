"""What is known of a dossier (hồ sơ): snapshots, progress steps, and the state that follows from them.

A snapshot replaces the whole state; snapshots are ordered by when they changed, then by life, then
by content, so any order of arrival ends in the same one. Progress steps are kept beside it and
carry it further.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from service.domain.dossier.statuses import ENDED, LIFECYCLE_ORDER, PAUSED, Status


class Pause(NamedTuple):
    """A time during which the citizen was asked for something; `end` is None while it is open."""

    start: datetime
    end: datetime | None


class ProgressStep(NamedTuple):
    """A progress step (tiến độ): a status and its moment."""

    moment: datetime
    status: int


@dataclass(slots=True)
class Snapshot:
    """The whole state of a dossier as a source sent it; moments are aware, in UTC."""

    code: str
    unit_code: str
    procedure_code: str
    status: int
    channel: int = 1
    field_code: str | None = None
    field_name: str | None = None
    submitted_at: datetime | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None
    due_is_instant: bool = False
    finished_at: datetime | None = None
    returned_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    changed_at: datetime | None = None

    @property
    def field_key(self) -> str | None:
        """Return what the dossier's field is grouped by: its code, else its name, else nothing."""
        return self.field_code or self.field_name

    def newest_business_moment(self) -> datetime | None:
        """Return the newest of received, finished, returned and the moments of pauses."""
        moments = [self.received_at, self.finished_at, self.returned_at]
        for pause in self.pauses:
            moments += pause
        return max((moment for moment in moments if moment), default=None)


class VersionOrder(NamedTuple):
    """The order of snapshots of one dossier: the greatest is its current one."""

    changed_at: datetime
    life: int
    digest: str


def version_order(snapshot: Snapshot, known_at: datetime, digest: str) -> VersionOrder:
    """Return a snapshot's place in the order of its dossier's snapshots."""
    return VersionOrder(snapshot.changed_at or known_at, LIFECYCLE_ORDER[snapshot.status], digest)


def step_order(step: ProgressStep) -> tuple[datetime, int]:
    """Order steps by moment, then by life."""
    return step.moment, LIFECYCLE_ORDER[step.status]


class AppliedSteps(NamedTuple):
    """A snapshot carried further by its steps, and what only the steps tell.

    ended_by_step: the moment of the step that ended it, if one did. done_while_paused: a step said
    done while a supplement was still asked for.
    """

    state: Snapshot
    ended_by_step: datetime | None
    done_while_paused: bool = False


DONE = frozenset({Status.RESOLVED, Status.RETURNED})


def apply_steps(snapshot: Snapshot, steps: Iterable[ProgressStep]) -> AppliedSteps:
    """Apply progress steps to a snapshot, in order of their moments, then of life.

    Only steps not earlier than the snapshot's newest business moment (at that moment: not earlier in
    life) move the status. The first step 9 gives the end when a done dossier has none, whatever comes
    later; of the steps before that moment only if the snapshot says done too, for an open one was
    reopened since. A step 2 on a submitted dossier gives `received_at`; a step back into work takes
    an earlier end away.
    """
    ordered = sorted(steps, key=step_order)
    floor = snapshot.newest_business_moment(), LIFECYCLE_ORDER[snapshot.status]
    later = [step for step in ordered if not floor[0] or step_order(step) >= floor]
    earlier = ordered[: len(ordered) - len(later)]
    state = replace(snapshot, pauses=tuple(_pauses_before(snapshot, later)))
    ended_by: datetime | None = None
    done_while_paused = False
    resolved_at = _first_resolved(earlier) if snapshot.status in DONE else None
    for step in later:
        if step.status in ENDED:
            ended_by = ended_by if state.status in ENDED and ended_by else step.moment
        elif state.status in ENDED:
            ended_by = resolved_at = state.finished_at = state.returned_at = None
        if step.status == Status.RESOLVED and resolved_at is None:
            resolved_at = step.moment
        if step.status == Status.RECEIVED and state.received_at is None:
            state.received_at = step.moment
        done_while_paused |= step.status in DONE and _awaits_supplement(state)
        _follow_pause(state, step)
        state.status = step.status
    if state.status in DONE and state.finished_at is None:
        state.finished_at = resolved_at
    return AppliedSteps(state, ended_by, done_while_paused)


def _first_resolved(steps: Iterable[ProgressStep]) -> datetime | None:
    return next((step.moment for step in steps if step.status == Status.RESOLVED), None)


def _pauses_before(snapshot: Snapshot, later: list[ProgressStep]) -> list[Pause]:
    """Return the snapshot's pauses; the one its status implies only if no step tells when it was asked for."""
    since = snapshot.changed_at
    asked = any(step.status in PAUSED and (since is None or step.moment <= since) for step in later)
    return sorted(set(snapshot.pauses), key=_pause_order) if asked else known_pauses(snapshot)


def _awaits_supplement(state: Snapshot) -> bool:
    return state.status == Status.AWAITING_SUPPLEMENT and any(pause.end is None for pause in state.pauses)


def _follow_pause(state: Snapshot, step: ProgressStep) -> None:
    """Open a pause with a step into status 5 or 6, and end the open ones with any other step."""
    still_open = any(pause.end is None for pause in state.pauses)
    if step.status in PAUSED and not still_open:
        state.pauses = (*state.pauses, Pause(step.moment, None))
    elif step.status not in PAUSED and still_open:
        state.pauses = tuple(Pause(pause.start, pause.end or max(pause.start, step.moment)) for pause in state.pauses)


def _pause_order(pause: Pause) -> tuple[datetime, bool]:
    return pause.start, pause.end is None


def known_pauses(state: Snapshot) -> list[Pause]:
    """Return the pauses in order, with the one that status 5 or 6 implies when no open one is given.

    The implied request began at `changed_at`, else at `received_at`.
    """
    if not state.pauses and state.status not in PAUSED:
        return []
    pauses = sorted(set(state.pauses), key=_pause_order)
    if state.status in PAUSED and all(pause.end is not None for pause in pauses):
        start = state.changed_at or state.received_at
        if start is not None:
            pauses.append(Pause(start, None))
            pauses.sort(key=_pause_order)
    return pauses


class PausedInterval(NamedTuple):
    """A time [start, end) in which a dossier is paused, in time or overdue; spans never overlap."""

    start: datetime
    end: datetime | None
    in_time: bool


def paused_intervals(pauses: list[Pause], due_moment: datetime | None) -> list[PausedInterval]:
    """Cut pauses into disjoint spans, each either paused in time or paused overdue.

    In time: only one request has been made yet, and it came by the due moment or there is none.
    A pause that ends before it begins is no request; one that ends as it begins is.
    """
    pauses = [pause for pause in pauses if pause.end is None or pause.end >= pause.start]
    if not pauses:
        return []
    first = pauses[0].start
    second = pauses[1].start if len(pauses) > 1 else None
    in_time = due_moment is None or first <= due_moment
    spans: list[PausedInterval] = []
    for start, end in _merged(pauses):
        if in_time and second and start < second and (end is None or second < end):
            spans += [PausedInterval(start, second, True), PausedInterval(second, end, False)]
        else:
            spans.append(PausedInterval(start, end, in_time and not (second and start >= second)))
    return spans


def _merged(pauses: list[Pause]) -> list[Pause]:
    """Merge overlapping pauses; a pause that ends before it begins covers nothing."""
    merged: list[Pause] = []
    for start, end in pauses:
        if end is not None and end <= start:
            continue
        last = merged[-1] if merged else None
        if last and (last.end is None or start <= last.end):
            longest = None if last.end is None or end is None else max(last.end, end)
            merged[-1] = Pause(last.start, longest)
        else:
            merged.append(Pause(start, end))
    return merged
