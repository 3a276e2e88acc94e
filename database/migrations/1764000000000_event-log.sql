-- Up Migration

-- The service connects as a login role that is a member of this group; migrations run as the owner. A database
-- where the owner may not create roles still works: the triggers below then guard the log alone.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    CREATE ROLE analytics_service NOLOGIN;
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE WARNING 'role analytics_service was not created: the migrating role lacks CREATEROLE';
  WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of this cluster is being migrated at the same moment
END
$$;

CREATE SEQUENCE analytics_event_log_id_seq AS bigint CACHE 100;

-- Append-only, one partition a day (Asia/Shanghai) of event time. The key is also the time index and keeps
-- inserts local; every unique key contains event_id, the distribution column on Citus.
CREATE TABLE analytics_event_log (
  id         bigint         NOT NULL DEFAULT nextval('analytics_event_log_id_seq'),
  event_id   uuid           NOT NULL,
  event_time timestamptz(3) NOT NULL,
  user_id    bigint         CHECK (user_id > 0),
  install_id varchar(128)   NOT NULL,
  event_name varchar(64)    NOT NULL,
  properties jsonb,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (event_time, event_id)
) PARTITION BY RANGE (event_time);

ALTER SEQUENCE analytics_event_log_id_seq OWNED BY analytics_event_log.id;

-- Events whose device clock was corrected: their event_time depends on when they were sent, so a retry would get
-- another key in the log. Their ids are remembered here until they are too old to be sent again.
CREATE TABLE analytics_event_corrections (
  event_id    uuid           PRIMARY KEY,
  client_time timestamptz(3) NOT NULL,
  event_time  timestamptz(3) NOT NULL,
  created_at  timestamptz(3) NOT NULL DEFAULT now()
);

CREATE INDEX idx_event_corrections_created_at ON analytics_event_corrections (created_at);

-- Who was active on a day, written in the statement that writes the log.
-- level 0: one row an identity (place ''); level 1: one row an identity and province; level 2: an identity and city.
-- Each figure of the day is then a plain count over one stretch of the key, with no DISTINCT.
CREATE TABLE analytics_daily_actives (
  day      date     NOT NULL,
  level    smallint NOT NULL CHECK (level BETWEEN 0 AND 2),
  place    text     NOT NULL CHECK ((level = 0) = (place = '')),
  identity text     NOT NULL,
  PRIMARY KEY (day, level, place, identity)
) PARTITION BY RANGE (day);

CREATE FUNCTION analytics_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Citus knows no triggers on distributed tables; there, privileges alone guard the log.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    CREATE TRIGGER event_log_append_only BEFORE UPDATE OR DELETE ON analytics_event_log
      FOR EACH ROW EXECUTE FUNCTION analytics_refuse_change();
    CREATE TRIGGER event_log_no_truncate BEFORE TRUNCATE ON analytics_event_log
      FOR EACH STATEMENT EXECUTE FUNCTION analytics_refuse_change();
  END IF;
END
$$;

-- Makes the partitions of a span of days exist, both ends included; answers how many it made. At most 400 days a
-- call. A partition is built apart and attached: ATTACH lets inserts go on, CREATE ... PARTITION OF would block them.
CREATE FUNCTION analytics_ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
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

REVOKE ALL ON FUNCTION analytics_ensure_partitions(date, date) FROM PUBLIC;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT, INSERT ON analytics_event_log, analytics_daily_actives TO analytics_service;
    GRANT SELECT, INSERT, DELETE ON analytics_event_corrections TO analytics_service;
    GRANT USAGE ON SEQUENCE analytics_event_log_id_seq TO analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_ensure_partitions(date, date) TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP FUNCTION analytics_ensure_partitions(date, date);
DROP TABLE analytics_daily_actives;
DROP TABLE analytics_event_corrections;
DROP TABLE analytics_event_log;
DROP FUNCTION analytics_refuse_change();
