"""Find stored dossiers that share unit, procedure and moment of receipt with given ones."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from models.base import EPOCH, Instant


class Twin(NamedTuple):
    """What two dossiers share when one may be the other under a new code."""

    unit_code: str
    procedure_code: str
    received_at: datetime


class Place(NamedTuple):
    """Where an index of counting holds a dossier: by receipt while unfinished (span None), else by its end."""

    unit_code: str
    span: int | None
    moment: datetime


# The places come as one value. Both halves are equalities on the partial indexes that counting has
# anyway, one probe a place; CROSS JOIN keeps SQLite from turning the order around, and the + from
# looking through all dossiers of the source instead.
_TWINS = """
WITH sought AS ({sought})
SELECT d.unit_code, d.procedure_code, d.received_at
FROM sought s CROSS JOIN dossier d
WHERE s.span IS NULL AND d.span IS NULL AND d.unit_code = s.unit AND d.has_pauses IN (false, true)
  AND d.received_at = s.moment AND d.received_at IS NOT NULL AND +d.source_id = :source AND d.known_at < :before
UNION ALL
SELECT d.unit_code, d.procedure_code, d.received_at
FROM sought s CROSS JOIN dossier d
WHERE d.span = s.span AND d.unit_code = s.unit AND d.ended_at = s.moment
  AND d.received_at IS NOT NULL AND +d.source_id = :source AND d.known_at < :before
"""

_SOUGHT = {
    "sqlite": "SELECT json_extract(value, '$[0]') AS unit, json_extract(value, '$[1]') AS span,"
    " json_extract(value, '$[2]') AS moment FROM json_each(:places)",
    "postgresql": "SELECT e ->> 0 AS unit, (e ->> 1)::smallint AS span, (e ->> 2)::timestamptz AS moment"
    " FROM json_array_elements(CAST(:places AS json)) AS e",
}


def twins(session: Session, source_id: int, before: datetime, places: Collection[Place]) -> set[Twin]:
    """Return the twins among a source's dossiers at these places that were known before a moment."""
    dialect = session.get_bind().dialect.name
    moment = _microseconds if dialect == "sqlite" else datetime.isoformat
    sought = orjson.dumps([[place.unit_code, place.span, moment(place.moment)] for place in places]).decode()
    written = text(_TWINS.format(sought=_SOUGHT[dialect])).bindparams(bindparam("before", type_=Instant))
    # A table that is being filled has no statistics yet: PostgreSQL would read all of it for each place.
    _use_indexes(session, dialect, only=True)
    rows = session.execute(
        written.columns(received_at=Instant), {"places": sought, "source": source_id, "before": before}
    ).all()
    _use_indexes(session, dialect, only=False)
    return {Twin(row.unit_code, row.procedure_code, row.received_at) for row in rows}


def _use_indexes(session: Session, dialect: str, *, only: bool) -> None:
    if dialect == "postgresql":
        setting = "off" if only else "on"
        for method in ("seqscan", "hashjoin", "mergejoin"):
            session.execute(text(f"SET LOCAL enable_{method} = {setting}"))


def _microseconds(moment: datetime) -> Any:
    return (moment - EPOCH) // timedelta(microseconds=1)
