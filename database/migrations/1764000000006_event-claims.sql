-- Up Migration

-- A row claims an id for one event time before the event is stored. The number of the claim's transaction lets a flush
-- find the claims that its snapshot does not show, without reading the others. Rows from before have none.
ALTER TABLE analytics_event_corrections ADD COLUMN claimed_in bigint;
ALTER TABLE analytics_event_corrections ALTER COLUMN claimed_in SET DEFAULT pg_current_xact_id()::text::bigint;
CREATE INDEX idx_event_corrections_claimed_in ON analytics_event_corrections (claimed_in) WHERE claimed_in IS NOT NULL;

-- Returns those of the events that are stored under their uncorrected time. Inserts each of them and takes that back:
-- an insert waits for a transaction that stores the same key at this moment, and locks no partition but its own.
CREATE FUNCTION analytics_find_uncorrected(event_ids uuid[], client_times timestamptz[]) RETURNS uuid[]
LANGUAGE plpgsql STRICT AS $$
DECLARE
  stored uuid[];
BEGIN
  WITH events AS MATERIALIZED (
    SELECT event_id, client_time FROM unnest(event_ids, client_times) AS e (event_id, client_time)
    -- Without a partition there is nothing to find, and nowhere to insert.
    WHERE EXISTS (
      SELECT FROM pg_inherits WHERE inhparent = 'analytics_event_log'::regclass AND inhrelid =
        to_regclass('analytics_event_log_p' || to_char(client_time AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD')))
  ), free AS (
    INSERT INTO analytics_event_log (id, event_id, event_time, install_id, event_name)
    SELECT 0, event_id, client_time, '', '' FROM events ORDER BY client_time, event_id
    ON CONFLICT DO NOTHING
    RETURNING event_id
  )
  SELECT array_agg(event_id) INTO stored FROM events WHERE event_id NOT IN (SELECT event_id FROM free);
  RAISE EXCEPTION SQLSTATE 'AP001';
EXCEPTION
  WHEN SQLSTATE 'AP001' THEN
    RETURN stored;
END
$$;

-- Fails the statement when one of the events that it has inserted was claimed after its snapshot; otherwise returns
-- false. The function is volatile, so its queries see what has been committed by the time it runs.
CREATE FUNCTION analytics_refuse_late_claims(event_ids uuid[], seen pg_snapshot) RETURNS boolean
LANGUAGE plpgsql STRICT AS $$
DECLARE
  first_unseen bigint := pg_snapshot_xmax(seen)::text::bigint;
  -- A restored database holds numbers that its transactions have not reached.
  first_unused bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
BEGIN
  IF EXISTS (
    SELECT FROM (
      SELECT event_id FROM analytics_event_corrections
      WHERE claimed_in >= first_unseen AND claimed_in < first_unused OFFSET 0
    ) late WHERE event_id = ANY (event_ids)
  ) OR pg_snapshot_xmin(seen) <> pg_snapshot_xmax(seen) AND EXISTS (
    SELECT FROM (
      SELECT event_id FROM analytics_event_corrections
      WHERE claimed_in = ANY (ARRAY(SELECT pg_snapshot_xip(seen)::text::bigint)) OFFSET 0
    ) late WHERE event_id = ANY (event_ids)
  ) THEN
    RAISE EXCEPTION 'an event of this flush was claimed at the same moment' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN false;
END
$$;

REVOKE ALL ON FUNCTION analytics_find_uncorrected(uuid[], timestamptz[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION analytics_refuse_late_claims(uuid[], pg_snapshot) FROM PUBLIC;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT EXECUTE ON FUNCTION analytics_find_uncorrected(uuid[], timestamptz[]) TO analytics_service;
    GRANT EXECUTE ON FUNCTION analytics_refuse_late_claims(uuid[], pg_snapshot) TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP FUNCTION analytics_refuse_late_claims(uuid[], pg_snapshot);
DROP FUNCTION analytics_find_uncorrected(uuid[], timestamptz[]);
ALTER TABLE analytics_event_corrections DROP COLUMN claimed_in;
