/**
 * Held by whatever writes the dictionary or bits, to its commit: no id is given twice, and no two may move or rename
 * the same identity.
 */
export const LOCK_BUILDS_SQL = `SELECT pg_advisory_xact_lock(hashtextextended('analytics:active-bits', 0))`;

/** Names the server's process that holds the lock. */
export const BUILDS_LOCK_HOLDER_SQL = `
SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND (classid::bigint << 32) | objid::bigint = hashtextextended('analytics:active-bits', 0)
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
`;
