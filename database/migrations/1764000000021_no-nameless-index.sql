-- Up Migration

-- No statement looks for a nameless entry by its id any more: an erasure takes the name where the id stands.
DROP INDEX idx_identities_nameless;

-- Down Migration

CREATE INDEX idx_identities_nameless ON analytics_identities (bucket, id) WHERE identity LIKE 'e:%';
