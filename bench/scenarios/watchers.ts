import { signToken } from '../../test/support/http.js';
import { compare } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { emptyLog } from '../support/event-log.js';
import { startPushServer, type Load } from '../support/load.js';
import { expectUsersOnline } from '../support/load-checks.js';
import { measureService, warmUp } from '../support/measure-load.js';
import { format, print } from '../support/output.js';
import type { Comparison, Measurement } from '../support/results.js';
import { measureWatcherCpu } from '../support/watcher-cpu.js';
import { Watchers } from '../support/watchers.js';

const WATCHERS = 1_000;
const CONNECTIONS = 64;
/** The service has jobs of each minute, so its window is a minute in a whole run; sockets have none. */
const SERVICE_WINDOW = 6;
const SOCKETS_WINDOW = 2;

/** Compares the CPU that watchers of `GET /live` add with that of their sockets, and of the heartbeats beside them. */
export async function compareWatchers(context: BenchContext): Promise<Comparison[]> {
  return [await compareWithSockets(context), await compareHeartbeatsBeside(context)];
}

/** The limit writes the same bytes to as many sockets and does nothing else. */
export async function compareWithSockets({
  services,
  scale,
}: Pick<BenchContext, 'services' | 'scale'>): Promise<Comparison> {
  const measure = async (who: string, urls: readonly string[], windows: number): Promise<Measurement> => {
    const { without, beside } = await measureWatcherCpu(urls, WATCHERS, windows * scale.seconds);
    print(`  ${who}: ${format(without)} ms of CPU a second without watchers, ${format(beside)} beside them`);
    return { value: beside - without };
  };
  const sockets = await startPushServer();
  try {
    return await compare(
      { scale },
      {
        id: 'watchers',
        work: `CPU that ${format(WATCHERS)} watchers of GET /live add, one reading each 5 s`,
        limitedBy: 'a Node server that writes the same bytes to as many sockets',
        unit: 'ms/s',
        goal: { atMost: 1.5 },
      },
      {
        measureLimit: () => measure('sockets', [sockets.url], SOCKETS_WINDOW),
        measureService: () =>
          measure(
            'service',
            services.map(({ url }) => url),
            SERVICE_WINDOW,
          ),
      },
    );
  } finally {
    await sockets.stop();
  }
}

/** Compares by CPU: on a shared machine the clients of the watchers take from the rate. */
async function compareHeartbeatsBeside(context: BenchContext): Promise<Comparison> {
  const load: Load = { kind: 'heartbeat', batchSize: 1, connections: CONNECTIONS };
  const measure = async (): Promise<Measurement> => {
    const measurement = await measureService(context, load, expectUsersOnline(context, load));
    print(`  ${format(measurement.value)} requests/s`);
    return { ...measurement, value: measurement.cpuMicroseconds ?? NaN };
  };
  await warmUp(context, load);
  return compare(
    context,
    {
      id: 'heartbeats-beside-watchers',
      work: `CPU of a heartbeat, ${CONNECTIONS} connections, beside ${format(WATCHERS)} watchers of GET /live`,
      limitedBy: 'the same without watchers',
      unit: 'µs',
      goal: { atMost: 1.05 },
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
