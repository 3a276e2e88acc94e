-- Up Migration

-- Readiness vouches for writes, so it writes: one row that all replicas share, at most once a second each.
CREATE TABLE analytics_write_probe (
  id         smallint       PRIMARY KEY CHECK (id = 1),
  written_at timestamptz(3) NOT NULL
) WITH (fillfactor = 50);

-- Fails as the ingest of events would: a server that refuses writes, rights that are missing, a full disk. The row of
-- the log is undone; the row of the probe is committed. A thorough probe fills pages, so it needs free space.
CREATE FUNCTION analytics_probe_write(thorough boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    INSERT INTO analytics_event_log (event_id, event_time, install_id, event_name, properties)
    SELECT gen_random_uuid(), clock_timestamp(), 'probe', 'probe', to_jsonb(CASE WHEN thorough THEN repeat('x', 1500) END)
    FROM generate_series(1, CASE WHEN thorough THEN 64 ELSE 1 END);
    RAISE SQLSTATE 'AP000';
  EXCEPTION
    WHEN SQLSTATE 'AP000' THEN NULL;
    WHEN check_violation THEN NULL; -- the day has no partition yet: the first event of the day makes it
  END;
  INSERT INTO analytics_write_probe AS probe (id, written_at) VALUES (1, clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at;
END
$$;

REVOKE ALL ON FUNCTION analytics_probe_write(boolean) FROM PUBLIC;

-- A function must not depend on the session that calls it. The bounds of a partition pass through text: before
-- PostgreSQL 18, CST at the end of a German text from Shanghai was read as a zone of America.
DO $$
DECLARE
  each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['analytics_ensure_partitions(date, date)', 'analytics_probe_write(boolean)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', each, current_schema());
    EXECUTE format('ALTER FUNCTION %s SET timezone = ''UTC''', each);
    EXECUTE format('ALTER FUNCTION %s SET datestyle = ''ISO, YMD''', each);
    EXECUTE format('ALTER FUNCTION %s SET intervalstyle = ''postgres''', each);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT, INSERT, UPDATE ON analytics_write_probe TO analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_probe_write(boolean) TO analytics_service;
  END IF;
END
$$;

-- Down Migration

ALTER FUNCTION analytics_ensure_partitions(date, date) RESET intervalstyle;
ALTER FUNCTION analytics_ensure_partitions(date, date) RESET datestyle;
ALTER FUNCTION analytics_ensure_partitions(date, date) RESET timezone;
DROP FUNCTION analytics_probe_write(boolean);
DROP TABLE analytics_write_probe;
