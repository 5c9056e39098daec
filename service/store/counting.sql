-- One SELECT for each kind of dossier that may count, as the indexes divide them, with the tests that its kind needs.
-- `state` is null while a dossier is open, else the name of its count.

-- Unfinished dossiers that were never paused, from ix_dossier_unfinished alone: those of before "start", for which
-- fewer counts are tested, and those of after it.
SELECT {outer}{unfinished_before}
FROM (
  SELECT {key}{facts}, {news} AS told_until, NULL AS state
  FROM dossier d {joined}
  WHERE {mine} AND d.span IS NULL AND d.has_pauses = false AND d.received_at < :start AND d.received_at <= :until
) d {grouping}
UNION ALL
SELECT {outer}{unfinished}
FROM (
  SELECT {key}{facts}, {news} AS told_until, NULL AS state
  FROM dossier d {joined}
  WHERE {mine} AND d.span IS NULL AND d.has_pauses = false AND d.received_at BETWEEN :start AND :until
) d {grouping}
UNION ALL
-- Unfinished dossiers with pauses, from the same index.
SELECT {outer}{unfinished_with_pauses}
FROM (
  SELECT {key}{facts}, {told_until} AS told_until, CASE WHEN {paused} END AS state
  FROM dossier d LEFT JOIN paused_span p ON {pause}
  WHERE {mine} AND d.span IS NULL AND d.has_pauses = true AND d.received_at <= :until
) d {grouping}
UNION ALL
-- Closed dossiers, by duration class. A dossier that was open at the moment "until" and took at most the limit of its
-- class ended within that limit after it. So ix_dossier_closed gives them without all that ended since.
SELECT {outer}{closed}
FROM (
  SELECT {key}{facts}, CASE WHEN d.ended_at > :until THEN {told_until} END AS told_until,
    d.ended_at > d.due_at AS ended_late, CASE WHEN d.ended_at <= :until THEN d.outcome WHEN {paused} END AS state
  FROM dossier d LEFT JOIN paused_span p ON d.has_pauses AND {pause}
  WHERE {mine} AND ({spans}) AND d.received_at <= :until
) d {grouping}
UNION ALL
-- Dossiers that wait to be received.
SELECT {outer}{waiting}
FROM (
  SELECT {key}'reception_overdue' AS state
  FROM dossier d
  WHERE {mine} AND d.reception_limit < :until
    AND (coalesce(d.received_at, d.ended_at) IS NULL OR coalesce(d.received_at, d.ended_at) > :until)
) d {grouping}
UNION ALL
-- Merged dossiers, which no tally holds: those that count in the period, which began at "opened".
SELECT {outer}{merged}
FROM (
  SELECT {key}'merged' AS state
  FROM dossier d
  WHERE {mine} AND d.merged_received_at <= :until AND (d.ended_at IS NULL OR d.ended_at >= :opened)
) d {grouping}
