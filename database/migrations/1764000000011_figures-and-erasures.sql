-- Up Migration

-- Finds the highest snapshot of all time without reading the others.
CREATE INDEX idx_online_snapshots_record ON analytics_online_snapshots (online_count DESC, ts);

-- Reports of erasures. The proof is the SHA-256 of 'receipt:identity'; the receipt is printed and stored nowhere, so a
-- report proves whom it is about to its holder alone.
CREATE TABLE analytics_erasures (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  erased_at timestamptz(3) NOT NULL DEFAULT now(),
  kind      varchar(16)    NOT NULL CHECK (kind IN ('user', 'install')),
  proof     bytea          NOT NULL,
  report    jsonb          NOT NULL
);

-- How many identities erasures took out of the log of a day: in all (level 0, place ''), by province (1) and by city (2).
-- The day's figures still count them, so an audit adds them to what it counts in the log.
CREATE TABLE analytics_erased_actives (
  day            date     NOT NULL,
  level          smallint NOT NULL CHECK (level BETWEEN 0 AND 2),
  place          text     NOT NULL CHECK ((level = 0) = (place = '')),
  identities     integer  NOT NULL DEFAULT 0 CHECK (identities >= 0),
  -- Those whose first active day it was; at level 0.
  new_identities integer  NOT NULL DEFAULT 0 CHECK (new_identities >= 0),
  PRIMARY KEY (day, level, place)
);

-- Lets an owner delete rows of the log in a transaction that erases. The service's role is no owner, and has no right to
-- delete besides. A trigger with an argument has no exception.
CREATE OR REPLACE FUNCTION analytics_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_NARGS = 0 AND current_setting('analytics.erasure', true) = 'on'
     AND pg_has_role(current_user, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID), 'USAGE') THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER erasures_append_only BEFORE UPDATE OR DELETE ON analytics_erasures
  FOR EACH ROW EXECUTE FUNCTION analytics_refuse_change('always');
CREATE TRIGGER erasures_no_truncate BEFORE TRUNCATE ON analytics_erasures
  FOR EACH STATEMENT EXECUTE FUNCTION analytics_refuse_change('always');

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT ON analytics_erased_actives TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP TABLE analytics_erased_actives;
DROP TABLE analytics_erasures;
CREATE OR REPLACE FUNCTION analytics_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
DROP INDEX idx_online_snapshots_record;
