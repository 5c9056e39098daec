"""Progress steps (tiến độ): how they carry a snapshot further, and which requests follow from both.

Steps are taken in the order of their moments. Steps of one moment are taken in the order of a dossier's life
(LIFECYCLE_ORDER). When a step of some day gives only the date, all steps of that day are taken in the order of life.

A step moves the state if it is later than the snapshot's newest business moment (received, finished, returned, a
pause). A step of that very moment moves the state, too, unless its status comes earlier in life. Where one of the two
moments is a bare date, the same day is the same moment.
Example: a snapshot of status 4, received at 08:00, takes a step 9 of 08:00, but not a step 2 of 08:00.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from service.domain.calendar.local_time import is_bare_date, is_before, local_day
from service.domain.dossier.snapshot import Pause, ProgressStep, Snapshot
from service.domain.dossier.statuses import ENDED, LIFECYCLE_ORDER, PAUSED, UNDER_WAY, WORKED_ON, Status
from service.domain.dossier.versions import Run, Version, last_run, run_group

DONE = frozenset({Status.RESOLVED, Status.RETURNED})


class Request(NamedTuple):
    """A time during which the citizen was asked for something.

    end: the end that was sent, if any. lasts: the request has not ended yet; then `end` is a plan. derived: the
    request was not sent, but follows from statuses 5 and 6.
    """

    start: datetime
    end: datetime | None
    lasts: bool
    derived: bool = False


@dataclass(slots=True)
class AppliedSteps:
    """A snapshot carried further by its steps.

    state: the snapshot as the steps leave it. If it has no end, the first step 9 that was not taken back gives the end.
    requests: its pauses, completed by what statuses and steps say. closed_at: since when it is closed. closed_told:
    closed_at was sent; else it is when the closing became known. goes_on: no step broke the run of versions.
    ended_by_step: a step gave the end. done_while_paused: a step 9 or 10 came while a supplement was asked for.
    reopened: a step took an outcome back.
    """

    state: Snapshot
    requests: list[Request]
    closed_at: datetime | None = None
    closed_told: bool = False
    goes_on: bool = True
    ended_by_step: bool = False
    done_while_paused: bool = False
    reopened: bool = False

    @property
    def lasting(self) -> list[Request]:
        return [request for request in self.requests if request.lasts]


def apply_steps(
    snapshot: Snapshot,
    run: Run,
    steps: Iterable[ProgressStep] = (),
    open_until: datetime | None = None,
    derived: Sequence[Request] = (),
) -> AppliedSteps:
    """Apply progress steps to a snapshot.

    run: the unbroken run of versions with the snapshot's status. open_until: the newest business moment of the
    dossier's unfinished versions; these took back a step 9 that came before that moment. derived: requests that follow
    from the statuses of earlier versions, for a snapshot that gives no pauses.
    """
    if not steps:
        return _without_steps(snapshot, run, derived)
    ordered = _in_order(steps)
    newest = snapshot.newest_business_moment()
    later = [step for step in ordered if newest is None or _carries(step, newest, snapshot.status)]
    applied = AppliedSteps(replace(snapshot), [*derived, *_requests(snapshot, run, later)])
    if snapshot.status in ENDED:
        applied.closed_at, applied.closed_told = run.since, run.since_told
    for step in later:
        _take(applied, step)
    state = applied.state
    if state.status in ENDED and state.finished_at is None:
        state.finished_at = _resolved_at(ordered, open_until)
        applied.ended_by_step |= state.finished_at is not None
    state.pauses = tuple(Pause(request.start, request.end) for request in sorted(applied.requests, key=_order))
    return applied


def applied_to(ordered: Sequence[Version], steps: Collection[ProgressStep], derive_pauses: bool) -> AppliedSteps:
    """Return the last of a dossier's versions, which are given in their order, with the steps applied."""
    moments = (one.snapshot.newest_business_moment() for one in ordered if steps and one.snapshot.status in UNDER_WAY)
    derived = derived_requests(ordered) if derive_pauses else ()
    open_until = max(filter(None, moments), default=None)
    return apply_steps(ordered[-1].snapshot, last_run(ordered), steps, open_until, derived)


def derived_requests(ordered: Sequence[Version]) -> list[Request]:
    """Return the requests that follow from statuses: from a version of 5 or 6 to the next version of another status.

    There are none when the last version gives pauses itself. When the next version closes the dossier, the request
    ends with the dossier and not with that version.
    """
    if ordered[-1].snapshot.pauses:
        return []
    requests: list[Request] = []
    since: datetime | None = None
    for version in ordered:
        status, moment = version.snapshot.status, version.moment
        if requests and requests[-1].lasts and status not in ENDED:  # reopened: the request ended with the closing
            requests[-1] = requests[-1]._replace(lasts=False)
        if status in PAUSED:
            since = since or moment
        elif since is not None:
            requests.append(Request(since, moment, lasts=status in ENDED, derived=True))
            since = None
    if requests and requests[-1].lasts:
        requests[-1] = requests[-1]._replace(end=None)
    return requests if since is None else [*requests, Request(since, None, lasts=True, derived=True)]


