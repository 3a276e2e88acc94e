import { compare } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { emptyLog } from '../support/event-log.js';
import type { Load } from '../support/load.js';
import { expectOnlineCount } from '../support/load-checks.js';
import { compareWithEmptyRoute, measureService } from '../support/measure-load.js';
import { putUsersOnline } from '../support/online-users.js';
import { format } from '../support/output.js';
import type { Comparison, Measurement } from '../support/results.js';
import { INGEST_CONNECTIONS } from './batches.js';

const FEW_USERS = 1_000;

/** Compares the count of many users with the empty route, and with the count of few users. */
export async function compareOnlineCounts(context: BenchContext): Promise<Comparison[]> {
  const { onlineUsers } = context.scale;
  const load: Load = { kind: 'online-count', batchSize: 1, connections: INGEST_CONNECTIONS };
  const measureWith = async (users: number): Promise<Measurement> => {
    await putUsersOnline(context, users);
    return measureService(context, load, expectOnlineCount(context, users));
  };
  await putUsersOnline(context, onlineUsers);
  const againstEmptyRoute = await compareWithEmptyRoute(
    context,
    {
      id: 'online-count',
      work: `Online count of ${format(onlineUsers)} users, ${INGEST_CONNECTIONS} connections`,
      goal: { atLeast: 0.6 },
    },
    { load, check: expectOnlineCount(context, onlineUsers) },
  );
  const againstFewUsers = await compare(
    context,
    {
      id: 'online-count-growth',
      work: `Online count of ${format(onlineUsers)} users beside ${format(FEW_USERS)}`,
      limitedBy: `the same with ${format(FEW_USERS)} users`,
      unit: 'requests/s',
      goal: { atLeast: 0.9 },
    },
    {
      reset: () => emptyLog(context.servers),
      measureLimit: () => measureWith(FEW_USERS),
      measureService: () => measureWith(onlineUsers),
    },
  );
  await context.servers.redis.flushdb();
  return [againstEmptyRoute, againstFewUsers];
}
