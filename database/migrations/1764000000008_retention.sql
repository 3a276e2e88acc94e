-- Up Migration

-- Days that retention has dropped from the log or from the active sets. A day without its active set is closed: its
-- figures can no longer be counted, so it takes no more session starts.
CREATE TABLE analytics_dropped_days (
  day                date PRIMARY KEY,
  events_dropped_at  timestamptz(3),
  actives_dropped_at timestamptz(3),
  CHECK (events_dropped_at IS NOT NULL OR actives_dropped_at IS NOT NULL)
);

-- Partitions that an owner dropped by hand: the figures of their days were counted from them.
INSERT INTO analytics_dropped_days (day, events_dropped_at, actives_dropped_at)
SELECT day, CASE WHEN log_is_gone THEN now() END, CASE WHEN set_is_gone THEN now() END
FROM (
  SELECT day, to_regclass('analytics_event_log_p' || to_char(day, 'YYYYMMDD')) IS NULL AS log_is_gone,
         to_regclass('analytics_daily_actives_p' || to_char(day, 'YYYYMMDD')) IS NULL AS set_is_gone
  FROM analytics_daily_active_users WHERE dau_count > 0
) counted
WHERE log_is_gone OR set_is_gone;

-- Creates the partitions of the days, except an active set that was dropped: a new one would hold a part of its day.
CREATE OR REPLACE FUNCTION analytics_ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  d date;
  made integer := 0;
  suffix text;
