-- Up Migration

-- Gives each table of the ingest path a bucket and distributes it by that, all of them co-located: docs/adr/0021.
-- Without the extension the tables have the same shape on one server, for tests of the statements.
DO $$
BEGIN
  IF EXISTS (SELECT FROM analytics_event_log) OR EXISTS (SELECT FROM analytics_daily_active_users) THEN
    RAISE EXCEPTION 'CITUS=true: the tables must be empty to be distributed: use a new database and import the events';
  END IF;
END
$$;

-- One row a bucket. The hash of each number falls into another one of sixteen shards, so that no shard holds two.
CREATE TABLE analytics_buckets (bucket smallint PRIMARY KEY);

DROP TRIGGER IF EXISTS event_log_append_only ON analytics_event_log;
DROP TRIGGER IF EXISTS event_log_no_truncate ON analytics_event_log;
DO $$
DECLARE
  partition regclass;
BEGIN
  FOR partition IN SELECT inhrelid FROM pg_inherits
                   WHERE inhparent IN ('analytics_event_log'::regclass, 'analytics_daily_actives'::regclass) LOOP
    EXECUTE format('DROP TABLE %s', partition);
  END LOOP;
END
$$;

-- Every number is made by the flush: sequences would need rights on each node, and run backwards after a move.
ALTER TABLE analytics_event_log
  ADD COLUMN bucket smallint NOT NULL,
  ALTER COLUMN id DROP DEFAULT,
  DROP CONSTRAINT analytics_event_log_pkey,
  ADD PRIMARY KEY (event_time, event_id, bucket);
DROP SEQUENCE analytics_event_log_id_seq;

ALTER TABLE analytics_event_corrections
  ADD COLUMN bucket smallint NOT NULL,
  ALTER COLUMN claimed_in DROP DEFAULT,
  DROP CONSTRAINT analytics_event_corrections_pkey,
  ADD PRIMARY KEY (event_id, bucket);
DROP INDEX idx_event_corrections_claimed_in;

ALTER TABLE analytics_daily_actives
  ADD COLUMN bucket smallint NOT NULL,
  DROP CONSTRAINT analytics_daily_actives_pkey,
  ADD PRIMARY KEY (day, level, place, identity, bucket);

ALTER TABLE analytics_dau_pending
  ADD COLUMN bucket smallint NOT NULL,
  ALTER COLUMN id DROP IDENTITY,
  DROP CONSTRAINT analytics_dau_pending_pkey,
  ADD PRIMARY KEY (id, bucket);

-- Each bucket is a lane. The sequence is a time in microseconds: it goes on when a bucket moves to another node.
ALTER TABLE analytics_outbox
  DROP CONSTRAINT analytics_outbox_pkey,
  DROP COLUMN lane,
  ALTER COLUMN sequence DROP IDENTITY,
  ADD COLUMN lane smallint NOT NULL,
  ADD PRIMARY KEY (lane, sequence, id);

DELETE FROM analytics_outbox_lanes;

-- Stores a flush whose events all belong to one bucket; returns what the statement of one server returns. Citus runs it
-- on the node of the bucket. Each table gets one routable statement, and everything else is local arithmetic.
-- careful: looks for claims before it stores, as corrected events need; otherwise a claim fails the flush.
CREATE FUNCTION analytics_flush(
  p_bucket smallint, careful boolean,
  event_ids uuid[], event_times timestamptz[], client_times timestamptz[], user_ids bigint[], install_ids text[],
  event_names text[], properties_list jsonb,
  session_ids uuid[], session_days date[], identities text[], provinces text[], cities text[],
  session_times timestamptz[], payloads jsonb,
  days_to_mark date[]
) RETURNS TABLE (ordinal integer, "claimedTime" float8, "claimedFrom" float8, marked text)
LANGUAGE plpgsql AS $$
DECLARE
  first_number bigint := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
  claim_ids uuid[];
  claim_times timestamptz[];
  claim_from timestamptz[];
  -- Events that another copy claimed or stored: they are not inserted.
  skipped uuid[] := '{}';
  probe_ids uuid[];
  probe_times timestamptz[];
  free uuid[] := '{}';
  inserted uuid[] := '{}';
  gained date[] := '{}';
  mark_ids bigint[];
  active_days date[];
  active_levels smallint[];
  active_places text[];
  active_identities text[];
  message_ids uuid[];
  message_subjects text[];
  message_times timestamptz[];
  message_payloads jsonb;
  each_id uuid;
  each_day date;
