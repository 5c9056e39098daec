-- Made-up dossiers of three years, as release 1.0.0 stored them: :dossiers of :units units, from the sources that there are.
INSERT INTO dossier (source_id, code, unit_code, procedure_code, field_key, channel, status, received_at, due_at, ended_at,
  outcome, span, has_pauses, reception_limit, changed_at, known_at, digest, steps, deadline, catalogue_version, warning_kinds)
SELECT 1 + n % :sources, 'L-' || n, 'H23.' || lpad((n * 7919 % :units)::text, 3, '0'), '1.00' || (n * 31 % 300 + 1000),
  'G' || n * 17 % 30, 1 + n * 13 % 3, CASE WHEN is_open THEN 4 ELSE 9 END, received_at, due_at, ended_at,
  CASE WHEN is_open THEN NULL WHEN ended_at > due_at THEN 'late' ELSE 'early' END,
  CASE WHEN is_open THEN NULL WHEN ended_at - received_at <= '1 day' THEN 0 WHEN ended_at - received_at <= '4 days' THEN 1
    WHEN ended_at - received_at <= '16 days' THEN 2 ELSE 3 END,
  n % 50 = 0, NULL, coalesce(ended_at, received_at), coalesce(ended_at + told_after, received_at), md5(n::text), NULL, NULL, NULL, NULL
FROM (
  SELECT n, received_at, due_at, n % 100 = 0 AS is_open, CASE WHEN n % 7 = 0 THEN '2 days' ELSE '1 minute' END::interval AS told_after,
    CASE WHEN n % 100 = 0 THEN NULL WHEN n % 25 = 0 THEN due_at + '1 hour' ELSE due_at - (n * 37 % 1440 || ' minutes')::interval END AS ended_at
  FROM (
    SELECT n, day + '1 hour' AS received_at, day + (2 + n * 11 % 9 || ' days')::interval + '16:59:59.999999' AS due_at
    FROM (SELECT n, '2023-11-01 00:00Z'::timestamptz + (n * 104729 % 1095 || ' days')::interval AS day
      FROM generate_series(1::bigint, :dossiers) n) numbered
  ) received
) made;
INSERT INTO paused_span (source_id, code, start, "end", in_time)
SELECT source_id, code, received_at + '1 hour', received_at + '1 day', true FROM dossier WHERE has_pauses;
INSERT INTO dossier_version (source_id, code, kind, result, unit_code, changed_at, known_at, request_id, digest, payload)
SELECT source_id, code, 'snapshot', 'created', unit_code, received_at, received_at, 'r' || code, md5(code),
  '{"status":4,"channel":1,"unit_code":"' || unit_code || '","procedure_code":"' || procedure_code || '","received_at":"2023-10-02T01:00:00+00:00","due_at":"2023-10-05T17:00:00+00:00"}'
FROM dossier;
INSERT INTO dossier_version (source_id, code, kind, result, unit_code, changed_at, known_at, request_id, digest, payload)
SELECT source_id, code, 'snapshot', 'updated', unit_code, ended_at, known_at, 's' || code, digest,
  '{"status":9,"channel":1,"unit_code":"' || unit_code || '","procedure_code":"' || procedure_code || '","received_at":"2023-10-02T01:00:00+00:00","due_at":"2023-10-05T17:00:00+00:00","finished_at":"2023-10-05T01:00:00+00:00"}'
FROM dossier WHERE ended_at IS NOT NULL;
INSERT INTO unit (code, parent_code, successor_codes, provisional)
SELECT 'H23.' || lpad(n::text, 3, '0'), 'H23', '', true FROM generate_series(0, :units - 1) n;
INSERT INTO unit (code, successor_codes, provisional) VALUES ('H23', '', true);
