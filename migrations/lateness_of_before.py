"""What release 1.0.0 did not keep of its dossiers: lateness, when their end became known, until when sources told.

The migration of this name works these out once. Replicas of 1.0.0 that still run then file more dossiers without them.
So when all replicas are new, run `python -m migrations.lateness_of_before`. It changes only rows that differ, and may
be run at any time.

It works in parts of a few hundred dossiers, and only pushes of these dossiers ever wait for it. A part is first read
without locks. Then all rows that differ and that no push has locked are locked at once (SKIP LOCKED) and written, so it
never waits while it holds a lock. The rows that a push had locked follow one by one. After a part that took long the
next one is smaller.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from time import monotonic
from typing import Any

from sqlalchemy import Connection, TextClause, text

AT_ONCE = 200
"""Dossiers of the first part."""
_LEAST, _MOST = 10, 500
_SHORT, _LONG = 0.05, 0.2
"""Seconds that a part holds its locks: after less than _SHORT the next part is larger, beyond _LONG it is smaller."""

_DIALECTS = {
    "sqlite": {
        "least": "min",
        "most": "max",
        "differs": "IS NOT",
        "status": "json_extract(v.payload, '$.status')",
        "listed": "code IN (SELECT value FROM json_each(:codes))",
        "quick": "SELECT 1",
        "take": "SELECT value FROM json_each(:codes)",  # its transaction is the only one that writes
        "skip": "",
    },
    "postgresql": {
        "least": "least",
        "most": "greatest",
        "differs": "IS DISTINCT FROM",
        "status": "(v.payload::json ->> 'status')::int",
        "listed": "code = ANY (ARRAY(SELECT json_array_elements_text(CAST(:codes AS json))))",
        # No part waits for the disk while it holds locks: the next commit that waits makes all parts durable.
        "quick": "SELECT set_config('synchronous_commit', 'off', true)",
        "take": "SELECT code FROM dossier WHERE source_id = :source AND {mine} FOR UPDATE {skip}",
        "skip": "SKIP LOCKED",
    },
}
_SOURCES = "SELECT id FROM source ORDER BY id"
_TOLD_UNTIL = """
    INSERT INTO source_news (source_id, unit_code, told_until)
    SELECT source_id, unit_code, max(known_at) FROM dossier WHERE source_id = :source GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (source_id, unit_code) DO UPDATE SET told_until = excluded.told_until
      WHERE excluded.told_until > source_news.told_until
"""
_LAST = """
    SELECT max(code) FROM
      (SELECT code FROM dossier WHERE source_id = :source AND code > :after ORDER BY code LIMIT :at_once) part
"""
# The end became known by the first event after the last one that left the dossier open. The bits of lateness are
# 1 late_paused, 4 told_late, and 2 late_moved, which follows from all versions: it is not worked out here, but kept.
_FOUND = """
    WITH part AS (
        SELECT * FROM dossier WHERE source_id = :source AND {mine}
          AND outcome IS NOT NULL AND received_at IS NOT NULL),
    versions AS (
        SELECT * FROM dossier_version WHERE source_id = :source AND {mine}),
    deleted AS (SELECT code, max(id) AS id FROM versions WHERE kind = 'delete' GROUP BY code),
    told AS (
        SELECT v.id, v.code, v.known_at, {status} IN (2, 4, 5, 6) AS is_open
        FROM versions v LEFT JOIN deleted x ON x.code = v.code
        WHERE v.kind IN ('snapshot', 'step') AND v.result <> 'stale' AND v.id > coalesce(x.id, 0)),
    opened AS (SELECT code, max(id) AS id FROM told WHERE is_open GROUP BY code),
    ended AS (
        SELECT t.code, min(t.known_at) AS known_at FROM told t JOIN opened o ON o.code = t.code AND t.id > o.id
        GROUP BY t.code),
    paused AS (
        SELECT d.code, sum({least}(coalesce(p."end", d.ended_at), d.ended_at) - {most}(p.start, d.received_at)) AS span
        FROM part d JOIN paused_span p ON p.source_id = d.source_id AND p.code = d.code
        WHERE d.outcome = 'late' AND p.start < d.ended_at AND (p."end" IS NULL OR p."end" > d.received_at)
        GROUP BY d.code),
    found AS (
        SELECT d.code, e.known_at AS end_known_at, CASE
          WHEN d.outcome = 'late' THEN CASE WHEN d.ended_at - d.due_at <= p.span THEN 1 END
          WHEN d.outcome IN ('early', 'on_time') THEN nullif(
            (coalesce(d.lateness, 0) & 2) + CASE WHEN e.known_at > d.due_at THEN 4 ELSE 0 END, 0) END AS lateness
        FROM part d LEFT JOIN ended e ON e.code = d.code LEFT JOIN paused p ON p.code = d.code)
