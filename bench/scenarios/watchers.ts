import { signToken } from '../../test/support/http.js';
import { compare } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { emptyLog } from '../support/event-log.js';
import type { Load } from '../support/load.js';
import { expectUsersOnline } from '../support/load-checks.js';
import { measureService, warmUp } from '../support/measure-load.js';
import { format } from '../support/output.js';
import type { Comparison } from '../support/results.js';
import { Watchers } from '../support/watchers.js';

const WATCHERS = 1_000;
const CONNECTIONS = 64;

/** Compares heartbeats beside a thousand watchers of `GET /live` with heartbeats alone. */
export async function compareWatchers(context: BenchContext): Promise<Comparison> {
  const load: Load = { kind: 'heartbeat', batchSize: 1, connections: CONNECTIONS };
  const measure = () => measureService(context, load, expectUsersOnline(context, load));
  await warmUp(context, load);
  return compare(
    context,
    {
      id: 'watchers',
      work: `Heartbeats, ${CONNECTIONS} connections, beside ${format(WATCHERS)} watchers of GET /live`,
      limitedBy: 'the same without watchers',
      unit: 'requests/s',
      goal: { atLeast: 0.9 },
    },
    {
      reset: () => emptyLog(context.servers),
      measureLimit: measure,
      measureService: async () => {
        const urls = context.services.map(({ url }) => url);
        const watchers = await Watchers.open(urls, WATCHERS, signToken({ userId: '1' }));
        try {
          return await measure();
        } finally {
          watchers.close();
        }
      },
    },
  );
}
