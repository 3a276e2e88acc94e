import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { sqlStateOf } from '../prisma/database-errors.js';

/**
 * Held by whatever writes the dictionary or bits, to its commit: no id is given twice, and no two may move or rename
 * the same identity.
 */
export const LOCK_BUILDS_SQL = `SELECT pg_advisory_xact_lock(hashtextextended('analytics:active-bits', 0))`;

/** Names the server's process that holds the lock. */
const BUILDS_LOCK_HOLDER_SQL = `
SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND (classid::bigint << 32) | objid::bigint = hashtextextended('analytics:active-bits', 0)
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
`;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Takes the lock to the end of the transaction, which has failed otherwise. Its `lock_timeout` bounds the wait.
 *
 * @param describe tells the operator what waited, and of the server's process that holds the lock
 * @throws ApplicationException `builds_busy`
 */
export async function lockBuilds(
  run: (sql: string) => Promise<readonly { readonly pid: number }[]>,
  describe: (pid: number | null) => string,
): Promise<void> {
  try {
    await run(LOCK_BUILDS_SQL);
  } catch (error) {
    if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    await run('ROLLBACK');
    const [holder] = await run(BUILDS_LOCK_HOLDER_SQL);
    throw new ApplicationException('builds_busy', { detail: describe(holder?.pid ?? null), cause: error });
  }
}
