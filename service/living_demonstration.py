"""A made-up district whose dossiers begin two years ago and go on until today, so that pages of today show numbers.

No real district is meant; its name says so. The dossiers of a day are made from the day alone. So a later load adds the
days since then, and carries open dossiers further. Too few are late for any alert.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from service.domain.calendar.local_time import VIETNAM, day_start, local_day
from service.domain.calendar.work_calendar import OfficeHours, WorkCalendar
from service.domain.dossier.events import DossierEvent
from service.domain.dossier.snapshot import Pause, Snapshot
from service.domain.dossier.statuses import Channel, Status
from service.domain.json_beside import json_beside
from service.domain.units import Unit
from service.ingest.batch import file_events
from service.ingest.sender import Sender
from service.store import catalogue, sources

SOURCE = "demo-living"
UNIT = "H23.99"
_DAYS = 760
_SINCE = date(2024, 1, 1)
"""The first day of its units: in 2023, the year of the published numbers, they are not there."""
_A_DAY = (2, 3, 4, 5)
"""How many dossiers a day may bring. They stay under 100 a month, so that no alert looks at their late budget."""
_MADE_UP = json_beside(__file__, "demonstration.json")
_PROCEDURES: list[Sequence[Any]] = _MADE_UP["procedures"]
_COMMUNES: list[tuple[str, float]] = _MADE_UP["living"]
"""The name of a commune, and which part of its dossiers ends late."""


def units() -> list[Unit]:
    """Return the district and its communes."""
    places = [(UNIT, "Huyện Sống động (mô phỏng)", "district", "H23")]
    places += [(f"{UNIT}.{number:02d}", name, "commune", UNIT) for number, (name, _) in enumerate(_COMMUNES, 1)]
    return [Unit(*place, valid_from=_SINCE) for place in places]


def load(session: Session, now: datetime, hours: OfficeHours) -> None:
    """Load the dossiers up to a moment."""
    catalogue.put_units(session, units())
    sender = disabled_source(session, SOURCE, "Dữ liệu minh họa đến hôm nay (mọi hồ sơ đều mô phỏng)", now)
    made = records(catalogue.work_calendar(session, hours), now)
    file_events(session, sender, made, lambda: now, hours, lambda _: None)


def disabled_source(session: Session, code: str, name: str, now: datetime) -> Sender:
    """Return a sender for a source that nobody has the key of; it is disabled, so no alert says that it is silent."""
    if sources.id_of(session, code) is None:
        sources.add(session, code, name, now)
    sources.set_disabled(session, code, now)
    return Sender(sources.find(session, code).id, "demonstration")


def renew(session: Session, now: datetime, hours: OfficeHours) -> None:
    """Bring the district up to a moment, if it is loaded."""
    if sources.id_of(session, SOURCE) is not None:
        load(session, now, hours)


def records(work: WorkCalendar, now: datetime) -> Iterator[DossierEvent]:
    """Yield the dossiers that were received by a moment, as they stand then."""
    today = local_day(now)
    for day in (today - timedelta(days=back) for back in reversed(range(_DAYS))):
        if work.is_working_day(day):
            chance = random.Random(day.toordinal())  # noqa: S311 - made-up dossiers, no secret
            made = [_dossier(chance, work, day, number, now) for number in range(chance.choice(_A_DAY))]
            yield from (event for event in made if event.snapshot.received_at and event.snapshot.received_at <= now)


def _dossier(chance: random.Random, work: WorkCalendar, day: date, number: int, now: datetime) -> DossierEvent:
    """Make one dossier of a day. It draws the same from `chance` whatever `now` is, so it is the same at each load."""
    place = chance.randrange(len(_COMMUNES))
    procedure = chance.choices(_PROCEDURES, [share for *_, share, _ in _PROCEDURES])[0]
    due = work.add_working_days(day, chance.choice((1, 1, 2, 3, 5, 7, 10)))
    received, early, late = _at(chance, day, 7), day + (due - day) * chance.random(), work.add_working_days(due, 1)
    last_day = late if chance.random() < _COMMUNES[place][1] else early
    end = max(received + timedelta(minutes=20), _at(chance, last_day, 9))
    finished = end if end <= now else None
    channel = chance.choice(list(Channel))
    submitted = received - timedelta(minutes=30)
    code = f"{UNIT}.{place + 1:02d}-{day:%y%m%d}-{number:04d}"
    return made_up(code, procedure, channel, submitted, received, due, finished)


def made_up(
    code: str,
    procedure: Sequence[Any],
    channel: Channel,
    submitted: datetime,
    received: datetime,
    due: date,
    finished: datetime | None,
    pause: Pause | None = None,
) -> DossierEvent:
    """Return a dossier whose code begins with that of its unit; procedure: a line of demonstration.json."""
    field_code, field, procedure_code, name, *_ = procedure
    snapshot = Snapshot(
        code=code,
        unit_code=code.partition("-")[0],
        procedure_code=procedure_code,
        status=Status.RESOLVED if finished else Status.AWAITING_SUPPLEMENT if pause else Status.PROCESSING,
        channel=channel,
        field_code=field_code,
        field_name=field,
        submitted_at=submitted if channel == Channel.ONLINE else None,
        received_at=received,
        due_at=day_start(due),
        finished_at=finished,
        pauses=(pause,) if pause else (),
        changed_at=finished or (pause.start if pause else received),
    )
    return DossierEvent(snapshot, procedure_name=name)


def _at(chance: random.Random, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), VIETNAM) + timedelta(seconds=chance.randrange(4 * 3600))
