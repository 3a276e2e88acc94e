-- Up Migration

-- The open block of ids of each bucket and group of places: identities of one place get neighbouring ids, so that the
-- lists of a place are short. `places` is a hash of the place in which an identity was seen first.
CREATE TABLE analytics_identity_blocks (
  bucket  smallint NOT NULL CHECK (bucket BETWEEN 0 AND 15),
  places  smallint NOT NULL CHECK (places BETWEEN 0 AND 1023),
  next_id integer  NOT NULL CHECK (next_id >= 0),
  end_id  integer  NOT NULL CHECK (end_id >= next_id),
  PRIMARY KEY (bucket, places)
);

-- The service reads the ids of a day by a plain statement, which may use parallel workers.
DROP FUNCTION analytics_open_actives(refcursor, date);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT, INSERT, UPDATE ON analytics_identity_blocks TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP TABLE analytics_identity_blocks;

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

REVOKE ALL ON FUNCTION analytics_open_actives(refcursor, date) FROM PUBLIC;

DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION analytics_open_actives(refcursor, date) SET search_path = %I, pg_temp', current_schema());
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT EXECUTE ON FUNCTION analytics_open_actives(refcursor, date) TO analytics_service;
  END IF;
END
$$;
