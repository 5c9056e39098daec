"""The days that resolved dossiers took; domain.statistics.durations makes working days of them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from models.base import Instant
from service.domain.calendar.local_time import MICROSECOND
from service.domain.statistics.durations import Handled
from service.store.counting import keys
from service.store.dossiers import DURATION_CLASS_LIMITS
from service.store.sql import dialect
from service.store.statistics.groups import LOCAL_DAY, Key, Members, as_day

Moments = Mapping[str, datetime]

_RESOLVED = Path(__file__).with_name("resolved.sql").read_text("utf-8")
_WITHOUT_PAUSES = "SELECT {columns}, count(*) FROM ({resolved}) d GROUP BY {columns}"
_WITH_PAUSES = "{resolved} ORDER BY d.source_id, d.code"
_PAUSE = ", d.source_id, d.code, {began}, {paused_until}"
_PAUSES = "JOIN paused_span p ON p.source_id = d.source_id AND p.code = d.code"
_PARTS = {"classes": ", ".join(map(str, range(len(DURATION_CLASS_LIMITS))))}


def handled_dossiers(
    session: Session, members: Members, moments: Moments, past_closing: timedelta, basis: str, by: tuple[str, ...]
) -> Iterator[tuple[Key, Handled]]:
    """Yield the days of resolved dossiers, by groups; dossiers with the same days and no pause come together.

    moments: dossiers that ended from `start` to `until`, received from `received_from` to `received_until`.
    past_closing: what is added to a receipt before its day is taken. by: as in count_dossiers, and "moment": the local
    day of the end or the receipt, as `basis` says ("ended" or "received").
    """
    database, grouping = dialect(session), members.by(by)
    without_pauses, with_pauses = _statements(database, members.dossier_condition(database), grouping.columns, basis)
    moved = past_closing // MICROSECOND if database == "sqlite" else past_closing
    bound = {**moments, "past_closing": moved, **members.dossier_bound(database)}
    width = len(grouping.columns)
    for row in session.execute(without_pauses, bound):
        received, ended, due, count = row[width:]
        yield grouping.key(row[:width]), Handled(_day(received), as_day(ended), _day(due), dossiers=count)
    for _, rows in groupby(session.execute(with_pauses, bound), key=lambda row: row[-4:-2]):
        spans = list(rows)
        received, ended, due = spans[0][width:-4]
        pauses = tuple((as_day(began), as_day(until)) for *_, began, until in spans)
        yield grouping.key(spans[0][:width]), Handled(_day(received), as_day(ended), _day(due), pauses)


def _day(value: date | str | None) -> date | None:
    return None if value is None else as_day(value)


@lru_cache(maxsize=64)
def _statements(database: str, mine: str, by: tuple[str, ...], basis: str) -> tuple[TextClause, TextClause]:
    """Return the statements for the dossiers without pauses, and for those with some."""
    moments = {
        "received_on": "(d.received_at + :past_closing)",
        "moment": f"d.{basis}_at",
        "ended_on": "d.ended_at",
        "due_on": "d.due_at",
        "began": "p.start",
        "paused_until": 'coalesce(p."end", d.ended_at)',
    }
    days = {name: LOCAL_DAY[database].format(moment=moment) for name, moment in moments.items()}
    parts = _PARTS | days | {"key": keys(by, days["moment"]), "mine": mine}
    columns = ", ".join([*(f"key{number}" for number in range(len(by))), "received_on", "ended_on", "due_on"])
    without = _RESOLVED.format(**parts, pause="", paused="", has_pauses="false")
    with_some = _RESOLVED.format(**parts, pause=_PAUSE.format(**days), paused=_PAUSES, has_pauses="true")
    statements = _WITHOUT_PAUSES.format(columns=columns, resolved=without), _WITH_PAUSES.format(resolved=with_some)
    bound = [bindparam(name, type_=Instant) for name in ("start", "until", "received_from", "received_until")]
    first, second = (text(statement).bindparams(*bound) for statement in statements)
    return first, second