BEGIN
  IF last_day - first_day NOT BETWEEN 0 AND 400 THEN
    RAISE EXCEPTION 'analytics_ensure_partitions: 1 to 401 days a call, got % to %', first_day, last_day;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('analytics_ensure_partitions', 0));
  FOR d IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
    suffix := '_p' || to_char(d, 'YYYYMMDD');
    -- An owner may have dropped partitions by hand since the last call.
    INSERT INTO analytics_dropped_days AS known (day, events_dropped_at, actives_dropped_at)
    SELECT day, CASE WHEN log_is_gone THEN now() END, CASE WHEN set_is_gone THEN now() END
    FROM (
      SELECT day, to_regclass('analytics_event_log' || suffix) IS NULL AS log_is_gone,
             to_regclass('analytics_daily_actives' || suffix) IS NULL AS set_is_gone
      FROM analytics_daily_active_users WHERE day = d AND dau_count > 0
    ) counted
    WHERE log_is_gone OR set_is_gone
    ON CONFLICT (day) DO UPDATE SET
      events_dropped_at = coalesce(known.events_dropped_at, excluded.events_dropped_at),
      actives_dropped_at = coalesce(known.actives_dropped_at, excluded.actives_dropped_at);
    IF to_regclass('analytics_event_log' || suffix) IS NULL THEN
      EXECUTE format('CREATE TABLE %I (LIKE analytics_event_log INCLUDING ALL)', 'analytics_event_log' || suffix);
      EXECUTE format('ALTER TABLE analytics_event_log ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                     'analytics_event_log' || suffix,
                     d::timestamp AT TIME ZONE 'Asia/Shanghai', (d + 1)::timestamp AT TIME ZONE 'Asia/Shanghai');
      IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        EXECUTE format('CREATE TRIGGER event_log_no_truncate BEFORE TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION analytics_refuse_change()', 'analytics_event_log' || suffix);
      END IF;
      made := made + 1;
    END IF;
    IF to_regclass('analytics_daily_actives' || suffix) IS NULL AND NOT EXISTS (
      SELECT FROM analytics_dropped_days WHERE day = d AND actives_dropped_at IS NOT NULL
    ) THEN
      EXECUTE format('CREATE TABLE %I (LIKE analytics_daily_actives INCLUDING ALL)', 'analytics_daily_actives' || suffix);
      EXECUTE format('ALTER TABLE analytics_daily_actives ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                     'analytics_daily_actives' || suffix, d, d + 1);
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END
$$;

-- Drops a day from the log ('events') or its active set ('actives'), and nothing else. Whatever the caller wants, the
-- day is more than ten days old, its figures are stored, final and of the version that the caller has compared.
-- Outcomes: dropped; absent; busy, when the locks were not free; changed, when the day is not as the caller saw it.
CREATE FUNCTION analytics_drop_day(what text, dropped_day date, compared_version integer)
RETURNS TABLE (outcome text, bytes bigint) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  parent text := CASE what WHEN 'events' THEN 'analytics_event_log' WHEN 'actives' THEN 'analytics_daily_actives' END;
  partition text := parent || '_p' || to_char(dropped_day, 'YYYYMMDD');
  is_settled boolean := true;
BEGIN
  IF parent IS NULL OR dropped_day IS NULL
     OR dropped_day >= (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date - 10 THEN
    RAISE EXCEPTION 'analytics_drop_day: events or actives of a day more than 10 days old, got % of %', what, dropped_day
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  bytes := 0;
  IF NOT EXISTS (
    SELECT FROM pg_inherits WHERE inhparent = to_regclass(parent) AND inhrelid = to_regclass(partition)
  ) THEN
    outcome := 'absent';
    RETURN NEXT;
    RETURN;
  END IF;
  BEGIN
    -- The partition first: waiting for its readers must not hold up the flushes, which need the parent.
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', partition);
    EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
    -- Every flush that wrote to the table has ended by now, so its marks are seen.
    IF EXISTS (SELECT FROM analytics_dau_pending WHERE day = dropped_day) THEN
      is_settled := false;
    ELSIF compared_version IS NULL THEN
      is_settled := NOT EXISTS (SELECT FROM analytics_daily_active_users WHERE day = dropped_day)
        AND NOT EXISTS (SELECT FROM analytics_daily_actives WHERE day = dropped_day);
    ELSE
      is_settled := EXISTS (
        SELECT FROM analytics_daily_active_users WHERE day = dropped_day AND version = compared_version
          AND calculated_at >= (dropped_day + 1 + time '01:00') AT TIME ZONE 'Asia/Shanghai');
      -- This function, where it exists, tells whether the bits of the day hold its whole active set.
      IF is_settled AND what = 'actives' AND to_regprocedure('analytics_actives_settled(date)') IS NOT NULL THEN
        EXECUTE 'SELECT analytics_actives_settled($1)' INTO is_settled USING dropped_day;
      END IF;
    END IF;
    IF is_settled THEN
      bytes := pg_total_relation_size(to_regclass(partition));
      -- An empty active set loses nothing, so its day stays open.
      IF what = 'events' OR compared_version IS NOT NULL THEN
        INSERT INTO analytics_dropped_days AS known (day, events_dropped_at, actives_dropped_at)
        VALUES (dropped_day, CASE what WHEN 'events' THEN clock_timestamp() END,
                CASE what WHEN 'actives' THEN clock_timestamp() END)
        ON CONFLICT (day) DO UPDATE SET
          events_dropped_at = coalesce(excluded.events_dropped_at, known.events_dropped_at),
          actives_dropped_at = coalesce(excluded.actives_dropped_at, known.actives_dropped_at);
      END IF;
      EXECUTE format('DROP TABLE %I', partition);
    END IF;
    outcome := CASE WHEN is_settled THEN 'dropped' ELSE 'changed' END;
  EXCEPTION
    WHEN lock_not_available OR deadlock_detected THEN
      outcome := 'busy';
  END;
  RETURN NEXT;
END
$$;

REVOKE ALL ON FUNCTION analytics_drop_day(text, date, integer) FROM PUBLIC;

DO $$
DECLARE
  each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['analytics_ensure_partitions(date, date)', 'analytics_drop_day(text, date, integer)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', each, current_schema());
    EXECUTE format('ALTER FUNCTION %s SET timezone = ''UTC''', each);
    EXECUTE format('ALTER FUNCTION %s SET datestyle = ''ISO, YMD''', each);
    EXECUTE format('ALTER FUNCTION %s SET intervalstyle = ''postgres''', each);
  END LOOP;
  -- Flushes queue behind the function while it waits for a lock.
  ALTER FUNCTION analytics_drop_day(text, date, integer) SET lock_timeout = '200ms';
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT ON analytics_dropped_days TO analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_drop_day(text, date, integer) TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP FUNCTION analytics_drop_day(text, date, integer);
CREATE OR REPLACE FUNCTION analytics_ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  d date;
  made integer := 0;
  suffix text;
BEGIN
  IF last_day - first_day NOT BETWEEN 0 AND 400 THEN
    RAISE EXCEPTION 'analytics_ensure_partitions: 1 to 401 days a call, got % to %', first_day, last_day;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('analytics_ensure_partitions', 0));
  FOR d IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
    suffix := '_p' || to_char(d, 'YYYYMMDD');
    IF to_regclass('analytics_event_log' || suffix) IS NULL THEN
      EXECUTE format('CREATE TABLE %I (LIKE analytics_event_log INCLUDING ALL)', 'analytics_event_log' || suffix);
      EXECUTE format('ALTER TABLE analytics_event_log ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                     'analytics_event_log' || suffix,
                     d::timestamp AT TIME ZONE 'Asia/Shanghai', (d + 1)::timestamp AT TIME ZONE 'Asia/Shanghai');
      IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        EXECUTE format('CREATE TRIGGER event_log_no_truncate BEFORE TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION analytics_refuse_change()', 'analytics_event_log' || suffix);
      END IF;
      made := made + 1;
    END IF;
    IF to_regclass('analytics_daily_actives' || suffix) IS NULL THEN
      EXECUTE format('CREATE TABLE %I (LIKE analytics_daily_actives INCLUDING ALL)', 'analytics_daily_actives' || suffix);
      EXECUTE format('ALTER TABLE analytics_daily_actives ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                     'analytics_daily_actives' || suffix, d, d + 1);
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END
$$;
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION analytics_ensure_partitions(date, date) SET search_path = %I, pg_temp', current_schema());
  ALTER FUNCTION analytics_ensure_partitions(date, date) SET timezone = 'UTC';
  ALTER FUNCTION analytics_ensure_partitions(date, date) SET datestyle = 'ISO, YMD';
  ALTER FUNCTION analytics_ensure_partitions(date, date) SET intervalstyle = 'postgres';
END
$$;
DROP TABLE analytics_dropped_days;