BEGIN
  IF careful THEN
    SELECT array_agg(c.event_id), array_agg(c.event_time), array_agg(c.client_time)
    INTO claim_ids, claim_times, claim_from
    FROM analytics_event_corrections c WHERE c.bucket = p_bucket AND c.event_id = ANY (event_ids);

    -- Keeps the claims that differ from the event at hand.
    SELECT array_agg(e.event_id), array_agg(c.event_time), array_agg(c.client_time)
    INTO claim_ids, claim_times, claim_from
    FROM unnest(event_ids, event_times, client_times) AS e (event_id, event_time, client_time)
    JOIN unnest(claim_ids, claim_times, claim_from) AS c (event_id, event_time, client_time) USING (event_id)
    WHERE c.event_time <> e.event_time OR c.client_time IS DISTINCT FROM e.client_time;
    skipped := coalesce(claim_ids, '{}');

    SELECT array_agg(event_id ORDER BY client_time, event_id), array_agg(client_time ORDER BY client_time, event_id)
    INTO probe_ids, probe_times
    FROM unnest(event_ids, client_times) AS e (event_id, client_time)
    WHERE client_time IS NOT NULL AND event_id <> ALL (skipped)
      -- Without a partition there is nothing to find, and nowhere to insert.
      AND to_regclass('analytics_event_log_p' || to_char(client_time AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD')) IS NOT NULL;

    IF probe_ids IS NOT NULL THEN
      -- Inserts and takes back: an insert waits for a transaction that stores the same key at this moment.
      BEGIN
        FOR each_id IN
          INSERT INTO analytics_event_log (bucket, id, event_id, event_time, install_id, event_name)
          SELECT b.bucket, 0, u.event_id, u.event_time, '', ''
          FROM analytics_buckets b, unnest(probe_ids, probe_times) AS u (event_id, event_time)
          WHERE b.bucket = p_bucket
          ON CONFLICT DO NOTHING
          RETURNING event_id
        LOOP
          free := free || each_id;
        END LOOP;
        RAISE SQLSTATE 'AP001';
      EXCEPTION
        WHEN SQLSTATE 'AP001' THEN NULL;
      END;
      skipped := skipped || coalesce((SELECT array_agg(p) FROM unnest(probe_ids) p WHERE p <> ALL (free)), '{}');
    END IF;
  END IF;

  FOR each_id IN
    INSERT INTO analytics_event_log (bucket, id, event_id, event_time, user_id, install_id, event_name, properties)
    SELECT b.bucket, first_number + u.n, u.event_id, u.event_time, u.user_id, u.install_id, u.event_name,
           nullif(u.properties, 'null')
    FROM analytics_buckets b,
         ROWS FROM (unnest(event_ids, event_times, user_ids, install_ids, event_names), jsonb_array_elements(properties_list))
           WITH ORDINALITY AS u (event_id, event_time, user_id, install_id, event_name, properties, n)
    WHERE b.bucket = p_bucket AND u.event_id <> ALL (skipped)
    ORDER BY u.event_time, u.event_id
    ON CONFLICT DO NOTHING
    RETURNING event_id
  LOOP
    inserted := inserted || each_id;
  END LOOP;

  IF cardinality(inserted) > 0 AND cardinality(session_ids) > 0 THEN
    SELECT array_agg(s.event_id ORDER BY s.occurred_at, s.event_id), array_agg(s.identity ORDER BY s.occurred_at, s.event_id),
           array_agg(s.occurred_at ORDER BY s.occurred_at, s.event_id), jsonb_agg(s.payload ORDER BY s.occurred_at, s.event_id)
    INTO message_ids, message_subjects, message_times, message_payloads
    FROM ROWS FROM (unnest(session_ids, identities, session_times), jsonb_array_elements(payloads))
           AS s (event_id, identity, occurred_at, payload)
    JOIN unnest(inserted) AS i (event_id) USING (event_id);
  END IF;

  IF message_ids IS NOT NULL THEN
    SELECT array_agg(d.day), array_agg(d.level), array_agg(d.place), array_agg(d.identity)
    INTO active_days, active_levels, active_places, active_identities
    FROM (
      SELECT DISTINCT s.day, p.level, p.place, s.identity
      FROM unnest(session_ids, session_days, identities, provinces, cities) AS s (event_id, day, identity, province, city)
      JOIN unnest(message_ids) AS i (event_id) USING (event_id)
      CROSS JOIN LATERAL (VALUES (0::smallint, ''), (1::smallint, s.province), (2::smallint, s.city)) AS p (level, place)
      WHERE p.level = 0 OR p.place <> ''
      ORDER BY 1, 2, 3, 4
    ) d;

    FOR each_day IN
      INSERT INTO analytics_daily_actives (bucket, day, level, place, identity)
      SELECT b.bucket, u.day, u.level, u.place, u.identity
      FROM analytics_buckets b,
           unnest(active_days, active_levels, active_places, active_identities) AS u (day, level, place, identity)
      WHERE b.bucket = p_bucket
      ORDER BY u.day, u.level, u.place, u.identity
      ON CONFLICT DO NOTHING
      RETURNING day
    LOOP
      IF each_day <> ALL (gained) THEN gained := gained || each_day; END IF;
    END LOOP;

    SELECT array_agg(g), array_agg(hashtextextended(gen_random_uuid()::text, 0))
    INTO gained, mark_ids FROM unnest(gained) g WHERE g = ANY (days_to_mark);
    IF gained IS NOT NULL THEN
      INSERT INTO analytics_dau_pending (bucket, id, day)
      SELECT b.bucket, u.id, u.day
      FROM analytics_buckets b, unnest(mark_ids, gained) AS u (id, day)
      WHERE b.bucket = p_bucket;
      RETURN QUERY SELECT NULL::integer, NULL::float8, NULL::float8, to_char(g, 'YYYY-MM-DD') FROM unnest(gained) g;
    END IF;

    INSERT INTO analytics_outbox (lane, sequence, id, aggregatetype, aggregateid, type, payload, occurred_at)
    SELECT b.bucket, first_number + u.n, u.id, 'session', u.subject, 'analytics.session.started', u.payload, u.occurred_at
    FROM analytics_buckets b,
         ROWS FROM (unnest(message_ids, message_subjects, message_times), jsonb_array_elements(message_payloads))
           WITH ORDINALITY AS u (id, subject, occurred_at, payload, n)
    WHERE b.bucket = p_bucket;
  END IF;

  -- A claim that was committed after the look at claims fails the flush, and the next attempt sees it.
  IF cardinality(inserted) > 0 THEN
    DECLARE
      late_ids uuid[];
      late_times timestamptz[];
      late_from timestamptz[];
    BEGIN
      SELECT array_agg(c.event_id), array_agg(c.event_time), array_agg(c.client_time)
      INTO late_ids, late_times, late_from
      FROM analytics_event_corrections c WHERE c.bucket = p_bucket AND c.event_id = ANY (inserted);
      IF late_ids IS NOT NULL AND EXISTS (
        SELECT FROM unnest(event_ids, event_times, client_times) AS e (event_id, event_time, client_time)
        JOIN unnest(late_ids, late_times, late_from) AS c (event_id, event_time, client_time) USING (event_id)
        WHERE c.event_time <> e.event_time OR c.client_time IS DISTINCT FROM e.client_time
      ) THEN
        RAISE EXCEPTION 'an event of this flush is claimed for another time' USING ERRCODE = 'serialization_failure';
      END IF;
    END;
  END IF;

  IF cardinality(inserted) < cardinality(event_ids) THEN
    RETURN QUERY
    SELECT e.n::integer, (extract(epoch FROM c.event_time) * 1000)::float8, (extract(epoch FROM c.client_time) * 1000)::float8,
           NULL::text
    FROM unnest(event_ids) WITH ORDINALITY AS e (event_id, n)
    LEFT JOIN unnest(claim_ids, claim_times, claim_from) AS c (event_id, event_time, client_time) USING (event_id)
    LEFT JOIN unnest(inserted) AS i (event_id) USING (event_id)
    WHERE i.event_id IS NULL;
  END IF;
END
$$;

-- Claims the ids of corrected events of one bucket for their event times; the first claim of an id stays.
CREATE FUNCTION analytics_claim(
  p_bucket smallint, event_ids uuid[], client_times timestamptz[], event_times timestamptz[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO analytics_event_corrections (bucket, event_id, client_time, event_time)
  SELECT b.bucket, u.event_id, u.client_time, u.event_time
  FROM analytics_buckets b, unnest(event_ids, client_times, event_times) AS u (event_id, client_time, event_time)
  WHERE b.bucket = p_bucket
  ORDER BY u.event_id
  ON CONFLICT DO NOTHING;
END
$$;

-- A lost node must not stop the buckets of the others, so readiness writes where the statements are planned.
CREATE OR REPLACE FUNCTION analytics_probe_write(thorough boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO analytics_write_probe AS probe (id, written_at) VALUES (1, clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at;
END
$$;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['analytics_flush', 'analytics_claim', 'analytics_probe_write'] LOOP
    EXECUTE format('ALTER FUNCTION %I SET search_path = %I, pg_temp', name, current_schema());
    EXECUTE format('ALTER FUNCTION %I SET timezone = ''UTC''', name);
    EXECUTE format('ALTER FUNCTION %I SET datestyle = ''ISO, YMD''', name);
    EXECUTE format('ALTER FUNCTION %I SET intervalstyle = ''postgres''', name);
    EXECUTE format('REVOKE ALL ON FUNCTION %I FROM PUBLIC', name);
  END LOOP;
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    PERFORM create_distributed_table('analytics_buckets', 'bucket', shard_count := 16);
    FOREACH name IN ARRAY ARRAY['analytics_event_log', 'analytics_event_corrections', 'analytics_daily_actives',
                                'analytics_dau_pending'] LOOP
      PERFORM create_distributed_table(name, 'bucket', colocate_with := 'analytics_buckets');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['analytics_outbox', 'analytics_outbox_lanes'] LOOP
      PERFORM create_distributed_table(name, 'lane', colocate_with := 'analytics_buckets');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['analytics_flush', 'analytics_claim'] LOOP
      PERFORM create_distributed_function(name::regproc::oid::regprocedure, 'p_bucket', colocate_with := 'analytics_buckets');
    END LOOP;
  END IF;
END
$$;

INSERT INTO analytics_buckets (bucket) VALUES (0), (1), (2), (3), (4), (5), (6), (9), (10), (11), (13), (16), (24), (28), (41), (52);
INSERT INTO analytics_outbox_lanes (lane) SELECT bucket FROM analytics_buckets;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    IF (SELECT count(DISTINCT get_shard_id_for_distribution_column('analytics_buckets', bucket)) FROM analytics_buckets) <> 16 THEN
      RAISE EXCEPTION 'two buckets share a shard: this server hashes integers in another way';
    END IF;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT ON analytics_buckets TO analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_flush TO analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_claim TO analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_probe_write TO analytics_service;
  END IF;
END
$$;