"""
_DIFFERING = """
    SELECT dossier.code FROM dossier JOIN found ON found.code = dossier.code
    WHERE dossier.source_id = :source
      AND (dossier.end_known_at {differs} found.end_known_at OR dossier.lateness {differs} found.lateness)
"""
_WRITE = """
    UPDATE dossier SET end_known_at = found.end_known_at, lateness = found.lateness FROM found
    WHERE dossier.source_id = :source AND dossier.code = found.code
"""
_IN_PART = "code > :after AND code <= :last"

Transaction = Callable[[], AbstractContextManager[Connection]]


def work_out(transaction: Transaction, dialect: str) -> None:
    """Work through all sources, part by part, each part in transactions of its own."""
    words = _DIALECTS[dialect]
    with transaction() as connection:
        sources = connection.scalars(text(_SOURCES)).all()
    for source in sources:
        with transaction() as connection:
            connection.execute(text(words["quick"]))
            connection.execute(text(_TOLD_UNTIL), {"source": source})
        _work_out_source(transaction, words, source)


def _work_out_source(transaction: Transaction, words: dict[str, str], source: int) -> None:
    part: dict[str, Any] = {"source": source, "after": "", "at_once": AT_ONCE}
    while True:
        with transaction() as connection:
            part["last"] = connection.scalar(text(_LAST), part)
            if part["last"] is None:
                return
            codes = connection.scalars(_of_found(_DIFFERING, _IN_PART, words), part).all()
        began = monotonic()
        taken = _write(transaction, words, source, codes, words["skip"])
        part["at_once"] = next_size(part["at_once"], monotonic() - began)
        for code in sorted(set(codes) - set(taken)):
            _write(transaction, words, source, [code], "")
        part["after"] = part["last"]


def next_size(size: int, seconds: float) -> int:
    """Return how many dossiers the next part has, after one of this size held its locks for so many seconds."""
    if seconds > _LONG:
        return max(size // 2, _LEAST)
    return min(size * 3 // 2, _MOST) if seconds < _SHORT else size


def _write(
    transaction: Transaction, words: dict[str, str], source: int, codes: Sequence[str], skip: str
) -> Sequence[str]:
    """Lock and write some dossiers in one transaction; return the codes of those that it could lock."""
    if not codes:
        return codes
    told = {"source": source, "codes": json.dumps(codes)}
    with transaction() as connection:
        connection.execute(text(words["quick"]))
        taken = connection.scalars(text(words["take"].format(mine=words["listed"], skip=skip)), told).all()
        if taken:  # a new statement sees every push that was committed before the rows were locked
            told["codes"] = json.dumps(list(taken))
            connection.execute(_of_found(_WRITE, words["listed"], words), told)
    return taken


def _of_found(statement: str, mine: str, words: dict[str, str]) -> TextClause:
    return text((_FOUND + statement).format(mine=mine, **words))


def main() -> None:
    """Work everything out again, when all replicas are new."""
    from service.environment import load_settings
    from service.store.database import Database

    database = Database(load_settings().database_url)
    work_out(database.engine.begin, database.engine.dialect.name)
    database.engine.dispose()


if __name__ == "__main__":
    main()
