"""The demonstration: 41362 made-up dossiers whose counts are those of huyện Tứ Kỳ's portal widget.

The widget said on 04/10/2023 at 13:37:34: workload 41362, early and on time 41049, late 26. Its dossiers
were never published; these are made so that they add up to its counts. Every load makes the same ones.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, repeat

from sqlalchemy.orm import Session
from tqdm import tqdm

from service import living_demonstration
from service.domain.calendar.local_time import VIETNAM
from service.domain.calendar.work_calendar import OfficeHours, WorkCalendar
from service.domain.dossier.events import DossierEvent
from service.domain.dossier.snapshot import Pause
from service.domain.dossier.statuses import Channel
from service.domain.json_beside import json_beside
from service.domain.units import Unit
from service.ingest.batch import Summary, file_events
from service.ingest.tallies import TallyChanges
from service.store import catalogue, sources, tallies
from service.store.catalogues.fields import forget_unused
from service.store.counting import newest_change
from service.store.statistics.groups import Members

SOURCE = "demo"
UNIT = "H23.45"
AS_OF = "2023-10-04T13:37:34+07:00"
WIDGET_PATH = f"/api/v1/widget/{UNIT}?as_of={AS_OF}"
PAGE_PATH = f"/units/{UNIT}?as_of={AS_OF}"
_NOW = datetime.fromisoformat(AS_OF).astimezone(UTC)
_TODAY = date(2023, 10, 4)
_FIRST_DAY = date(2023, 1, 3)
_EARLY, _ON_TIME, _LATE, _OPEN, _PAUSED = 31049, 10000, 26, 257, 30
_CARRIED_OVER = 362
_DUE_TODAY = 12
_CHANNELS = {Channel.ONLINE: 20000, Channel.DIRECT: 18000, Channel.POSTAL: 3000}
_MADE_UP = json_beside(__file__)
_COMMUNES, _PROCEDURES = _MADE_UP["communes"], _MADE_UP["procedures"]
"""Each procedure: code and name of its field, its code and name, its share of the dossiers, if communes handle it."""


def units() -> list[Unit]:
    """Return the district, its province and its communes."""
    communes = (Unit(f"{UNIT}.{number:02d}", name, "commune", UNIT) for number, name in enumerate(_COMMUNES, start=1))
    return [Unit("H23", "Tỉnh Hải Dương", "province"), Unit(UNIT, "Huyện Tứ Kỳ", "district", "H23"), *communes]


def is_all_there_is(session: Session, now: datetime) -> bool:
    """Say whether the demonstration is loaded and nothing else was sent about its units."""
    if sources.id_of(session, SOURCE) is None:
        return False
    return newest_change(session, Members({unit.code: unit.code for unit in units()}), now) == _NOW


def load(session: Session, now: datetime, hours: OfficeHours, progress: bool = False) -> Summary:
    """Load the demonstration through the same ingest as everything else; loading it again changes nothing."""
    catalogue.put_units(session, units())
    name = "Dữ liệu minh họa (hồ sơ mô phỏng, tổng số thật)"
    sender, summary = living_demonstration.disabled_source(session, SOURCE, name, now), Summary()
    made = tqdm(
        records(catalogue.work_calendar(session, hours)),
        total=_EARLY + _ON_TIME + _LATE + _OPEN + _PAUSED,
        desc="Nạp dữ liệu minh họa",
        unit=" hồ sơ",
        disable=not progress,
    )
    file_events(session, sender, made, lambda: _NOW, hours, summary.add)
    living_demonstration.load(session, now, hours)
    return summary


def remove(session: Session) -> int:
    """Remove everything that `load` made and nobody else uses; return how many dossiers were removed."""
    removed = _remove_source(session, SOURCE)
    if sources.id_of(session, living_demonstration.SOURCE) is not None:
        removed += _remove_source(session, living_demonstration.SOURCE)
    made_up = [*living_demonstration.units(), *units()]
    catalogue.remove_unused_units(session, [unit.code for unit in made_up])
    forget_unused(session, {field for field, *_ in _PROCEDURES}, {code for _, _, code, *_ in _PROCEDURES})
    return removed


def _remove_source(session: Session, name: str) -> int:
    source_id = sources.find(session, name).id
    sources.lock_for_push(session, source_id)
    changes = TallyChanges()
    for dossier in tallies.tallied_dossiers(session, source_id):
        changes.add(dossier, -1)
    changes.write(session)
    return sources.remove(session, source_id)


def records(work: WorkCalendar) -> Iterator[DossierEvent]:
    """Yield the dossiers; they are the same at every call."""
    chance = random.Random(20231004)  # noqa: S311 - made-up dossiers, no secret
    channels = list(chain.from_iterable(repeat(channel, count) for channel, count in _CHANNELS.items()))
    kinds = list(chain(repeat("early", _EARLY), repeat("on_time", _ON_TIME), repeat("late", _LATE)))
    chance.shuffle(channels)
    chance.shuffle(kinds)
    factory = _DossierFactory(chance, work)
    for number, kind in enumerate(kinds):
        carried = number < _CARRIED_OVER
        channel = Channel.DIRECT if carried else channels.pop()
        yield factory.closed(number, kind, channel, carried)
    for number in range(_OPEN):
        yield factory.open(len(kinds) + number, channels.pop(), due_today=number < _DUE_TODAY)
    for number in range(_PAUSED):
        yield factory.paused(len(kinds) + _OPEN + number, channels.pop())


class _DossierFactory:
    """Makes dossiers of each kind, all from one random generator."""

    def __init__(self, chance: random.Random, work: WorkCalendar) -> None:
        self._chance = chance
        self._work = work
        self._days = self._working_days(_FIRST_DAY, (_TODAY - _FIRST_DAY).days)
        self._year_before = self._working_days(date(2022, 12, 19), 12)
        self._weights = [share for *_, share, _ in _PROCEDURES]

    def _working_days(self, first: date, count: int) -> list[date]:
        days = (first + timedelta(days=number) for number in range(count))
        return [day for day in days if self._work.is_working_day(day)]

    def closed(self, number: int, kind: str, channel: Channel, carried: bool) -> DossierEvent:
        """Make a finished dossier; one received the year before ends in the first weeks of January."""
        if number == _CARRIED_OVER:  # the newest change that the widget shows
            due = _TODAY + timedelta(days={"early": 2, "on_time": 0, "late": -1}[kind])
            return self._record(number, channel, self._at(_TODAY, 8), due, _NOW)
        day = self._chance.choice(self._year_before if carried else self._days)
        days = self._chance.choice((11, 12, 13, 15) if carried else (1, 1, 2, 3, 3, 5, 7, 10))
        due, first = self._work.add_working_days(day, days), max(day, _FIRST_DAY)
        early = first + timedelta(days=self._chance.randrange(max(1, (due - first).days)))
        end = {"early": early, "on_time": due, "late": self._work.add_working_days(due, 1)}[kind]
        while end >= _TODAY:
            day, due, end = (moved - timedelta(days=28) for moved in (day, due, end))
        received = self._at(day, 7)
        return self._record(number, channel, received, due, max(received, self._at(end, 15)))

    def open(self, number: int, channel: Channel, due_today: bool) -> DossierEvent:
        """Make a dossier that is being handled, due today or later."""
        received = self._at(self._chance.choice(self._days[-8:]), 8)
        due = _TODAY if due_today else self._work.add_working_days(_TODAY, self._chance.randint(1, 12))
        return self._record(number, channel, received, due, None)

    def paused(self, number: int, channel: Channel) -> DossierEvent:
        """Make a dossier that waits for papers from the citizen, asked for in time."""
        received = self._at(self._chance.choice(self._days[-20:-6]), 8)
        asked_at = received + timedelta(days=2)
        due = self._work.add_working_days(_TODAY, self._chance.randint(1, 12))
        return self._record(number, channel, received, due, None, Pause(asked_at, None))

    def _at(self, day: date, hour: int) -> datetime:
        opening = datetime.combine(day, time(hour), VIETNAM).astimezone(UTC)
        return opening + timedelta(seconds=self._chance.randrange(5400))

    def _record(
        self,
        number: int,
        channel: Channel,
        received: datetime,
        due: date,
        finished: datetime | None,
        pause: Pause | None = None,
    ) -> DossierEvent:
        procedure = self._chance.choices(_PROCEDURES, self._weights)[0]
        unit = f"{UNIT}.{self._chance.randint(1, len(_COMMUNES)):02d}" if procedure[-1] else UNIT
        code = f"{unit}-{received + timedelta(hours=7):%y%m%d}-{number:05d}"
        submitted = received - timedelta(minutes=self._chance.randrange(1, 90))
        return living_demonstration.made_up(code, procedure, channel, submitted, received, due, finished, pause)
