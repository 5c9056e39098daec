"""A slow, obvious recount: from the records as they were pushed to every count, in plain Python.

It is written from the definitions alone and shares nothing with the way the service counts: no tallies, no
database, no incremental state. Local days, the working calendar and deadline arithmetic are taken from the
domain, which has tables of its own. Every rule stands here once more, as a clerk would apply it to a pile of paper.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from unicodedata import normalize

from service.domain.calendar.deadlines import compute_due
from service.domain.calendar.local_time import day_end, local_day
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.procedures import TimeLimit
from tests.support.oracle_steps import Standing, Step, merged, steps_of
from tests.support.oracle_versions import Push, certain, moment, since_deleted, versions

CHANNEL = {"direct": 1, "online": 2, "postal": 3}
EIGHT_HOURS = timedelta(hours=8)
INSTANT = timedelta(microseconds=1)

FLOWS = (
    "received", "received_online", "received_direct", "received_postal", "early", "on_time", "early_or_on_time",
    "late", "no_deadline", "resolved", "withdrawn", "withdrawn_late", "stopped", "stopped_late", "closed",
    "reception_late",
)  # fmt: skip

ALL = (
    "carried_over", *FLOWS, "workload", "open_in_time", "open_no_deadline", "open_overdue", "paused",
    "paused_in_time", "paused_overdue", "in_progress", "reception_overdue", "due_soon",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """What an import says of a unit."""

    parent: str | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()


@dataclass
class World:
    """Everything that the numbers depend on apart from the dossiers."""

    places: dict[str, Place]
    limits: dict[str, TimeLimit] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    derives_pauses: bool = False
    calendar: WorkCalendar = field(default_factory=WorkCalendar)


@dataclass
class Dossier:
    """The current version of one dossier."""

    unit: str
    procedure: str
    field: str | None
    channel: int
    status: int
    submitted: datetime | None
    received: datetime | None
    due: datetime | None
    end: datetime | None
    end_known: bool
    end_dated: bool
    pauses: list[tuple[datetime, datetime | None]]


def current(pushes: Iterable[Push], world: World) -> list[Dossier]:
    """Return the current version of every dossier."""
    by_code: dict[str, list[Push]] = {}
    for push in pushes:
        by_code.setdefault(push.record["code"], []).append(push)
    kept = filter(None, map(since_deleted, by_code.values()))
    return [dossier(versions(own), steps_of(own), world) for own in kept]


def dossier(own: list[Push], steps: list[Step], world: World) -> Dossier:
    standing = Standing(own, steps, world.derives_pauses)
    record, received = standing.record, standing.received
    end, known, dated = standing.end()
    channel = record.get("channel") or 1
    return Dossier(
        unit=unit_of(own, world),
        procedure=national(record["procedure_code"]),
        field=field_of(record, world),
        channel=CHANNEL[channel] if isinstance(channel, str) else channel,
        status=standing.status,
        submitted=moment(record.get("submitted_at")),
        received=received,
        due=due_of(record, received, standing.told_pauses(), world),
        end=end,
        end_known=known,
        end_dated=dated,
        pauses=merged(standing.pauses(), end, received),
    )


def field_of(record: dict[str, Any], world: World) -> str | None:
    """Return a field in plain letters: its code, else the code that bears its name, else the name."""
    name = record.get("field_name")
    bearer = next((code for code, known in world.fields.items() if name and plain(known) == plain(name)), name)
    return plain(record.get("field_code") or bearer)


def plain(text: str | None) -> str | None:
    """Return a text as it is compared: without case, blanks and the composition of marks."""
    return " ".join(normalize("NFC", text).lower().split()) if text else None


def unit_of(own: list[Push], world: World) -> str:
    """Sent again under the successor of its dissolved unit, a dossier keeps the old unit."""
    unit: str = own[0].record["unit_code"]
    for push in own[1:]:
        later = push.record["unit_code"]
        if later not in heirs(unit, world):
            unit = later
    return unit


def heirs(unit: str, world: World) -> set[str]:
    successors: set[str] = set()
    waiting = [unit]
    while waiting:
        place = world.places.get(waiting.pop(), Place())
        for successor in place.successors if place.valid_to else ():
            if successor not in successors:
                successors.add(successor)
                waiting.append(successor)
    return successors


def due_of(record: dict[str, Any], received: datetime | None, pauses: Any, world: World) -> datetime | None:
    """Return the last moment that is on time: the source's, else the one that the time limit gives."""
    given = moment(record.get("due_at"))
    if given is not None:
        return given if record.get("due_precision") == "instant" else day_end(local_day(given))
    limits = {national(code): limit for code, limit in world.limits.items()}
    limit = limits.get(national(record["procedure_code"]))
    if limit is None or received is None:
        return None
    spans = [_Span(start, end) for start, end in pauses]
    return compute_due(received, limit, world.calendar, spans).due_at


