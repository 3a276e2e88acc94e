-- Up Migration

-- A subject's messages are all in one lane, and a lane is emptied by one relay at a time: so any number of replicas
-- share the work and each subject stays in order. Lanes also say how publishing goes.
CREATE TABLE analytics_outbox_lanes (
  lane          smallint       PRIMARY KEY,
  -- When a relay last left nothing in it; it is then left alone for a moment, so that messages go in batches.
  emptied_at    timestamptz(3),
  published_at  timestamptz(3),
  -- Failed attempts since; the next one is not before retry_at, whichever replica makes it.
  failures      integer        NOT NULL DEFAULT 0,
  retry_at      timestamptz(3),
  last_error    text,
  last_error_at timestamptz(3)
);

INSERT INTO analytics_outbox_lanes (lane) SELECT generate_series(0, 7);

ALTER TABLE analytics_outbox
  DROP CONSTRAINT analytics_outbox_pkey,
  ADD COLUMN lane smallint NOT NULL GENERATED ALWAYS AS ((hashtext(aggregateid) & 7)::smallint) STORED,
  ADD PRIMARY KEY (lane, sequence);

-- Every row is soon a dead one; the table is kept small by cleaning up after thousands, not after a share of it.
ALTER TABLE analytics_outbox SET (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT, UPDATE ON analytics_outbox_lanes TO analytics_service;
  END IF;
END
$$;

-- Down Migration

ALTER TABLE analytics_outbox
  DROP CONSTRAINT analytics_outbox_pkey,
  DROP COLUMN lane,
  ADD PRIMARY KEY (sequence);
ALTER TABLE analytics_outbox RESET (
  autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
  autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold
);
DROP TABLE analytics_outbox_lanes;
