"""Progress steps in the slow recount: how they carry the newest record further, when it ended, when it was paused.

A step says that a dossier reached a status at a moment. What is not earlier than the newest moment of the record
moves the state; all steps together say whether a 9 was taken back. Written from docs/definitions.md, sections 3, 4, 8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from service.domain.calendar.local_time import local_day
from tests.support.oracle_versions import (
    CLOSED,
    LIFECYCLE,
    Push,
    alike,
    certain,
    changed_of,
    happened,
    is_midnight,
    moment,
    run_of,
    status_of,
    told_by_statuses,
)

OPEN, PAUSED, WORKED_ON = (2, 4, 5, 6), (5, 6), (2, 4)
FAR = datetime(2200, 1, 1, tzinfo=UTC)


class Step(NamedTuple):
    at: datetime
    status: int


def steps_of(own: Iterable[Push]) -> list[Step]:
    """Return the steps among what was filed, each once, in their order."""
    steps = {Step(certain(moment(push.record["at"])), push.record["step"]): None for push in own if is_step(push)}
    dates = {local_day(step.at) for step in steps if is_midnight(step.at)}

    def place(step: Step) -> tuple[Any, ...]:
        life = LIFECYCLE[step.status]
        return *((life, step.at) if local_day(step.at) in dates else (step.at, life)), step.status

    days = sorted({local_day(step.at) for step in steps})
    return [step for day in days for step in sorted((s for s in steps if local_day(s.at) == day), key=place)]


def is_step(push: Push) -> bool:
    return "step" in push.record


def is_earlier(one: datetime, other: datetime) -> bool:
    """Say whether one moment is before another; a bare date is the same as every moment of its day."""
    if (is_midnight(one) or is_midnight(other)) and local_day(one) == local_day(other):
        return False
    return one < other


def newest_moment(record: dict[str, Any]) -> datetime | None:
    texts = [record.get(name) for name in ("received_at", "finished_at", "returned_at")]
    texts += [pause.get(name) for pause in record.get("pauses") or [] for name in ("from", "to")]
    return max(filter(None, map(moment, texts)), default=None)


@dataclass
class Standing:
    """A dossier by its versions and steps: the newest record, carried further."""

    own: list[Push]
    steps: list[Step]
    derives: bool = False

    @property
    def record(self) -> dict[str, Any]:
        return self.own[-1].record

    @cached_property
    def carried(self) -> list[Step]:
        """Return the steps that move the state."""
        floor, life = newest_moment(self.record), LIFECYCLE[status_of(self.record)]
        if floor is None:
            return self.steps
        later = [step for step in self.steps if not is_earlier(step.at, floor)]
        return [step for step in later if is_earlier(floor, step.at) or LIFECYCLE[step.status] >= life]

    @property
    def statuses(self) -> list[int]:
        """Return the record's status and those of the steps that moved it."""
        return [status_of(self.record), *(step.status for step in self.carried)]

    @property
    def status(self) -> int:
        return self.statuses[-1]

    @property
    def received(self) -> datetime | None:
        first = next((step.at for step in self.carried if step.status == 2), None)
        return moment(self.record.get("received_at")) or first

    @property
    def dates_hold(self) -> bool:
        """Say whether the record's dates of the end still hold: no step opened the dossier after it was closed."""
        return not any(
            was in CLOSED and now not in CLOSED for was, now in zip(self.statuses, self.statuses[1:], strict=False)
        )

    @property
    def nine(self) -> datetime | None:
        """Return the first step 9 that was not taken back."""
        open_moments = [newest_moment(push.record) for push in self.own if status_of(push.record) in OPEN]
        for place, step in enumerate(self.steps):
            later = any(other.status in OPEN for other in self.steps[place + 1 :])
            newer = any(at and is_earlier(step.at, at) for at in open_moments)
            if step.status == 9 and not later and not newer:
                return step.at
        return None

    def run(self, until: int) -> tuple[list[Push], list[Step]]:
        """Return the last versions and steps of one status, when so many steps had moved the state."""
        steps = self.carried[:until]
        last = alike(steps[-1].status if steps else status_of(self.record))
        taken: list[Step] = []
        while steps and alike(steps[-1].status) == last:
            taken.insert(0, steps.pop())
        versions = run_of(self.own) if not steps and alike(status_of(self.record)) == last else []
        return versions, taken

    def since(self, until: int) -> tuple[datetime, bool, bool]:
        """Return since when it had its status then; whether that was told; whether a step told it."""
        versions, steps = self.run(until)
        first = min((step.at for step in steps), default=None)
        if not versions:
            return certain(first), True, True
        began, told = happened(versions[0]), changed_of(versions[0]) is not None
        by_step = first is not None and (not told or first < began)
        return (certain(first), True, True) if by_step else (began, told, False)

    def end(self) -> tuple[datetime | None, bool, bool]:
        """Return when a closed dossier ended; whether that was told; whether a date of the end was sent."""
        if self.status not in CLOSED:
            return None, False, False
        finished, returned = (moment(self.record.get(name)) for name in ("finished_at", "returned_at"))
        finished, returned = (finished, returned) if self.dates_hold else (None, None)
        began, began_told, by_step = self.since(len(self.carried))
        dated = bool(finished or returned or self.nine or by_step)
        nines = [push for push in self.run(len(self.carried))[0] if status_of(push.record) == 9]
        told = finished or self.nine or (changed_of(nines[0]) if nines else None)
        if told or returned is None:
            return (told, True, dated) if told else (began, began_told, dated)
        silent = nines and not nines[0].record.get("finished_at") and not nines[0].record.get("returned_at")
        if silent and is_earlier(nines[0].known_at, returned):
            return nines[0].known_at, False, dated
        return returned, True, dated

    def pauses(self) -> list[tuple[datetime, datetime | None]]:
        """Return the requests in order; those that go on have no end."""
        return [(began, None if goes_on else until) for began, until, goes_on in self._requests()]

    def told_pauses(self) -> list[tuple[datetime, datetime]]:
        """Return the requests whose end was told, be it a plan: they move a deadline."""
        return [(began, until) for began, until, _ in self._requests() if until is not None and until > began]

    def _requests(self) -> list[tuple[datetime, datetime | None, bool]]:
        requests, status = self._of_record(), status_of(self.record)
        for place, step in enumerate(self.carried):
            if step.status in CLOSED:
                status = step.status
                continue
            over = self.since(place)[0] if status in CLOSED else step.at
            if status in CLOSED or step.status in WORKED_ON:
                requests = [
                    (began, max(began, over), False) if on else (began, until, on) for began, until, on in requests
                ]
            if step.status in PAUSED and not any(goes_on for *_, goes_on in requests):
                requests.append((step.at, None, True))
            status = step.status
        return requests

    def _of_record(self) -> list[tuple[datetime, datetime | None, bool]]:
        """Return the requests that the newest record gives, or its status."""
        status, given = status_of(self.record), self.record.get("pauses") or []
        spans = [(certain(moment(pause["from"])), moment(pause.get("to"))) for pause in given]
        if status in PAUSED:
            return self._told_by_statuses(spans) + self._while_paused(spans)
        if status in WORKED_ON:
            spans = [(began, until or self._worked_on_again(began)) for began, until in spans]
            return self._told_by_statuses(given) + [(began, until, False) for began, until in spans]
        return self._told_by_statuses(given) + [(began, until, until is None) for began, until in spans]

    def _told_by_statuses(self, given: list[Any]) -> list[tuple[datetime, datetime | None, bool]]:
        derived = told_by_statuses(self.own) if self.derives and not given else []
        return [(began, until, until is None) for began, until in derived]

    def _while_paused(
        self, spans: list[tuple[datetime, datetime | None]]
    ) -> list[tuple[datetime, datetime | None, bool]]:
        asked = min((step.at for step in self.carried if step.status in PAUSED), default=FAR)
        since = min(happened(run_of(self.own)[0]), asked)
        last = max((until or FAR for began, until in spans if (until or FAR) > began), default=None)
        if last is not None and last >= since:
            return [(began, until, (until or FAR) == last and last > began) for began, until in spans]
        told = [(began, until, False) for began, until in spans]
        return told if since == asked else [*told, (since, None, True)]

    def _worked_on_again(self, began: datetime) -> datetime:
        """Return when a pause ended that was left open under 2 or 4; at its start, so never, when nothing tells."""
        moments = [happened(push) for push in run_of(self.own)]
        moments += [step.at for step in self.carried if step.status in WORKED_ON]
        return min((at for at in moments if at >= began), default=began)


def merged(
    requests: list[tuple[datetime, datetime | None]], end: datetime | None, received: datetime | None
) -> list[tuple[datetime, datetime | None]]:
    """Return the requests that have a length, as [start, end); what overlaps or touches is one.

    What goes on ends with the dossier.
    """
    last = max(end, received) if end and received else end or FAR
    intervals: list[list[datetime]] = []
    for began, until in sorted((began, until or last) for began, until in requests):
        if until <= began:
            continue
        if intervals and began <= intervals[-1][1]:
            intervals[-1][1] = max(intervals[-1][1], until)
        else:
            intervals.append([began, until])
    return [(began, None if until == FAR else until) for began, until in intervals]
