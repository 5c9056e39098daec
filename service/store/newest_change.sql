SELECT max(CASE WHEN u.newest_change <= :until THEN u.newest_change
           ELSE (SELECT max(v.changed_at) FROM dossier_version v
                 WHERE v.unit_code = u.unit_code AND v.changed_at <= :until
                   AND v.source_id NOT IN (SELECT s.id FROM source s WHERE s.is_test)) END) AS newest
FROM unit_news u WHERE {mine}
