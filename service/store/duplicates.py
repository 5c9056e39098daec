"""Find stored dossiers that share unit, procedure and moment of receipt with given ones."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from models.base import Instant, microseconds
from service.domain.calendar.local_time import day_start, local_day
from service.store.dossiers import DossierRow
from service.store.sql import dialect

CROWD = 20
"""How many dossiers of one unit and moment are looked at: a moment that more share tells nobody apart."""


class DuplicateKey(NamedTuple):
    """What a dossier shares with its twin: these three, and its span class and end if both are finished."""

    unit_code: str
    procedure_code: str
    received_at: datetime
    span: int | None
    ended_at: datetime | None


# The clues come as one value. Each is a probe or two of the partial indexes that counting has anyway,
# by equality, and looks at no more than a crowd: however many share the moment, a clue costs the same.
_FOUND = """
SELECT s.number FROM ({sought}) s
WHERE EXISTS (
  SELECT 1 FROM (
    SELECT d.source_id, d.known_at, d.procedure_code, d.received_at FROM dossier d
    WHERE d.span IS NULL AND d.unit_code = s.unit AND d.has_pauses IN (false, true) AND d.received_at = s.received
      AND d.received_at IS NOT NULL LIMIT :crowd
  ) d WHERE {is_twin}
) OR s.span IS NOT NULL AND EXISTS (
  SELECT 1 FROM (
    SELECT d.source_id, d.known_at, d.procedure_code, d.received_at FROM dossier d
    WHERE d.span = s.span AND d.ended_at = s.ended AND d.unit_code = s.unit LIMIT :crowd
  ) d WHERE {is_twin}
)
"""

_IS_TWIN = """d.source_id = :source AND d.known_at < :before
    AND d.procedure_code = s.procedure AND d.received_at = s.received"""

_SOUGHT = {
    "sqlite": "SELECT key AS number, json_extract(value, '$[0]') AS unit, json_extract(value, '$[1]') AS procedure,"
    " json_extract(value, '$[2]') AS received, json_extract(value, '$[3]') AS span,"
    " json_extract(value, '$[4]') AS ended FROM json_each(:clues)",
    "postgresql": "SELECT number - 1 AS number, e ->> 0 AS unit, e ->> 1 AS procedure,"
    " (e ->> 2)::timestamptz AS received, (e ->> 3)::smallint AS span, (e ->> 4)::timestamptz AS ended"
    " FROM json_array_elements(CAST(:clues AS json)) WITH ORDINALITY AS a(e, number)",
}


def with_twin(session: Session, source_id: int, before: datetime, clues: Collection[DuplicateKey]) -> set[DuplicateKey]:
    """Return the clues that fit a dossier of a source which was known before a moment."""
    sought = list(clues)
    database = dialect(session)
    statement = text(_FOUND.format(sought=_SOUGHT[database], is_twin=_IS_TWIN))
    # A table that is being filled has no statistics yet: PostgreSQL would read all of it for each clue.
    _use_indexes(session, only=True)
    found = session.scalars(
        statement.bindparams(bindparam("before", type_=Instant)),
        {"clues": _as_json(sought, database), "source": source_id, "before": before, "crowd": CROWD},
    ).all()
    _use_indexes(session, only=False)
    return {sought[number] for number in found}


def _as_json(clues: list[DuplicateKey], database: str) -> str:
    """Return clues as one value, with their moments as the database stores them."""
    if database != "sqlite":
        return orjson.dumps(list(map(tuple, clues))).decode()
    return orjson.dumps([(c[0], c[1], microseconds(c[2]), c[3], c[4] and microseconds(c[4])) for c in clues]).decode()


def _use_indexes(session: Session, *, only: bool) -> None:
    if dialect(session) == "postgresql":
        setting = "off" if only else "on"
        for method in ("seqscan", "hashjoin", "mergejoin"):
            session.execute(text(f"SET LOCAL enable_{method} = {setting}"))


def recoded_among(session: Session, source_id: int, now: datetime, new: Mapping[str, DossierRow]) -> set[str]:
    """Return the codes of the new dossiers that have a twin; `now` is when this request became known."""
    clues = {code: clue for code, row in new.items() if (clue := _clue(row))}
    found = with_twin(session, source_id, now, set(clues.values())) if clues else set()
    return {code for code, clue in clues.items() if clue in found}


def _clue(row: DossierRow) -> DuplicateKey | None:
    received_at = row.received_at
    if received_at is None or received_at == day_start(local_day(received_at)):
        return None
    return DuplicateKey(row.unit_code, row.procedure_code, received_at, row.span, row.ended_at)
