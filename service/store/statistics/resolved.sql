-- received_on is null where nobody sent the end: the outcome is no_deadline although there is a due moment, or the dossier
-- was closed without a date. All classes are named, because the index of closed dossiers begins with `span`.
SELECT {key}CASE WHEN d.outcome <> 'no_deadline' OR (d.due_at IS NULL
  AND coalesce(d.warning_kinds, '') NOT LIKE '%"closed_without_end"%') THEN {received_on} END AS received_on,
  {ended_on} AS ended_on, {due_on} AS due_on{pause}
FROM dossier d {paused}
WHERE {mine} AND d.span IN ({classes}) AND d.has_pauses = {has_pauses}
  AND d.outcome IN ('early', 'on_time', 'late', 'no_deadline')
  AND d.ended_at BETWEEN :start AND :until AND d.received_at BETWEEN :received_from AND :received_until
