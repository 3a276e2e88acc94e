-- Up Migration

-- Makes the active set of a day again that was dropped, for active users whom an import brings. It holds these alone; the
-- bits hold the day. Call it after analytics_ensure_partitions, and when the bits hold all that the day's figures count.
CREATE FUNCTION analytics_reopen_day(p_day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  partition text := 'analytics_daily_actives_p' || to_char(p_day, 'YYYYMMDD');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('analytics_ensure_partitions', 0));
  IF to_regclass(partition) IS NOT NULL OR NOT EXISTS (
    SELECT FROM analytics_dropped_days WHERE day = p_day AND actives_dropped_at IS NOT NULL
  ) THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE analytics_daily_actives INCLUDING ALL)', partition);
  EXECUTE format('ALTER TABLE analytics_daily_actives ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                 partition, p_day, p_day + 1);
  RETURN true;
END
$$;

REVOKE ALL ON FUNCTION analytics_reopen_day(date) FROM PUBLIC;

DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION analytics_reopen_day(date) SET search_path = %I, pg_temp', current_schema());
  ALTER FUNCTION analytics_reopen_day(date) SET timezone = 'UTC';
  ALTER FUNCTION analytics_reopen_day(date) SET datestyle = 'ISO, YMD';
  ALTER FUNCTION analytics_reopen_day(date) SET intervalstyle = 'postgres';
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT EXECUTE ON FUNCTION analytics_reopen_day(date) TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP FUNCTION analytics_reopen_day(date);
