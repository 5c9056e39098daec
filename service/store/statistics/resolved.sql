-- Nobody told the end of a dossier that has a due moment and yet no outcome, or that was closed without a date.
-- The index of the closed ones begins with the span.
SELECT {key}CASE WHEN d.outcome <> 'no_deadline' OR (d.due_at IS NULL
  AND coalesce(d.warning_kinds, '') NOT LIKE '%"closed_without_end"%') THEN {received_on} END AS received_on,
  {ended_on} AS ended_on, {due_on} AS due_on{pause}
FROM (VALUES {spans}) s JOIN dossier d ON d.span = s.column1 {paused}
WHERE {mine} AND d.has_pauses = {has_pauses} AND d.outcome IN ('early', 'on_time', 'late', 'no_deadline')
  AND d.ended_at BETWEEN :start AND :until AND d.received_at BETWEEN :received_from AND :received_until
