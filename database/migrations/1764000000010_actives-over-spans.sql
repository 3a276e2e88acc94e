-- Up Migration

-- The bucket of an identity, 0 to 15. Every table below has it, so that a cluster can distribute all of them by it.
CREATE FUNCTION analytics_identity_bucket(identity text) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT (hashtextextended(identity, 0) & 15)::smallint';

-- Gives each identity a number that is dense within its bucket; the rollup adds rows, never the flush.
CREATE TABLE analytics_identities (
  bucket    smallint NOT NULL CHECK (bucket BETWEEN 0 AND 15),
  identity  text     NOT NULL,
  id        integer  NOT NULL CHECK (id >= 0),
  first_day date     NOT NULL,
  PRIMARY KEY (identity, bucket)
);

-- The next id of each bucket: the id of an erased identity is not used again.
CREATE TABLE analytics_identity_counters (
  bucket  smallint PRIMARY KEY CHECK (bucket BETWEEN 0 AND 15),
  next_id integer  NOT NULL CHECK (next_id >= 0)
);

-- When the bits of a day were last built. A day without a row has none.
CREATE TABLE analytics_active_days (
  day      date           PRIMARY KEY,
  built_at timestamptz(3) NOT NULL
);

-- One bit for each identity: kind 0, active on the day; kind 1, active on the day for the first time.
-- Four rows of 15,872 bits fill a page, and each is below the size at which PostgreSQL would move it out of line.
CREATE TABLE analytics_active_bits (
  day    date       NOT NULL,
  kind   smallint   NOT NULL CHECK (kind BETWEEN 0 AND 1),
  bucket smallint   NOT NULL CHECK (bucket BETWEEN 0 AND 15),
  chunk  integer    NOT NULL CHECK (chunk >= 0),
  bits   bit(15872) NOT NULL,
  PRIMARY KEY (day, kind, bucket, chunk)
);

-- Each row lists the ids that were active in a place, ascending, as LEB128 differences. `level` means what it means in
-- analytics_daily_actives.
CREATE TABLE analytics_place_actives (
  day     date     NOT NULL,
  level   smallint NOT NULL CHECK (level BETWEEN 1 AND 2),
  bucket  smallint NOT NULL CHECK (bucket BETWEEN 0 AND 15),
  place   text     NOT NULL CHECK (place <> ''),
  actives integer  NOT NULL CHECK (actives > 0),
  ids     bytea    NOT NULL,
  PRIMARY KEY (day, level, bucket, place)
);

ALTER TABLE analytics_place_actives ALTER COLUMN ids SET STORAGE EXTERNAL;

-- True when the bits of a day hold everything that its active set holds. To drop a set, lock its partition first
-- (ACCESS EXCLUSIVE) and call this in a later statement: a flush may have added actives and their mark before the lock.
CREATE FUNCTION analytics_actives_settled(p_day date) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM analytics_active_days
    WHERE day = p_day AND built_at >= (p_day + 1 + time '01:00') AT TIME ZONE 'Asia/Shanghai'
  ) AND NOT EXISTS (SELECT FROM analytics_dau_pending WHERE day = p_day);
END
$$;

-- Opens a cursor over the ids of a day's actives, one row for each place and bucket: a cursor of its own takes no
-- parameters, and the plan needs to know the day. Ids are four bytes each, big-endian, in any order.
CREATE FUNCTION analytics_open_actives(p_cursor refcursor, p_day date) RETURNS refcursor LANGUAGE plpgsql AS $$
BEGIN
  OPEN p_cursor NO SCROLL FOR
    SELECT a.level::int AS level, a.place, i.bucket::int AS bucket, string_agg(int4send(i.id), '') AS ids,
           string_agg(int4send(i.id), '') FILTER (WHERE a.level = 0 AND i.first_day = p_day) AS new_ids
    FROM analytics_daily_actives a JOIN analytics_identities i USING (identity)
    WHERE a.day = p_day
    GROUP BY a.level, a.place, i.bucket;
  RETURN p_cursor;
END
$$;

REVOKE ALL ON FUNCTION analytics_actives_settled(date) FROM PUBLIC;
REVOKE ALL ON FUNCTION analytics_open_actives(refcursor, date) FROM PUBLIC;

DO $$
DECLARE
  each text;
BEGIN
  FOREACH each IN ARRAY ARRAY['analytics_actives_settled(date)', 'analytics_open_actives(refcursor, date)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', each, current_schema());
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT, INSERT, UPDATE ON analytics_identities, analytics_identity_counters, analytics_active_days,
      analytics_active_bits, analytics_place_actives TO analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_actives_settled(date), analytics_open_actives(refcursor, date) TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP FUNCTION analytics_open_actives(refcursor, date);
DROP FUNCTION analytics_actives_settled(date);
DROP TABLE analytics_place_actives;
DROP TABLE analytics_active_bits;
DROP TABLE analytics_active_days;
DROP TABLE analytics_identity_counters;
DROP TABLE analytics_identities;
DROP FUNCTION analytics_identity_bucket(text);
