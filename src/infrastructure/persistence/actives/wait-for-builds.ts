import { ApplicationException } from '../../../shared/exceptions/application.exception.js';
import { sqlStateOf } from '../prisma/database-errors.js';
import type { LongSession } from '../prisma/long-statement.js';
import { BUILDS_LOCK_HOLDER_SQL, LOCK_BUILDS_SQL } from './builds-lock.js';

const LIMIT_WAIT_SQL = `SELECT set_config('lock_timeout', $1, true)`;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Takes the lock of the builds to the end of the transaction, which has failed otherwise.
 *
 * @throws ApplicationException `builds_busy`
 */
export async function waitForBuilds(session: LongSession, waitMs: number): Promise<void> {
  await session.run(LIMIT_WAIT_SQL, `${waitMs}ms`);
  try {
    await session.run(LOCK_BUILDS_SQL);
  } catch (error) {
    if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    await session.run('ROLLBACK');
    const [holder] = await session.run<{ pid: number }>(BUILDS_LOCK_HOLDER_SQL);
    throw buildsBusy(waitMs, holder?.pid ?? null, error);
  }
  await session.run(LIMIT_WAIT_SQL, '0');
}

function buildsBusy(waitedMs: number, pid: number | null, cause: unknown): ApplicationException {
  const by = pid === null ? '' : ` by process ${pid} of the database server`;
  const end = pid === null ? '' : `: if it does not end, SELECT pg_terminate_backend(${pid}) ends it`;
  return new ApplicationException('builds_busy', {
    detail:
      `The lock of the active users is held${by}, which a build waits for ${waitedMs / 1000} s at most${end}. ` +
      'The next rollup repeats the build; run a command again when the lock is free',
    cause,
  });
}
