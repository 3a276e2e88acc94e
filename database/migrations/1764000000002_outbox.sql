-- Up Migration

-- Messages to publish, written in the statement that writes what they tell of (Debezium's outbox column names, so
-- that its event router could read the table as well as our relay). Rows are deleted once acknowledged.
CREATE TABLE analytics_outbox (
  sequence      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id            uuid           NOT NULL,
  aggregatetype varchar(64)    NOT NULL,
  aggregateid   varchar(160)   NOT NULL,
  type          varchar(128)   NOT NULL,
  payload       jsonb          NOT NULL,
  occurred_at   timestamptz(3) NOT NULL,
  created_at    timestamptz(3) NOT NULL DEFAULT now()
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    -- UPDATE is what SELECT ... FOR UPDATE SKIP LOCKED asks for; no row is ever changed.
    GRANT SELECT, INSERT, UPDATE, DELETE ON analytics_outbox TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP TABLE analytics_outbox;
