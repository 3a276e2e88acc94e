-- Up Migration

CREATE TABLE analytics_daily_active_users (
  day             date           PRIMARY KEY,
  dau_count       integer        NOT NULL CHECK (dau_count >= 0),
  dau_by_province jsonb,
  dau_by_city     jsonb,
  calculated_at   timestamptz(3) NOT NULL,
  version         integer        NOT NULL DEFAULT 1 CHECK (version >= 1)
);

-- A mark says: this day gained actives that no calculation has seen yet. Marks are only ever inserted and deleted
-- by id, never updated, so concurrent flushes do not wait for each other and no mark can be lost.
CREATE TABLE analytics_dau_pending (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  day        date           NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE INDEX idx_dau_pending_day ON analytics_dau_pending (day);

CREATE TABLE analytics_online_snapshots (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ts             timestamptz(3) NOT NULL UNIQUE,
  online_count   integer        NOT NULL CHECK (online_count >= 0),
  window_seconds integer        NOT NULL DEFAULT 180 CHECK (window_seconds > 0)
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT, INSERT, UPDATE ON analytics_daily_active_users TO analytics_service;
    GRANT SELECT, INSERT, DELETE ON analytics_dau_pending TO analytics_service;
    GRANT SELECT, INSERT ON analytics_online_snapshots TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP TABLE analytics_online_snapshots;
DROP TABLE analytics_dau_pending;
DROP TABLE analytics_daily_active_users;
