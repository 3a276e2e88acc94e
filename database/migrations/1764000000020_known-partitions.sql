-- Up Migration

-- A flush to a day with partitions takes no lock. On a cluster, a session that makes partitions holds the lock until
-- every node has answered, and a frozen node does not answer.
ALTER FUNCTION analytics_ensure_partitions(date, date) RENAME TO analytics_make_partitions;
ALTER FUNCTION analytics_make_partitions(date, date) SECURITY INVOKER;

CREATE FUNCTION analytics_ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF last_day - first_day BETWEEN 0 AND 400 AND NOT EXISTS (
    SELECT FROM generate_series(first_day, last_day, interval '1 day') AS days (day)
    WHERE to_regclass('analytics_event_log_p' || to_char(day, 'YYYYMMDD')) IS NULL
       OR to_regclass('analytics_daily_actives_p' || to_char(day, 'YYYYMMDD')) IS NULL AND NOT EXISTS (
         SELECT FROM analytics_dropped_days known WHERE known.day = days.day::date AND actives_dropped_at IS NOT NULL
       )
  ) THEN
    RETURN 0;
  END IF;
  RETURN analytics_make_partitions(first_day, last_day);
END
$$;

REVOKE ALL ON FUNCTION analytics_ensure_partitions(date, date) FROM PUBLIC;

DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION analytics_ensure_partitions(date, date) SET search_path = %I, pg_temp', current_schema());
  ALTER FUNCTION analytics_ensure_partitions(date, date) SET timezone = 'UTC';
  ALTER FUNCTION analytics_ensure_partitions(date, date) SET datestyle = 'ISO, YMD';
  ALTER FUNCTION analytics_ensure_partitions(date, date) SET intervalstyle = 'postgres';
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    REVOKE EXECUTE ON FUNCTION analytics_make_partitions(date, date) FROM analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_ensure_partitions(date, date) TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP FUNCTION analytics_ensure_partitions(date, date);
ALTER FUNCTION analytics_make_partitions(date, date) RENAME TO analytics_ensure_partitions;
ALTER FUNCTION analytics_ensure_partitions(date, date) SECURITY DEFINER;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT EXECUTE ON FUNCTION analytics_ensure_partitions(date, date) TO analytics_service;
  END IF;
END
$$;
