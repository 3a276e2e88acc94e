import type { LongSession } from '../prisma/long-statement.js';
import { lockBuilds } from './builds-lock.js';

const LIMIT_WAIT_SQL = `SELECT set_config('lock_timeout', $1, true)`;

/**
 * Takes the lock of the builds to the end of the transaction, which has failed otherwise.
 *
 * @throws ApplicationException `builds_busy`
 */
export async function waitForBuilds(session: LongSession, waitMs: number): Promise<void> {
  await session.run(LIMIT_WAIT_SQL, `${waitMs}ms`);
  await lockBuilds(
    (sql) => session.run<{ pid: number }>(sql),
    (pid) => describeWait(waitMs, pid),
  );
  await session.run(LIMIT_WAIT_SQL, '0');
}

function describeWait(waitedMs: number, pid: number | null): string {
  const by = pid === null ? '' : ` by process ${pid} of the database server`;
  const end = pid === null ? '' : `: if it does not end, SELECT pg_terminate_backend(${pid}) ends it`;
  return (
    `The lock of the active users is held${by}, which a build waits for ${waitedMs / 1000} s at most${end}. ` +
    'The next rollup repeats the build; run a command again when the lock is free'
  );
}
