-- Each dossier that may count, with its state at a moment: null while it is open, else the name of its count.
SELECT {outer}{columns}
FROM (
  -- Unfinished dossiers that were never paused. ix_dossier_unfinished holds all that is needed of them. What their sources told
  -- is joined: a subquery for each one that is overdue costs as much as all the rest together.
  SELECT {key}{facts}, CASE WHEN d.due_at < :until THEN n.told_until END AS told_until, false AS ended_late, NULL AS state
  FROM dossier d LEFT JOIN source_news n ON n.source_id = d.source_id AND n.unit_code = d.unit_code
  WHERE {mine} AND d.span IS NULL AND d.has_pauses = false AND d.received_at <= :until
  UNION ALL
  -- Unfinished dossiers with pauses, from the same index.
  SELECT {key}{facts}, {told_until}, false, CASE WHEN {paused} END
  FROM dossier d LEFT JOIN paused_span p ON {pause}
  WHERE {mine} AND d.span IS NULL AND d.has_pauses = true AND d.received_at <= :until
  UNION ALL
  -- Closed dossiers, by duration class. A dossier that was open at the moment, and took at most the class's limit, ended
  -- within that limit after it. So ix_dossier_closed gives a past moment without all that ended since.
  SELECT {key}{facts}, CASE WHEN d.ended_at > :until THEN {told_until} END, d.ended_at > d.due_at,
    CASE WHEN d.ended_at <= :until THEN d.outcome WHEN {paused} END
  FROM dossier d LEFT JOIN paused_span p ON d.has_pauses AND {pause}
  WHERE {mine} AND ({spans}) AND d.received_at <= :until
  UNION ALL
  -- Dossiers that wait to be received.
  SELECT {key}NULL, NULL, NULL, NULL, NULL, false, 'reception_overdue'
  FROM dossier d
  WHERE {mine} AND d.reception_limit < :until
    AND (coalesce(d.received_at, d.ended_at) IS NULL OR coalesce(d.received_at, d.ended_at) > :until)
  UNION ALL
  -- Dossiers in whose place another one is counted, since the period began: no tally holds them.
  SELECT {key}NULL, NULL, NULL, NULL, NULL, false, 'merged'
  FROM dossier d
  WHERE {mine} AND d.merged_received_at <= :until AND (d.ended_at IS NULL OR d.ended_at >= :opened)
) d {grouping}
