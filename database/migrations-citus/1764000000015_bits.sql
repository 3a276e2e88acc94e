-- Up Migration

-- Puts dictionary and bits into the buckets of the events, so that a node builds and counts its own: docs/adr/0021.
-- The rollup builds the days again from their active sets, with ids of the new buckets.
DO $$
BEGIN
  IF EXISTS (SELECT FROM analytics_dropped_days WHERE actives_dropped_at IS NOT NULL) THEN
    RAISE EXCEPTION 'CITUS=true: bits of days without an active set cannot be distributed: use a new database and import the events';
  END IF;
END
$$;

TRUNCATE analytics_identities, analytics_identity_counters, analytics_identity_blocks, analytics_active_days,
  analytics_active_bits, analytics_place_actives;

ALTER TABLE analytics_identities DROP CONSTRAINT analytics_identities_bucket_check;
ALTER TABLE analytics_identity_counters DROP CONSTRAINT analytics_identity_counters_bucket_check;
ALTER TABLE analytics_identity_blocks DROP CONSTRAINT analytics_identity_blocks_bucket_check;
ALTER TABLE analytics_active_bits DROP CONSTRAINT analytics_active_bits_bucket_check;
ALTER TABLE analytics_place_actives DROP CONSTRAINT analytics_place_actives_bucket_check;

DO $$
DECLARE
  name text;
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    FOREACH name IN ARRAY ARRAY['analytics_identities', 'analytics_identity_counters', 'analytics_identity_blocks',
                                'analytics_active_bits', 'analytics_place_actives'] LOOP
      PERFORM create_distributed_table(name, 'bucket', colocate_with := 'analytics_buckets');
    END LOOP;
  END IF;
END
$$;
