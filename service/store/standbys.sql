-- The synchronous standbys that commits wait for; how many may be connected (a role without pg_read_all_stats sees that they
-- are there, not their state); and this role's own commits that have waited for them for a second.
SELECT current_setting('synchronous_standby_names'),
  (SELECT count(*) FROM pg_stat_replication WHERE sync_state IS DISTINCT FROM 'async'),
  (SELECT count(*) FROM pg_stat_activity
    WHERE wait_event = 'SyncRep' AND clock_timestamp() - query_start > interval '1 second')
