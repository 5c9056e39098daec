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
from service.store import sources
from service.store.catalogues.known_units import KnownUnits
from service.store.statistics.heard import record_heard, record_told


def file_heartbeats(session: Session, sender: Sender, heartbeats: Sequence[Heartbeat], now: datetime) -> None:
    """Note that each unit was heard on the local day of its `nothing_new_until`; if one is wrong, none is filed.

    A unit that has nothing new until 30 June, 12:00, was heard on 30 June, and not today.
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
    for heartbeat in heartbeats:
        unit, until = heartbeat.unit_code, min(heartbeat.nothing_new_until, now)
        until_by_unit[unit] = max(until, until_by_unit.get(unit, until))
        by_day.setdefault(local_day(until), []).append(unit)
    for day, codes in sorted(by_day.items()):
        sender.go_on()
        record_heard(session, codes, day)
    record_told(session, source.id, until_by_unit)


def _refuse_wrong(session: Session, source: Source, heartbeats: Sequence[Heartbeat], now: datetime) -> None:
    """Refuse units that nobody knows, units outside of the one that the source is bound to, and future moments."""
    known = KnownUnits(session, source, now)
    known.load(heartbeat.unit_code for heartbeat in heartbeats)
    errors: dict[str, list[str]] = {}
    for place, heartbeat in enumerate(heartbeats):
        unit = heartbeat.unit_code
        if unit not in known and not source.is_test:  # the dossiers of a trial make no units
            errors[f"units.{place}.unit_code"] = [f"Không có đơn vị {unit}; xem /api/v1/units (no such unit)"]
        elif not known.allows(unit):
            errors[f"units.{place}.unit_code"] = [OUTSIDE.format(top=source.unit_code)]
        if heartbeat.nothing_new_until > now + FUTURE_TOLERANCE:
            errors[f"units.{place}.nothing_new_until"] = ["Thời điểm ở tương lai (this moment lies in the future)"]
    if errors:
        raise BadData(in_one_line(errors), errors)
