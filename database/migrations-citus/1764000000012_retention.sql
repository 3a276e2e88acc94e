-- Up Migration

-- Returns the size of each day's partition on all nodes; on the coordinator a distributed table is empty.
CREATE FUNCTION analytics_partition_sizes(parent text) RETURNS TABLE (day text, bytes float8)
LANGUAGE plpgsql AS $$
BEGIN
  IF parent NOT IN ('analytics_event_log', 'analytics_daily_actives') THEN
    RAISE EXCEPTION 'analytics_partition_sizes: analytics_event_log or analytics_daily_actives, got %', parent
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    -- A text that is not planned where its tables are absent.
    RETURN QUERY EXECUTE $sizes$
      SELECT regexp_replace(right(c.relname, 8), '(....)(..)(..)', '\1-\2-\3'), coalesce(sum(sizes.size), 0)::float8
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      LEFT JOIN pg_dist_shard shards ON shards.logicalrelid = c.oid
      LEFT JOIN citus_shard_sizes() sizes ON sizes.shard_id = shards.shardid
      WHERE i.inhparent = to_regclass($1) AND c.relname ~ ('^' || $1 || '_p[0-9]{8}$')
      GROUP BY c.relname
    $sizes$ USING parent;
  ELSE
    RETURN QUERY
    SELECT regexp_replace(right(c.relname, 8), '(....)(..)(..)', '\1-\2-\3'),
           coalesce(pg_total_relation_size(c.oid), 0)::float8
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(parent) AND c.relname ~ ('^' || parent || '_p[0-9]{8}$');
  END IF;
END
$$;

-- Does what analytics_drop_day does, with the same outcomes, and keeps the tables of the coordinator apart from the
-- distributed ones. Runs on the coordinator: LOCK reaches the table on each node, where flushes lock it.
CREATE FUNCTION analytics_drop_distributed_day(what text, dropped_day date, compared_version integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  parent text := CASE what WHEN 'events' THEN 'analytics_event_log' WHEN 'actives' THEN 'analytics_daily_actives' END;
  partition text := parent || '_p' || to_char(dropped_day, 'YYYYMMDD');
  over_at timestamptz := (dropped_day + 1 + time '01:00') AT TIME ZONE 'Asia/Shanghai';
  locking_from timestamptz;
  marks bigint;
  actives bigint := 0;
  is_settled boolean;
BEGIN
  IF parent IS NULL OR dropped_day IS NULL
     OR dropped_day >= (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date - 10 THEN
    RAISE EXCEPTION 'analytics_drop_distributed_day: events or actives of a day more than 10 days old, got % of %',
      what, dropped_day USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT EXISTS (
    SELECT FROM pg_inherits WHERE inhparent = to_regclass(parent) AND inhrelid = to_regclass(partition)
  ) THEN
    RETURN 'absent';
  END IF;
  -- The settings of a function stay on the coordinator; SET LOCAL goes to the workers where this is set.
  PERFORM set_config('citus.propagate_set_commands', 'local', true);
  -- One connection to each worker: a second one would wait for the locks of the first.
  PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
  BEGIN
    SET LOCAL lock_timeout = '200ms';
    locking_from := clock_timestamp();
    BEGIN
      -- In the order of the flushes: Citus locks the table, and then every partition, for each statement.
      EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
      EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', partition);
    EXCEPTION
      -- Citus gives only this text for any failure on a worker; an unexpired wait was not ended by the lock timeout.
      WHEN internal_error THEN
        IF SQLERRM NOT LIKE 'failure on connection marked as essential:%'
           OR clock_timestamp() < locking_from + interval '200ms' THEN
          RAISE;
        END IF;
        RAISE SQLSTATE '55P03';
    END;
    -- Every flush that wrote to the table has ended by now, so its marks are seen.
    SELECT count(*) INTO marks FROM analytics_dau_pending WHERE day = dropped_day;
    IF marks > 0 THEN
      RETURN 'changed';
    END IF;
    IF compared_version IS NULL THEN
      SELECT count(*) INTO actives FROM analytics_daily_actives WHERE day = dropped_day;
      is_settled := actives = 0 AND NOT EXISTS (SELECT FROM analytics_daily_active_users WHERE day = dropped_day);
    ELSE
      is_settled := EXISTS (
        SELECT FROM analytics_daily_active_users
        WHERE day = dropped_day AND version = compared_version AND calculated_at >= over_at
      ) AND (what = 'events' OR analytics_actives_settled(dropped_day));
    END IF;
    IF NOT is_settled THEN
      RETURN 'changed';
    END IF;
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
    RETURN 'dropped';
  EXCEPTION
    WHEN lock_not_available OR deadlock_detected THEN
      RETURN 'busy';
  END;
END
$$;

REVOKE ALL ON FUNCTION analytics_partition_sizes(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION analytics_drop_distributed_day(text, date, integer) FROM PUBLIC;

DO $$
DECLARE
  each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['analytics_partition_sizes(text)', 'analytics_drop_distributed_day(text, date, integer)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', each, current_schema());
    EXECUTE format('ALTER FUNCTION %s SET timezone = ''UTC''', each);
    EXECUTE format('ALTER FUNCTION %s SET datestyle = ''ISO, YMD''', each);
    EXECUTE format('ALTER FUNCTION %s SET intervalstyle = ''postgres''', each);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    -- These are for tables on one server.
    REVOKE EXECUTE ON FUNCTION analytics_drop_day(text, date, integer), analytics_find_uncorrected(uuid[], timestamptz[]),
      analytics_refuse_late_claims(uuid[], pg_snapshot) FROM analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_partition_sizes(text) TO analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_drop_distributed_day(text, date, integer) TO analytics_service;
  END IF;
END
$$;
