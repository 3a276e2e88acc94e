import { SystemClock } from '../../src/infrastructure/system/system-clock.js';
import { addDaysToKey } from '../../src/shared/utils/timezone.util.js';
import { createTestDatabase } from '../../test/support/database.js';
import { shanghaiDay } from '../../test/support/events.js';
import { openReplica } from '../../test/support/persistence.js';
import { openSql } from '../../test/support/sql.js';
import type { BenchContext } from '../support/context.js';
import { compareFlushes, FLUSH_EVENTS, type Log } from '../support/flush-cost.js';
import { format, print } from '../support/output.js';
import type { Comparison } from '../support/results.js';

/** The fewest days that a service has: some of them ahead. */
export const FEW_DAYS = 5;
const DAYS_AHEAD = 3;
const DAYS_A_CALL = 400;

/** Compares a flush into a log of years with one into a log of days, flush by flush: CPU of PostgreSQL, and latency. */
export async function comparePartitions({ servers, scale }: BenchContext): Promise<Comparison[]> {
  const logs: Log[] = [];
  try {
    print(`\nCreating the partitions of ${FEW_DAYS} and of ${format(scale.partitionDays)} days`);
    for (const days of [FEW_DAYS, scale.partitionDays]) {
      logs.push(await createLog(servers.database.ownerUrl, days));
    }
    return await compareFlushes(
      scale,
      {
        id: 'partitions',
        work: `A flush of ${FLUSH_EVENTS} events, ${format(scale.partitionDays)} daily partitions`,
        limitedBy: `the same with ${FEW_DAYS} daily partitions`,
      },
      logs as [Log, Log],
    );
  } finally {
    for (const { replica, database } of logs) {
      await replica.close();
      await database.drop();
    }
  }
}

/** Creates a database with the partitions of that many days, of which the last are ahead. */
export async function createLog(serverUrl: string, days: number): Promise<Log> {
  const database = await createTestDatabase(serverUrl);
  const owner = await openSql(database.ownerUrl);
  const last = addDaysToKey(shanghaiDay(), DAYS_AHEAD);
  for (let oldest = days - 1; oldest >= 0; oldest -= DAYS_A_CALL) {
    await owner.rows('SELECT analytics_ensure_partitions($1, $2)', [
      addDaysToKey(last, -oldest),
      addDaysToKey(last, -Math.max(0, oldest - DAYS_A_CALL + 1)),
    ]);
  }
  await owner.close();
  // One connection, whose process is measured.
  const replica = openReplica(database.serviceUrl, new SystemClock(), 1);
  return { database, replica };
}
