-- Up Migration

-- Finds the highest snapshot of all time without reading the others.
CREATE INDEX idx_online_snapshots_record ON analytics_online_snapshots (online_count DESC, ts);

-- Down Migration

DROP INDEX idx_online_snapshots_record;
