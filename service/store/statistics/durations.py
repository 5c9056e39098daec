"""The days that resolved dossiers took; domain.statistics.durations makes working days of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.orm import Session

from models.base import Instant
from service.domain.calendar.local_time import MICROSECOND
from service.domain.statistics.durations import Handled
from service.store.counting import keys
from service.store.dossiers import DURATION_CLASS_LIMITS
from service.store.sql import dialect
from service.store.statistics.groups import LOCAL_DAY, Key, Members, as_day

# Nobody told the end of a dossier that has a due moment and yet no outcome, or that was closed without a date.
# The index of the closed ones begins with the span.
_RESOLVED = """
SELECT {key}CASE WHEN d.outcome <> 'no_deadline' OR (d.due_at IS NULL
  AND coalesce(d.warning_kinds, '') NOT LIKE '%"closed_without_end"%') THEN {received_on} END AS received_on,
  {ended_on} AS ended_on, {due_on} AS due_on{pause}
FROM (VALUES {spans}) s JOIN dossier d ON d.span = s.column1 {paused}
WHERE {mine} AND d.has_pauses = {has_pauses} AND d.outcome IN ('early', 'on_time', 'late', 'no_deadline')
  AND d.ended_at BETWEEN :start AND :until AND d.received_at BETWEEN :received_from AND :received_until
"""
_WITHOUT_PAUSES = "SELECT {columns}, count(*) FROM ({resolved}) d GROUP BY {columns}"
_WITH_PAUSES = "{resolved} ORDER BY d.source_id, d.code"
_PAUSES = "JOIN paused_span p ON p.source_id = d.source_id AND p.code = d.code"
_PARTS = {"spans": ", ".join(f"({number})" for number in range(len(DURATION_CLASS_LIMITS)))}


@dataclass(frozen=True)
class Asked:
    """Which resolved dossiers are asked for: both ends belong to each span.

    past_closing: by how much a receipt is moved before its day is taken.
    """

    ended: tuple[datetime, datetime]
    received: tuple[datetime, datetime]
    by_receipt: bool
    past_closing: timedelta

    def bound(self, database: str) -> dict[str, Any]:
        """Return the parameters of the statements."""
        moved = self.past_closing // MICROSECOND if database == "sqlite" else self.past_closing
        start, until = self.ended
        received_from, received_until = self.received
        moments = {"start": start, "until": until, "received_from": received_from, "received_until": received_until}
        return {**moments, "past_closing": moved}


def handled_dossiers(
    session: Session, members: Members, asked: Asked, by: tuple[str, ...] = ()
) -> Iterator[tuple[Key, Handled]]:
    """Yield the days of resolved dossiers, by groups; those that took the same days without a pause at once.

    `by`: as in count_dossiers, and "moment", the local day of the end, or of the receipt.
    """
    database, grouping = dialect(session), members.by(by)
    plain, paused = _statements(database, members.dossier_condition(database), grouping.columns, asked.by_receipt)
    bound, width = asked.bound(database) | members.dossier_bound(database), len(grouping.columns)
    for row in session.execute(plain, bound):
        received, ended, due, count = row[width:]
        yield grouping.key(row[:width]), Handled(_day(received), as_day(ended), _day(due), dossiers=count)
    for _, rows in groupby(session.execute(paused, bound), key=lambda row: row[-4:-2]):
        spans = list(rows)
        received, ended, due = spans[0][width:-4]
        pauses = tuple((as_day(began), as_day(until)) for *_, began, until in spans)
        yield grouping.key(spans[0][:width]), Handled(_day(received), as_day(ended), _day(due), pauses)


def _day(value: date | str | None) -> date | None:
    return None if value is None else as_day(value)


@lru_cache(maxsize=64)
def _statements(database: str, mine: str, by: tuple[str, ...], by_receipt: bool) -> tuple[TextClause, TextClause]:
    """Return the statements for the dossiers without pauses, and for those with some."""

    def day(moment: str) -> str:
        return LOCAL_DAY[database].format(moment=moment)

    parts = _PARTS | {
        "key": keys(by, day("d.received_at" if by_receipt else "d.ended_at")),
        "received_on": day("(d.received_at + :past_closing)"),
        "ended_on": day("d.ended_at"),
        "due_on": day("d.due_at"),
        "mine": mine,
    }
    began, paused_until = day("p.start"), day('coalesce(p."end", d.ended_at)')
    pause = f", d.source_id, d.code, {began}, {paused_until}"
    columns = ", ".join([*(f"key{number}" for number in range(len(by))), "received_on", "ended_on", "due_on"])
    without = _RESOLVED.format(**parts, pause="", paused="", has_pauses="false")
    with_some = _RESOLVED.format(**parts, pause=pause, paused=_PAUSES, has_pauses="true")
    return (
        _bound(_WITHOUT_PAUSES.format(columns=columns, resolved=without)),
        _bound(_WITH_PAUSES.format(resolved=with_some)),
    )


def _bound(statement: str) -> TextClause:
    moments = ("start", "until", "received_from", "received_until")
    return text(statement).bindparams(*(bindparam(name, type_=Instant) for name in moments))
