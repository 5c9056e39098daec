"""Whose lateness it is, recounted: what the pile said after each request, and what it says at last."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from tests.support.oracle import Dossier, World, dossier, is_counted, last_end, outcome, state
from tests.support.oracle_steps import Step, steps_of
from tests.support.oracle_versions import Push, certain, happened, since_deleted, versions

FIVE = ("late_paused", "late_moved", "told_late", "overdue_confirmed", "overdue_unconfirmed")


class Judged(NamedTuple):
    """A dossier as it is at last, the earliest due moment that it ever had, and when its end became known."""

    dossier: Dossier
    first_due: datetime | None
    end_known_at: datetime | None


def judged(pushes: Iterable[Push], world: World) -> list[Judged]:
    by_code: dict[str, list[Push]] = defaultdict(list)
    for push in pushes:
        by_code[push.record["code"]].append(push)
    kept = filter(None, map(since_deleted, by_code.values()))
    return [_judged(own, world) for own in kept]


def _judged(own: list[Push], world: World) -> Judged:
    due = [d.due for d in _stages(versions(own), steps_of(own), world)]
    return Judged(_now(own, world), min(filter(None, due), default=None), _end_known_at(own, world))


def _now(own: list[Push], world: World) -> Dossier:
    return dossier(versions(own), steps_of(own), world)


def _stages(ordered: list[Push], steps: list[Step], world: World) -> Iterator[Dossier]:
    """Yield the dossier by each version, with the steps until the next one."""
    for number, following in enumerate([*ordered[1:], None], start=1):
        until = [step for step in steps if following is None or step.at <= happened(following)]
        yield dossier(ordered[:number], until, world)


def _end_known_at(own: list[Push], world: World) -> datetime | None:
    """Go through the requests, and find the one that closed it when those before had left it open."""
    filed: list[Push] = []
    was, known_at = None, None
    for _, request in groupby(own, key=lambda push: push.known_at.replace(microsecond=0)):
        filed += request
        now = _now(filed, world)
        if not is_closed(now):
            known_at = None
        elif was is not None and is_counted(was) and not is_closed(was):
            known_at = filed[-1].known_at
        was = now
    return known_at


def is_closed(d: Dossier) -> bool:
    return is_counted(d) and d.end is not None and d.status >= 7


def told_until(pushes: Iterable[Push], world: World) -> dict[str, datetime]:
    """Return when the source last sent something of each unit: under its code, or of a dossier that counts there."""
    told: dict[str, datetime] = {}
    filed: dict[str, list[Push]] = defaultdict(list)
    for push in pushes:
        own = filed[push.record["code"]]
        before = since_deleted(own)
        own.append(push)
        for known in filter(None, (before if "deleted" in push.record else [], since_deleted(own))):
            told[_now(known, world).unit] = push.known_at
        if "unit_code" in push.record:
            told[push.record["unit_code"]] = push.known_at
    return told


def said(one: Judged, start: datetime, m: datetime, world: World, told: Mapping[str, datetime]) -> list[str]:
    """List the five counts to which a dossier adds one in a period that begins at `start`, as of m."""
    d, end = one.dossier, last_end(one.dossier) if is_counted(one.dossier) else None
    if not is_counted(d) or certain(d.received) > m:
        return []
    if end is None or end > m:
        if "open_overdue" not in state(d, m, world):
            return []
        return ["overdue_confirmed" if d.unit in told and told[d.unit] > certain(d.due) else "overdue_unconfirmed"]
    return [] if end < start else _beside_the_outcome(one, end)


def _beside_the_outcome(one: Judged, end: datetime) -> list[str]:
    d, judgement = one.dossier, outcome(one.dossier)
    if judgement == "late":
        paused = time_paused(d, end)
        return ["late_paused"] if paused and paused >= end - certain(d.due) else []
    if judgement not in ("early", "on_time"):
        return []
    moved = ["late_moved"] if end > certain(one.first_due) else []
    late = one.end_known_at is not None and one.end_known_at > certain(d.due)
    return [*moved, *(["told_late"] if late else [])]


def time_paused(d: Dossier, end: datetime) -> timedelta:
    spans = [min(until or end, end) - max(began, certain(d.received)) for began, until in d.pauses]
    return sum((span for span in spans if span > timedelta(0)), timedelta(0))


def count(
    pile: Iterable[Judged], start: datetime, m: datetime, world: World, told: Mapping[str, datetime]
) -> dict[str, int]:
    counted = Counter(name for one in pile for name in said(one, start, m, world, told))
    return {name: counted[name] for name in FIVE}