def _without_steps(snapshot: Snapshot, run: Run, derived: Sequence[Request]) -> AppliedSteps:
    """Return what `apply_steps` returns without steps: faster, as most dossiers have neither steps nor pauses."""
    requests = _requests(snapshot, run, ()) if snapshot.pauses or snapshot.status in PAUSED else []
    if derived:
        requests = [*derived, *requests]
    applied = AppliedSteps(snapshot, requests)
    if snapshot.status in ENDED:
        applied.closed_at, applied.closed_told = run.since, run.since_told
    if len(requests) > len(snapshot.pauses):
        applied.state = replace(snapshot, pauses=tuple(Pause(request.start, request.end) for request in requests))
    return applied


def _in_order(steps: Iterable[ProgressStep]) -> list[ProgressStep]:
    """Return steps in the order in which they are taken (see above)."""
    steps = list(steps)
    by_life = {local_day(step.moment) for step in steps if is_bare_date(step.moment)}

    def order(step: ProgressStep) -> tuple[object, ...]:
        day, life = local_day(step.moment), LIFECYCLE_ORDER[step.status]
        return day, life if day in by_life else 0, step.moment, life, step.status  # 5 and 6 are equally late in life

    return sorted(steps, key=order)


def _carries(step: ProgressStep, newest: datetime, status: int) -> bool:
    """Say whether a step moves a snapshot of this status whose newest business moment is `newest`."""
    if is_before(step.moment, newest):
        return False
    return is_before(newest, step.moment) or LIFECYCLE_ORDER[step.status] >= LIFECYCLE_ORDER[status]


def _resolved_at(ordered: list[ProgressStep], open_until: datetime | None) -> datetime | None:
    """Return the moment of the first step 9 that neither a later step nor an unfinished version took back."""
    resolved: datetime | None = None
    for step in ordered:
        if step.status in UNDER_WAY:
            resolved = None
        elif step.status == Status.RESOLVED and not (open_until and is_before(step.moment, open_until)):
            resolved = resolved or step.moment
    return resolved


def _take(applied: AppliedSteps, step: ProgressStep) -> None:
    state = applied.state
    if step.status in ENDED:
        applied.reopened |= state.status in DONE and step.status in (Status.REFUSED, Status.STOPPED)
        _close(applied, step)
    elif state.status in ENDED:
        applied.reopened |= state.status in DONE
        _end_requests(applied, applied.closed_at or step.moment)
        applied.closed_at, applied.goes_on, applied.ended_by_step = None, False, False
        state.finished_at = state.returned_at = None
    if step.status == Status.RECEIVED and state.received_at is None:
        state.received_at = step.moment
    if step.status in DONE and state.status == Status.AWAITING_SUPPLEMENT and applied.lasting:
        applied.done_while_paused = True
    if step.status in PAUSED and not applied.lasting:
        applied.requests.append(Request(step.moment, None, lasts=True))
    elif step.status in WORKED_ON:
        _end_requests(applied, step.moment)
    state.status = step.status


def _close(applied: AppliedSteps, step: ProgressStep) -> None:
    """Note since when the dossier is closed: a step of another closed status begins anew, one of its own if earlier."""
    status = applied.state.status
    if status in ENDED and run_group(status) != run_group(step.status):
        applied.goes_on = False
    elif applied.closed_told and applied.closed_at is not None and applied.closed_at <= step.moment:
        return
    applied.closed_at, applied.closed_told, applied.ended_by_step = step.moment, True, True


def _end_requests(applied: AppliedSteps, moment: datetime) -> None:
    applied.requests = [
        request._replace(end=max(request.start, moment), lasts=False) if request.lasts else request
        for request in applied.requests
    ]


def _order(request: Request) -> tuple[datetime, bool]:
    return request.start, request.end is None


def _requests(snapshot: Snapshot, run: Run, later: Collection[ProgressStep]) -> list[Request]:
    """Return a snapshot's pauses as requests, and the request that its status implies."""
    sent = sorted((Request(start, end, lasts=end is None) for start, end in set(snapshot.pauses)), key=_order)
    if snapshot.status in PAUSED:
        return _while_paused(sent, run, later)
    if snapshot.status in WORKED_ON:
        ends = [step.moment for step in later if step.status in WORKED_ON]
        return [_left_open(request, run, ends) if request.lasts else request for request in sent]
    return sent


def _while_paused(sent: list[Request], run: Run, later: Iterable[ProgressStep]) -> list[Request]:
    """Let the last request go on if it reaches the moment since which the status is 5 or 6; else a new one begins."""
    paused_from = [step.moment for step in later if step.status in PAUSED]
    since = min([run.since, *paused_from]) if paused_from else run.since
    last = max((_end(request) for request in sent if _has_length(request)), default=None)
    if last is not None and last >= since:
        return [request._replace(lasts=_has_length(request) and _end(request) == last) for request in sent]
    if paused_from and since != run.since:
        return sent  # `_take` opens the request of that step
    return sorted([*sent, Request(since, None, lasts=True)], key=_order)


_NEVER = datetime.max.replace(tzinfo=UTC)


def _end(request: Request) -> datetime:
    return request.end or _NEVER


def _has_length(request: Request) -> bool:
    return request.end is None or request.end > request.start


def _left_open(request: Request, run: Run, step_moments: list[datetime]) -> Request:
    """End a request that was sent without an end although the dossier is worked on (status 2 or 4).

    It ends with the first version or step of this status at or after its start; without one it has no length.
    """
    ends = [moment for moment in (run.first_from(request.start), *step_moments) if moment and moment >= request.start]
    return Request(request.start, min(ends, default=request.start), lasts=False)
