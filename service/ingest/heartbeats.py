"""Heartbeats: a source says that it has nothing new of some units, so that an empty office is heard."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from models.sources import Source
from service.domain.calendar.local_time import local_day
from service.domain.dossier.data_warnings import FUTURE_TOLERANCE
from service.domain.errors import BadData, in_one_line
from service.ingest.sender import OUTSIDE, Sender, begin
from service.schemas.heartbeat_input import Heartbeat
from service.store import catalogue, sources
from service.store.access import keys
from service.store.statistics.heard import record_heard, record_told


def file_heartbeats(session: Session, sender: Sender, heartbeats: Sequence[Heartbeat], now: datetime) -> None:
    """Note that units were heard on the day up to which nothing is new of them; all of them, or none.

    An old declaration says nothing about today: a unit with nothing new until June was last heard in June.
    """
    source, _ = begin(session, sender, lambda: now)
    _refuse_wrong(session, source, heartbeats, now)
    if sender.dry_run:
        return
    sources.note_push(session, source.id, now)
    if source.is_test:
        return
    until_by_unit: dict[str, datetime] = {}
    by_day: dict[date, list[str]] = {}
    for one in heartbeats:
        until = min(one.nothing_new_until, now)
        until_by_unit[one.unit_code] = max(until, until_by_unit.get(one.unit_code, until))
        by_day.setdefault(local_day(until), []).append(one.unit_code)
    for day, codes in sorted(by_day.items()):
        record_heard(session, codes, day)
    record_told(session, source.id, until_by_unit)


def _refuse_wrong(session: Session, source: Source, heartbeats: Sequence[Heartbeat], now: datetime) -> None:
    """Refuse units that nobody knows or that are not this source's, and moments that have not come yet."""
    known, allowed = catalogue.unit_tree(session).units, keys.allowed_units(session, source)
    errors: dict[str, list[str]] = {}
    for place, one in enumerate(heartbeats):
        if one.unit_code not in known and not source.is_test:  # a trial makes no unit
            errors[f"units.{place}.unit_code"] = [f"Không có đơn vị {one.unit_code}; xem /api/v1/units (no such unit)"]
        elif allowed is not None and not allowed(one.unit_code):
            errors[f"units.{place}.unit_code"] = [OUTSIDE.format(top=source.unit_code)]
        if one.nothing_new_until > now + FUTURE_TOLERANCE:
            errors[f"units.{place}.nothing_new_until"] = ["Thời điểm ở tương lai (this moment lies in the future)"]
    if errors:
        raise BadData(in_one_line(errors), errors)