def national(procedure: str) -> str:
    """Return the code without what stands behind a digit, a dot and six digits."""
    return procedure[:8] if re.match(r"\d\.\d{6}(?!\d)", procedure, re.ASCII) else procedure


@dataclass(frozen=True)
class _Span:
    start: datetime
    end: datetime | None


def outcome(d: Dossier) -> str:
    if d.status == 7:
        return "withdrawn"
    if d.status == 8:
        return "stopped"
    if d.due is None or not d.end_known:
        return "no_deadline"
    end = certain(d.end)
    if local_day(end) < local_day(d.due):
        return "early"
    return "on_time" if end <= d.due else "late"


def is_counted(d: Dossier) -> bool:
    return d.received is not None and d.status not in (1, 3)


def last_end(d: Dossier) -> datetime | None:
    return None if d.end is None else max(d.end, certain(d.received))


def requests_by(d: Dossier, m: datetime) -> list[datetime]:
    """List when the citizen was asked for something by m."""
    return sorted(start for start, _ in d.pauses if start <= m)


def is_paused(d: Dossier, m: datetime) -> bool:
    return any(start <= m and (end is None or m < end) for start, end in d.pauses)


def state(d: Dossier, m: datetime, world: World) -> list[str]:
    """Return the state of an unfinished dossier at m, with every count that it belongs to."""
    if is_paused(d, m):
        asked = requests_by(d, m)
        in_time = len(asked) == 1 and (d.due is None or asked[0] <= d.due)
        return ["in_progress", "paused", "paused_in_time" if in_time else "paused_overdue"]
    if d.due is None:
        return ["in_progress", "open_in_time", "open_no_deadline"]
    if m > d.due:
        return ["in_progress", "open_overdue"]
    soon = ["due_soon"] if world.calendar.working_time(m, d.due) <= EIGHT_HOURS else []
    return ["in_progress", "open_in_time", *soon]


def marks(d: Dossier, start: datetime, m: datetime, world: World) -> list[str]:
    """Every count to which one dossier adds one, in a period that begins at `start`, as of m."""
    if not is_counted(d):
        return []
    received, end = certain(d.received), last_end(d)
    if received > m or (end is not None and end < start):
        return []
    counts = ["workload"]
    if received >= start:
        counts += ["received", {1: "received_direct", 2: "received_online", 3: "received_postal"}[d.channel]]
        if d.submitted and world.calendar.working_time(d.submitted, received) > EIGHT_HOURS:
            counts.append("reception_late")
    else:
        counts.append("carried_over")
    if end is None or end > m:
        return counts + state(d, m, world)
    judged = outcome(d)
    counts += ["closed", judged]
    if judged in ("early", "on_time"):
        counts.append("early_or_on_time")
    if judged not in ("withdrawn", "stopped"):
        return [*counts, "resolved"]
    return [*counts, f"{judged}_late"] if d.due is not None and end > d.due else counts


def cohort(dossiers: Iterable[Dossier], start: datetime, m: datetime, as_of: datetime) -> dict[str, int]:
    """Count the dossiers that were due in [start, m], whenever received, as they are at as_of."""
    counts = {"cohort_on_time": 0, "cohort_late": 0, "cohort_excluded": 0}
    for d in dossiers:
        if is_counted(d) and certain(d.received) <= as_of and d.due is not None and start <= d.due <= m:
            counts[_cohort_part(d, as_of)] += 1
    return counts


def _cohort_part(d: Dossier, as_of: datetime) -> str:
    end = last_end(d)
    if end is None or end > as_of:
        return "cohort_excluded" if is_paused(d, as_of) else "cohort_late"
    judged = outcome(d)
    if judged in ("early", "on_time"):
        return "cohort_on_time"
    return "cohort_late" if judged == "late" else "cohort_excluded"


def awaits_reception(d: Dossier, m: datetime, world: World) -> bool:
    """Tell whether it is submitted, not yet received nor refused (nor withdrawn), past 8 working hours at m."""
    if d.submitted is None or d.submitted > m or world.calendar.working_time(d.submitted, m) <= EIGHT_HOURS:
        return False
    if d.status == 1:
        return True
    answered = d.end if d.status == 3 or d.received is None else d.received
    return answered is not None and answered > m


def count(dossiers: Iterable[Dossier], start: datetime, m: datetime, world: World) -> dict[str, int]:
    """Every count over a pile of dossiers, for a period from `start`, at m = min(as_of, its last instant)."""
    counts = dict.fromkeys(ALL, 0)
    for d in dossiers:
        for name in marks(d, start, m, world):
            counts[name] += 1
        counts["reception_overdue"] += awaits_reception(d, m, world)
    return counts
