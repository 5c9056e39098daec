-- The join adds no row: paused intervals of a dossier are disjoint, so at most one covers a moment.
  SELECT {due_key}CASE
    WHEN d.ended_at <= :as_of THEN CASE
      WHEN d.outcome IN ('early', 'on_time') THEN 'cohort_on_time'
      WHEN d.outcome = 'late' THEN 'cohort_late'
      ELSE 'cohort_excluded' END
    WHEN p.code IS NOT NULL THEN 'cohort_excluded'
    ELSE 'cohort_late' END AS state
  FROM dossier d LEFT JOIN paused_span p ON d.has_pauses AND {paused}
  WHERE {mine} AND d.due_at BETWEEN :start AND :until AND d.received_at <= :as_of
