-- Up Migration

-- Finds the nameless entry of an id, which an erasure looks for: without it the whole dictionary is read. Named
-- identities, which are nearly all, are not in it, so a build writes no more than before.
CREATE INDEX idx_identities_nameless ON analytics_identities (bucket, id) WHERE identity LIKE 'e:%';

-- Down Migration

DROP INDEX idx_identities_nameless;
