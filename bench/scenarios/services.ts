import type { Service, Settings } from '../../test/support/service.js';
import { compare, type ComparisonDescription } from '../support/comparison.js';
import type { BenchContext } from '../support/context.js';
import { emptyLog } from '../support/event-log.js';
import type { Load } from '../support/load.js';
import { expectUsersOnline } from '../support/load-checks.js';
import { measureService, warmUp } from '../support/measure-load.js';
import type { Comparison } from '../support/results.js';

const CONNECTIONS = 64;
const WORKERS = 2;
const HEARTBEATS: Load = { kind: 'heartbeat', batchSize: 1, connections: CONNECTIONS };
/** Limits that are counted for each request, and that one generator and its installs do not reach. */
const COUNTED_LIMITS = { RATE_LIMIT_PER_ADDRESS: '10000000', RATE_LIMIT_PER_INSTALL: '10000000' };

/** Compares two workers with one process, which share the machine's cores with the stores and the generator. */
export function compareWorkers(context: BenchContext): Promise<Comparison> {
  return compareWithOneProcess(
    context,
    {
      id: 'workers',
      work: `Heartbeats with WORKERS=${WORKERS}, ${CONNECTIONS} connections`,
      limitedBy: 'one process, the same requests',
      goal: { atLeast: 1.25 },
    },
    { WORKERS: String(WORKERS) },
  );
}

/** Compares heartbeats whose address and install are counted in Redis, as in production, with the same uncounted. */
export function compareRateLimits(context: BenchContext): Promise<Comparison> {
  return compareWithOneProcess(
    context,
    {
      id: 'limits',
      work: `Heartbeats with the limits of production counted, ${CONNECTIONS} connections`,
      limitedBy: 'the same without limits',
    },
    COUNTED_LIMITS,
  );
}

async function compareWithOneProcess(
  context: BenchContext,
  description: Omit<ComparisonDescription, 'unit'>,
  settings: Settings,
): Promise<Comparison> {
  const other = await context.servers.startService(settings);
  try {
    const [ours, theirs] = [contextOf(context, context.services), contextOf(context, [other])];
    await warmUp(ours, HEARTBEATS);
    await warmUp(theirs, HEARTBEATS, { processes: Number(settings['WORKERS'] ?? 1) });
    return await compare(
      context,
      { unit: 'requests/s', ...description },
      {
        reset: () => emptyLog(context.servers),
        measureLimit: () => measureHeartbeats(ours),
        measureService: () => measureHeartbeats(theirs),
      },
    );
  } finally {
    await other.stop();
  }
}

function contextOf(context: BenchContext, services: readonly Service[]): BenchContext {
  const [first] = services;
  return { ...context, services: services.slice(0, 1), serviceUrl: first?.url ?? '' };
}

async function measureHeartbeats(context: BenchContext): ReturnType<typeof measureService> {
  const measurement = await measureService(context, HEARTBEATS, expectUsersOnline(context, HEARTBEATS));
  // The peak would be that of the primary process alone.
  const { value, latency, cpuMicroseconds, cpuSeconds, dropped } = measurement;
  return {
    value,
    ...(latency !== undefined && { latency }),
    ...(cpuMicroseconds !== undefined && { cpuMicroseconds }),
    ...(cpuSeconds !== undefined && { cpuSeconds }),
    ...(dropped !== undefined && { dropped }),
  };
}
