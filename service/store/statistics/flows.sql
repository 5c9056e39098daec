-- A dossier has a row on the day of its receipt and one on the day of its end. `state`: the name of a count, or null.
  SELECT {received_key}d.received_at, d.channel, d.reception_limit, d.due_at, false AS ended_late, 'received' AS state
  FROM dossier d
  WHERE {mine} AND d.received_at >= :start AND d.received_at < :after
  UNION ALL
  SELECT {ended_key}NULL, d.channel, NULL, d.due_at, d.ended_at > d.due_at, d.outcome
  FROM dossier d
  WHERE {mine} AND d.received_at IS NOT NULL AND d.ended_at >= :start AND d.ended_at < :after
